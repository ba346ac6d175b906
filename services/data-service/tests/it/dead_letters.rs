//! Dead letters of clicks, replayed.

use std::sync::Arc;

use bytes::Bytes;
use data_ops::{
    analytics::{Range, Scope, count},
    clicks::{
        ClickQueue as _, DeadLetter, ReplayLetterError, ReplayedLetters, StoredDeadLetter, count_dead_letters,
        list_dead_letters, set_aside,
    },
    clock::ManualClock,
    database::{DatabaseConfig, Databases},
    routing::DecidedBy,
    types::{ClickId, LinkId, Timestamp, WorkspaceId},
};
use data_service::clicks::{
    CLICK_CONSUMER, CapturedClick, ClickOperations, ClickSink, ReplayError, Replayed, ReplayedAll,
};
use durable::{
    log::{BatchSink, DeadLetter as DeadRecord, LogRecord, Position, SinkError, Source},
    stream::{StreamDeadLetter, StreamRecord, StreamSink},
};
use serde_json::json;
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
        served_backup: None,
        served_reason: None,
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

#[tokio::test]
async fn sqlite_clicks_and_dead_letters_are_the_same_from_the_log_and_from_the_stream() {
    let directory = tempfile::tempdir().unwrap();
    both_ways_lead_to_the_same(DatabaseConfig::Sqlite { directory: directory.path().to_owned() }).await;
}

#[tokio::test]
async fn postgres_clicks_and_dead_letters_are_the_same_from_the_log_and_from_the_stream() {
    let database = TestDatabase::create().await.unwrap();
    both_ways_lead_to_the_same(DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 4 }).await;
}

async fn both_ways_lead_to_the_same(config: DatabaseConfig) {
    let databases = Databases::connect(&config).await.unwrap();
    databases.migrate().await.unwrap();
    let database = databases.clicks;
    let sink = ClickSink::new(database.clone(), Arc::new(ManualClock::new(NOW)));
    let payloads = [click(1), click(2), vec![9, 9, 9]].map(Bytes::from);
    let places = [0, 100, 200].map(|offset| Position::new(1, offset));
    let source = Source { log: LOG, consumer: CLICK_CONSUMER.to_owned() };
    let end = Position::new(1, 300);
    let from_log: Vec<LogRecord> = std::iter::zip(places, &payloads)
        .map(|(start, payload)| LogRecord { start, end, payload: payload.clone() })
        .collect();
    let from_stream: Vec<StreamRecord> = std::iter::zip(places, &payloads)
        .map(|(position, payload)| StreamRecord { log: LOG, position, payload: payload.clone() })
        .collect();

    BatchSink::apply(&sink, &source, &from_log[..1], places[1]).await.unwrap();
    // The first is known, the second new.
    StreamSink::apply(&sink, &from_stream[..2]).await.unwrap();
    BatchSink::apply(&sink, &source, &from_log[..2], places[2]).await.unwrap();
    let all = Range::all(Timestamp::from_millis(2 * NOW.as_millis()));
    assert_eq!(count(&database, Scope::Workspace(workspace()), all).await.unwrap(), 2);
    assert_eq!(sink.position(&source).await.unwrap(), Some(places[2]), "the stream moves no position");

    let refused = StreamSink::apply(&sink, &from_stream).await;
    assert!(matches!(refused, Err(SinkError::Rejected(_))));
    let error = "as it was".to_owned();
    StreamSink::bury(&sink, &[StreamDeadLetter { record: from_stream[2].clone(), error: error.clone() }])
        .await
        .unwrap();
    BatchSink::bury(&sink, &source, &[DeadRecord { record: from_log[2].clone(), error }], end).await.unwrap();
    let [dead] = &list_dead_letters(&database, 10).await.unwrap()[..] else { panic!("not once") };
    assert_eq!((dead.consumer.as_str(), dead.letter.position, dead.created_at), (CLICK_CONSUMER, (1, 200), NOW));
    assert!(matches!(sink.replay(&dead.key()).await, Err(ReplayError::Unreadable(_))));
}

#[tokio::test]
async fn operators_see_what_is_in_a_dead_letter_and_why_it_stays() {
    let directory = tempfile::tempdir().unwrap();
    let databases =
        Databases::connect(&DatabaseConfig::Sqlite { directory: directory.path().to_owned() }).await.unwrap();
    databases.migrate().await.unwrap();
    let sink = ClickSink::new(databases.clicks.clone(), Arc::new(ManualClock::new(NOW)));
    let operations = ClickOperations::new(sink, None);
    assert_eq!(operations.status().await, None, "a process beside the service knows nothing of its log");
    let fields = operations.describe(&click(100)).unwrap();
    assert_eq!((&fields["destination"], &fields["at"]), (&json!("https://shop.example/"), &json!(NOW)));
    assert_eq!(operations.describe(&[9, 9, 9]), None);

    let letters = [letter(1, click(100)), letter(2, vec![9, 9, 9])];
    set_aside(&databases.clicks, &letters).await.unwrap();
    let [good, newer] = letters.map(|letter| letter.key());
    operations.replay(&good).await.unwrap();
    assert!(matches!(operations.replay(&good).await, Err(ReplayLetterError::Gone)));
    let refused = operations.replay(&newer).await.unwrap_err().to_string();
    assert!(refused.contains("cannot be read: ") && refused.contains("layout 9"), "{refused}");
    assert_eq!(operations.replay_all().await.unwrap(), ReplayedLetters { replayed: 0, refused: 1 });
}
