//! Writing: together, and each on its own.

use data_ops::database::DatabaseError;
use durable::store::{Dialect, Store, Transaction};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Value};

use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    an_error_undoes_its_own_work_alone,
    a_statement_that_is_refused_disturbs_nobody,
    a_panic_undoes_its_own_work_and_the_next_write_goes_on,
    a_caller_that_is_gone_disturbs_nobody,
    leases_go_by_a_clock_that_runs,
);

#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error("refused")]
    Refused,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

async fn pause(dialect: Dialect, transaction: &Transaction, queue: String) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO paused_queues (queue, paused_at) VALUES ($1, $2)";
    transaction.execute_raw(dialect.statement(sql, [Value::from(queue), Value::from(1_i64)])).await?;
    Ok(())
}

async fn write(store: &Store, queue: String, refuse: bool) -> Result<(), WorkError> {
    let dialect = store.dialect();
    store
        .write(move |transaction| {
            Box::pin(async move {
                pause(dialect, transaction, queue).await?;
                if refuse { Err(WorkError::Refused) } else { Ok(()) }
            })
        })
        .await
}

async fn paused(store: &Store) -> Vec<String> {
    let sql = "SELECT queue FROM paused_queues ORDER BY queue";
    let rows = store.database().read().query_all_raw(store.dialect().statement(sql, [])).await.unwrap();
    rows.iter().map(|row| row.try_get("", "queue").unwrap()).collect()
}

async fn an_error_undoes_its_own_work_alone(fixture: Fixture) {
    let writes = (0..40).map(|number| write(&fixture.store, format!("{number:02}"), number % 4 == 0));
    let results = join_all(writes).await;
    let stored = paused(&fixture.store).await;
    for (number, result) in results.into_iter().enumerate() {
        assert_eq!(result.is_err(), number % 4 == 0, "{number}: {result:?}");
        assert_eq!(stored.contains(&format!("{number:02}")), number % 4 != 0, "{number}");
    }
}

async fn a_statement_that_is_refused_disturbs_nobody(fixture: Fixture) {
    let pause_once = |queue: &str| {
        let sql = "INSERT INTO paused_queues (queue, paused_at) VALUES ($1, $2) RETURNING queue";
        let statement = fixture.store.dialect().statement(sql, [Value::from(queue), Value::from(1_i64)]);
        fixture.store.write_one(statement)
    };
    pause_once("there").await.unwrap();
    let (first, again, work, last) = futures_util::join!(
        pause_once("first"),
        pause_once("there"),
        write(&fixture.store, "work".to_owned(), false),
        pause_once("last")
    );
    assert_eq!(first.unwrap()[0].try_get::<String>("", "queue").unwrap(), "first");
    again.unwrap_err();
    work.unwrap();
    assert_eq!(last.unwrap().len(), 1);
    assert_eq!(paused(&fixture.store).await, ["first", "last", "there", "work"]);
}

async fn a_panic_undoes_its_own_work_and_the_next_write_goes_on(fixture: Fixture) {
    let dialect = fixture.store.dialect();
    let store = fixture.store.clone();
    let panicking = fixture.tasks.spawn(async move {
        store
            .write(move |transaction| {
                Box::pin(async move {
                    pause(dialect, transaction, "panics".to_owned()).await?;
                    assert_eq!(1, 2, "a defect");
                    Ok::<(), DatabaseError>(())
                })
            })
            .await
    });
    // Embedded the caller gets an error, on PostgreSQL its own panic.
    assert!(!matches!(panicking.await, Ok(Ok(()))));
    write(&fixture.store, "next".to_owned(), false).await.unwrap();
    assert_eq!(paused(&fixture.store).await, ["next"]);
}

async fn a_caller_that_is_gone_disturbs_nobody(fixture: Fixture) {
    let store = fixture.store.clone();
    let gone = fixture.tasks.spawn(async move { write(&store, "gone".to_owned(), false).await });
    gone.abort();
    let _aborted = gone.await;
    write(&fixture.store, "stays".to_owned(), false).await.unwrap();
    assert!(paused(&fixture.store).await.contains(&"stays".to_owned()));
}

async fn leases_go_by_a_clock_that_runs(fixture: Fixture) {
    let dialect = fixture.store.dialect();
    let sql = format!("SELECT {} AS now", dialect.lease_clock());
    let row = fixture.store.database().read().query_one_raw(dialect.statement(sql, [])).await.unwrap().unwrap();
    let now: i64 = row.try_get("", "now").unwrap();
    // Not the clock of the tests, which stands in March 2026.
    assert!(now > crate::support::NOW.as_millis(), "{now}");
}
