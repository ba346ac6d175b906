//! Dead letters of clicks, replayed.

use std::sync::Arc;

use data_ops::{
    analytics::{Range, Scope, count},
    clicks::{DeadLetter, StoredDeadLetter, count_dead_letters, list_dead_letters, set_aside},
    clock::ManualClock,
    database::{DatabaseConfig, Databases},
    routing::DecidedBy,
    types::{ClickId, LinkId, Timestamp, WorkspaceId},
};
use data_service::clicks::{CLICK_CONSUMER, CapturedClick, ClickSink, ReplayError, Replayed, ReplayedAll};
use test_postgres::TestDatabase;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);
const LOG: Uuid = Uuid::from_u128(7);

#[tokio::test]
async fn sqlite_dead_letters_are_counted_once_when_they_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    dead_letters_are_counted_once(DatabaseConfig::Sqlite { directory: directory.path().to_owned() }).await;
}

#[tokio::test]
async fn postgres_dead_letters_are_counted_once_when_they_can_be_read() {
    let database = TestDatabase::create().await.unwrap();
    dead_letters_are_counted_once(DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 4 })
        .await;
}

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(3))
}

fn click(number: u128) -> Vec<u8> {
    let mut bytes = Vec::new();
    let click = CapturedClick {
        id: ClickId::from_uuid(Uuid::from_u128(number)),
        link: LinkId::from_uuid(Uuid::from_u128(2)),
        workspace: workspace(),
        at: NOW,
        country: None,
        prefetch: false,
        decided_by: DecidedBy::Default,
        destination: "https://shop.example/",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        referrer: "",
    };
    click.encode(&mut bytes);
    bytes
}

fn letter(number: u64, payload: Vec<u8>) -> StoredDeadLetter {
    let letter = DeadLetter { position: (1, number), payload, error: "as it was".to_owned() };
    StoredDeadLetter { log: LOG, consumer: CLICK_CONSUMER.to_owned(), letter, created_at: NOW }
}

async fn dead_letters_are_counted_once(config: DatabaseConfig) {
    let databases = Databases::connect(&config).await.unwrap();
    databases.migrate().await.unwrap();
    let database = databases.clicks;
    let sink = ClickSink::new(database.clone(), Arc::new(ManualClock::new(NOW)));
    let clicks = async || {
        count(&database, Scope::Workspace(workspace()), Range::all(Timestamp::from_millis(2 * NOW.as_millis())))
            .await
            .unwrap()
    };
    // Two letters of one click, and one of a layout this version does not know.
    let letters = [letter(1, click(100)), letter(2, click(100)), letter(3, vec![9, 9, 9])];
    set_aside(&database, &letters).await.unwrap();
    let [first, second, newer] = letters.map(|letter| letter.key());

    assert_eq!(sink.replay(&first).await.unwrap(), Replayed::Counted);
    assert!(matches!(sink.replay(&first).await, Err(ReplayError::Gone)));
    assert_eq!(sink.replay(&second).await.unwrap(), Replayed::Known);
    assert!(matches!(sink.replay(&newer).await, Err(ReplayError::Unreadable(_))));
    assert_eq!((clicks().await, count_dead_letters(&database).await.unwrap()), (1, 1));

    // More than are read at once.
    let many: Vec<StoredDeadLetter> =
        (0..450).map(|number| letter(1_000 + number, click(1_000 + u128::from(number)))).collect();
    set_aside(&database, &many).await.unwrap();
    assert_eq!(sink.replay_all().await.unwrap(), ReplayedAll { replayed: 450, refused: 1 });
    assert_eq!(clicks().await, 451);
    assert_eq!(list_dead_letters(&database, 10).await.unwrap()[0].key(), newer);
}
