//! Records through the log into the database.

use std::time::{Duration, Instant};

use data_ops::database::DatabaseError;
use durable::{
    log::{
        BatchSink, ConsumerOptions, DeadLetter, Durability, Log, LogOptions, LogRecord, Position, RecordBatch,
        SinkError, Source, run_consumer,
    },
    store::Store,
};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Value};

use crate::home::Home;

/// Each waits for the disk before it goes on.
const WRITERS: u32 = 8;
const RECORDS_TOGETHER: u32 = 100;
const RECORD: [u8; 100] = [b'r'; 100];
/// The most values one statement takes stays far away.
const ROWS_TOGETHER: usize = 500;

/// A row of its own for each record, and the position, in one transaction.
struct Rows {
    store: Store,
}

/// Seconds until the last of `count` records is in the database.
pub(crate) async fn in_and_out(home: &Home, count: u32) -> f64 {
    for sql in [
        "CREATE TABLE bench_rows (segment BIGINT NOT NULL, record_offset BIGINT NOT NULL, payload BLOB NOT NULL, \
         PRIMARY KEY (segment, record_offset))",
        "CREATE TABLE bench_position (segment BIGINT NOT NULL, record_offset BIGINT NOT NULL)",
    ] {
        execute(&home.store, vec![(sql.to_owned(), Vec::new())]).await.unwrap();
    }
    let options = LogOptions {
        consumers: vec!["rows".to_owned()],
        ..LogOptions::new(home.directory().join("log"), Durability::Disk)
    };
    let log = Log::open(options).unwrap();
    let sink = Rows { store: home.store.clone() };
    let stop = home.stop.child_token();
    let options = ConsumerOptions { max_wait: Duration::from_millis(50), ..ConsumerOptions::default() };
    let began = Instant::now();
    let writers = join_all((0..WRITERS).map(|_| write(&log, count / WRITERS / RECORDS_TOGETHER)));
    let both = async {
        writers.await;
        // What is written by now is applied before the consumer ends.
        stop.cancel();
    };
    let (end, ()) = tokio::join!(run_consumer(&log, "rows", &sink, options, stop.clone()), both);
    let seconds = began.elapsed().as_secs_f64();
    assert!(end.drained, "records were left in the log");
    log.close();
    let written = f64::from(count / WRITERS / RECORDS_TOGETHER * WRITERS * RECORDS_TOGETHER);
    seconds * f64::from(count) / written
}

async fn write(log: &Log, batches: u32) {
    for _ in 0..batches {
        let mut batch = RecordBatch::new();
        for _ in 0..RECORDS_TOGETHER {
            batch.push(|bytes| bytes.extend_from_slice(&RECORD)).unwrap();
        }
        let end = log.append(&batch).unwrap();
        log.wait_durable(end).await.unwrap();
    }
}

impl BatchSink for Rows {
    async fn position(&self, _: &Source) -> Result<Option<Position>, SinkError> {
        let sql = self.store.dialect().statement("SELECT segment, record_offset FROM bench_position", []);
        let row = self.store.database().read().query_one_raw(sql).await.map_err(unavailable)?;
        row.map(|row| {
            let number = |column| row.try_get::<i64>("", column).map(i64::unsigned_abs);
            Ok(Position::new(number("segment")?, number("record_offset")?))
        })
        .transpose()
        .map_err(|error: sea_orm::DbErr| unavailable(error))
    }

    async fn apply(&self, _: &Source, records: &[LogRecord], next: Position) -> Result<(), SinkError> {
        let mut statements: Vec<(String, Vec<Value>)> = records
            .chunks(ROWS_TOGETHER)
            .map(|rows| {
                let places: Vec<String> = (0..rows.len())
                    .map(|row| format!("(${},${},${})", row * 3 + 1, row * 3 + 2, row * 3 + 3))
                    .collect();
                let values = rows.iter().flat_map(|row| {
                    let [segment, offset] = numbers(row.start);
                    [segment, offset, row.payload.to_vec().into()]
                });
                (format!("INSERT INTO bench_rows VALUES {}", places.join(",")), values.collect())
            })
            .collect();
        statements.push(("DELETE FROM bench_position".to_owned(), Vec::new()));
        statements.push(("INSERT INTO bench_position VALUES ($1, $2)".to_owned(), numbers(next).to_vec()));
        execute(&self.store, statements).await.map_err(unavailable)
    }

    async fn bury(&self, _: &Source, dead: &[DeadLetter], _: Position) -> Result<(), SinkError> {
        panic!("{} records were refused: {}", dead.len(), dead[0].error);
    }
}

fn numbers(position: Position) -> [Value; 2] {
    [position.segment, position.offset].map(|number| i64::try_from(number).unwrap().into())
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> SinkError {
    SinkError::Unavailable(Box::new(error))
}

async fn execute(store: &Store, statements: Vec<(String, Vec<Value>)>) -> Result<(), DatabaseError> {
    let dialect = store.dialect();
    store
        .write(move |transaction| {
            Box::pin(async move {
                for (sql, values) in statements {
                    transaction.execute_raw(dialect.statement(sql, values)).await?;
                }
                Ok(())
            })
        })
        .await
}
