//! Taking clicks in exactly once.

use data_ops::analytics::{Range, Scope, count};
use data_ops::clicks::{
    Click, DeadLetter, DeadLetterKey, RecordError, StoredDeadLetter, count_dead_letters, dead_letters_after,
    delete_dead_letter, find_dead_letter, link_counters, list_dead_letters, log_position, record_clicks,
    record_clicks_without_position, record_dead_letters, replay_dead_letter, set_aside,
};
use data_ops::database::Database;
use data_ops::types::Timestamp;
use uuid::Uuid;

use crate::support::{Fixture, NOW, click, later, link_id, on_both_databases, workspace_id};

on_both_databases!(
    a_batch_read_again_changes_nothing,
    new_clicks_at_a_passed_position_are_stored,
    an_overlapping_batch_counts_new_clicks_only,
    a_click_twice_in_a_batch_counts_once,
    logs_and_consumers_have_their_own_positions,
    bots_are_stored_but_not_counted,
    batches_taken_in_at_once_all_count,
    a_refused_batch_leaves_nothing,
    dead_letters_are_set_aside_once,
    clicks_without_a_position_are_taken_in_once,
    a_replayed_dead_letter_is_counted_and_gone,
    a_dead_letter_that_is_refused_again_stays,
    dead_letters_are_read_page_by_page,
);

const LOG: Uuid = Uuid::from_u128(1);

fn batch(numbers: std::ops::Range<u32>) -> Vec<Click> {
    numbers
        .map(|number| {
            let link = link_id(u8::try_from(number % 5).unwrap());
            click(number, workspace_id(1), link, later(i64::from(number) * 1000))
        })
        .collect()
}

async fn total(db: &Database) -> u64 {
    let range = Range::all(Timestamp::from_millis(NOW.as_millis() * 2));
    let sum = count(db, Scope::Workspace(workspace_id(1)), range).await.unwrap();
    // The counters of the links agree.
    let ids: Vec<_> = (0..=255).map(link_id).collect();
    let counters = link_counters(db, &ids).await.unwrap();
    assert_eq!(counters.values().map(|counter| counter.clicks).sum::<u64>(), sum);
    sum
}

async fn record(db: &Database, clicks: &[Click], position: (u64, u64)) -> u64 {
    record_clicks(db, LOG, "ingest", clicks, position).await.unwrap().inserted
}

async fn a_batch_read_again_changes_nothing(fixture: Fixture) {
    let db = fixture.clicks();
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), None);
    let clicks = batch(0..1000);
    assert_eq!(record(db, &clicks, (0, 500)).await, 1000);
    assert_eq!(record(db, &clicks, (0, 500)).await, 0, "as after a lost answer");
    assert_eq!(record(db, &clicks[..900], (0, 400)).await, 0, "as in a replay");
    assert_eq!(record(db, &clicks, (1, 0)).await, 0);
    assert_eq!(total(db).await, 1000);
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), Some((1, 0)));
    let counters = link_counters(db, &[link_id(4), link_id(9)]).await.unwrap();
    assert_eq!(counters.len(), 1);
    assert_eq!(counters[&link_id(4)].clicks, 200);
    assert_eq!(counters[&link_id(4)].last_clicked_at, Some(later(999_000)));
}

/// A log that was emptied, restored or is replayed brings lower positions, and any clicks with them.
async fn new_clicks_at_a_passed_position_are_stored(fixture: Fixture) {
    let db = fixture.clicks();
    record(db, &batch(0..100), (3, 500)).await;
    assert_eq!(record(db, &batch(100..110), (3, 500)).await, 10, "at the very same place");
    assert_eq!(record(db, &batch(90..130), (1, 400)).await, 20, "at a lower one, among known clicks");
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), Some((1, 400)), "to go on there after a crash");
    assert_eq!(record(db, &batch(130..140), (1, 450)).await, 10);
    assert_eq!(total(db).await, 140);
}

async fn an_overlapping_batch_counts_new_clicks_only(fixture: Fixture) {
    let db = fixture.clicks();
    record(db, &batch(0..700), (0, 10)).await;
    assert_eq!(record(db, &batch(400..1500), (0, 20)).await, 800);
    assert_eq!(total(db).await, 1500);
}

async fn a_click_twice_in_a_batch_counts_once(fixture: Fixture) {
    let db = fixture.clicks();
    let clicks = [batch(0..10), batch(5..12)].concat();
    assert_eq!(record(db, &clicks, (0, 1)).await, 12);
    assert_eq!(total(db).await, 12);
}

async fn logs_and_consumers_have_their_own_positions(fixture: Fixture) {
    let db = fixture.clicks();
    record(db, &batch(0..10), (3, 9)).await;
    let other_log = Uuid::from_u128(2);
    let inserted = record_clicks(db, other_log, "ingest", &batch(10..20), (0, 1)).await.unwrap();
    assert_eq!(inserted.inserted, 10);
    assert_eq!(log_position(db, other_log, "ingest").await.unwrap(), Some((0, 1)));
    assert_eq!(log_position(db, LOG, "map").await.unwrap(), None);
    // An empty batch moves the position on.
    assert_eq!(record(db, &[], (4, 0)).await, 0);
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), Some((4, 0)));
}

async fn bots_are_stored_but_not_counted(fixture: Fixture) {
    let db = fixture.clicks();
    let mut clicks = batch(0..10);
    for click in &mut clicks[..4] {
        click.bot = true;
    }
    assert_eq!(record(db, &clicks, (0, 1)).await, 10);
    assert_eq!(total(db).await, 6);
    let only_bots: Vec<Click> =
        batch(20..21).into_iter().map(|click| Click { bot: true, link_id: link_id(77), ..click }).collect();
    record(db, &only_bots, (0, 2)).await;
    let counter = link_counters(db, &[link_id(77)]).await.unwrap()[&link_id(77)];
    assert_eq!((counter.clicks, counter.last_clicked_at), (0, None));
}

async fn batches_taken_in_at_once_all_count(fixture: Fixture) {
    let db = fixture.clicks();
    let batches: Vec<Vec<Click>> = (0..8).map(|number| batch(number * 100..number * 100 + 150)).collect();
    let taken = batches.iter().enumerate().map(|(number, clicks)| async move {
        let log = Uuid::from_u128(10 + number as u128);
        loop {
            match record_clicks(db, log, "ingest", clicks, (0, 1)).await {
                Ok(recorded) => return recorded.inserted,
                Err(RecordError::Unavailable(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    let inserted: u64 = futures_util::future::join_all(taken).await.into_iter().sum();
    assert_eq!(inserted, 850);
    assert_eq!(total(db).await, 850);
}

/// SQLite takes any text; PostgreSQL's has no place for NUL. A country code too many is refused by neither.
async fn a_refused_batch_leaves_nothing(fixture: Fixture) {
    let db = fixture.clicks();
    let mut clicks = batch(0..300);
    clicks[250].referer = "bad\0host".into();
    let result = record_clicks(db, LOG, "ingest", &clicks, (0, 1)).await;
    match &fixture.config {
        data_ops::database::DatabaseConfig::Sqlite { .. } => assert!(result.is_ok()),
        data_ops::database::DatabaseConfig::Postgres { .. } => {
            assert!(matches!(result, Err(RecordError::Rejected(_))), "{result:?}");
            assert_eq!(total(db).await, 0);
            assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), None);
            clicks.remove(250);
            assert_eq!(record(db, &clicks, (0, 1)).await, 299);
        }
    }
}

async fn dead_letters_are_set_aside_once(fixture: Fixture) {
    let db = fixture.clicks();
    record(db, &batch(0..3), (0, 100)).await;
    let letter = |offset| DeadLetter {
        position: (0, offset),
        payload: vec![0, 159, 146, 150],
        error: "not a click\0".to_owned(),
    };
    for _ in 0..2 {
        let letters = [letter(100), letter(120)];
        record_dead_letters(db, LOG, "ingest", &letters, (0, 140), NOW).await.unwrap();
    }
    assert_eq!(count_dead_letters(db).await.unwrap(), 2);
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), Some((0, 140)));
    let stored = list_dead_letters(db, 1).await.unwrap();
    assert_eq!(stored[0].letter.position, (0, 120));
    assert_eq!(stored[0].letter.payload, [0, 159, 146, 150]);
    // A replay has its letters too, and goes on behind them.
    record_dead_letters(db, LOG, "ingest", &[letter(7)], (0, 8), NOW).await.unwrap();
    assert_eq!(log_position(db, LOG, "ingest").await.unwrap(), Some((0, 8)));
    assert_eq!(count_dead_letters(db).await.unwrap(), 3);
}

async fn clicks_without_a_position_are_taken_in_once(fixture: Fixture) {
    let db = fixture.clicks();
    let take_in = async |clicks: &[Click]| record_clicks_without_position(db, clicks).await.unwrap().inserted;
    assert_eq!(take_in(&batch(0..100)).await, 100);
    assert_eq!(take_in(&batch(50..150)).await, 50, "in any order, and again");
    assert_eq!(take_in(&batch(0..100)).await, 0);
    assert_eq!(take_in(&[]).await, 0);
    assert_eq!(total(db).await, 150);
}

fn stored(number: u64) -> StoredDeadLetter {
    let letter = DeadLetter { position: (number, 7), payload: vec![1, 2, 3], error: "not a click".to_owned() };
    StoredDeadLetter { log: LOG, consumer: "in.gest".to_owned(), letter, created_at: NOW }
}

async fn a_replayed_dead_letter_is_counted_and_gone(fixture: Fixture) {
    let db = fixture.clicks();
    set_aside(db, &[stored(1), stored(2), stored(2)]).await.unwrap();
    let (first, second) = (stored(1).key(), stored(2).key());
    assert_eq!(find_dead_letter(db, &first).await.unwrap(), Some(stored(1)));
    let replay = async |key, clicks: &[Click]| {
        replay_dead_letter(db, key, clicks).await.unwrap().map(|recorded| recorded.inserted)
    };
    assert_eq!(replay(&first, &batch(0..1)).await, Some(1));
    assert_eq!(find_dead_letter(db, &first).await.unwrap(), None);
    assert_eq!(replay(&first, &batch(1..2)).await, None, "only a letter that is there brings clicks");
    assert_eq!(replay(&second, &batch(0..1)).await, Some(0), "counted already, and no letter any more");
    assert_eq!((total(db).await, count_dead_letters(db).await.unwrap()), (1, 0));
    assert_eq!(log_position(db, LOG, "in.gest").await.unwrap(), None);

    set_aside(db, &[stored(3)]).await.unwrap();
    assert!(delete_dead_letter(db, &stored(3).key()).await.unwrap());
    assert!(!delete_dead_letter(db, &stored(3).key()).await.unwrap());
    assert_eq!(total(db).await, 1);
}

async fn a_dead_letter_that_is_refused_again_stays(fixture: Fixture) {
    let db = fixture.clicks();
    set_aside(db, &[stored(1)]).await.unwrap();
    let mut clicks = batch(0..2);
    clicks[1].referer = "bad\0host".into();
    let result = replay_dead_letter(db, &stored(1).key(), &clicks).await;
    let left = (total(db).await, count_dead_letters(db).await.unwrap());
    match &fixture.config {
        data_ops::database::DatabaseConfig::Sqlite { .. } => assert_eq!(left, (2, 0)),
        data_ops::database::DatabaseConfig::Postgres { .. } => {
            assert!(matches!(result, Err(RecordError::Rejected(_))), "{result:?}");
            assert_eq!(left, (0, 1));
        }
    }
}

async fn dead_letters_are_read_page_by_page(fixture: Fixture) {
    let db = fixture.clicks();
    let all: Vec<StoredDeadLetter> = (0..7).map(stored).collect();
    set_aside(db, &all).await.unwrap();
    let (mut read, mut last): (Vec<StoredDeadLetter>, Option<DeadLetterKey>) = (Vec::new(), None);
    loop {
        let page = dead_letters_after(db, last.as_ref(), 3).await.unwrap();
        let Some(end) = page.last() else { break };
        last = Some(end.key());
        read.extend(page);
    }
    assert_eq!(read, all);
}

#[test]
fn a_dead_letter_is_addressed_by_its_text() {
    let key = stored(9).key();
    assert_eq!(key.to_string(), "00000000-0000-0000-0000-000000000001.9.7.in.gest");
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    let log = key.log;
    for text in ["", "x.1.2.c".to_owned().as_str(), &format!("{log}.1.2"), &format!("{log}.-1.2.c")] {
        assert!(text.parse::<DeadLetterKey>().is_err(), "{text}");
    }
}
