//! States that cannot be read or written: never lost, and told what to do about.

use durable::objects::{ObjectError, STATE_LIMIT, SendError};
use sea_orm::ConnectionTrait as _;

use super::tally::{Message, State, Tally, objects, objects_at};
use crate::support::{Fixture, NOW, on_both_databases};

on_both_databases!(
    a_state_of_a_newer_version_is_refused_and_left_alone,
    a_state_of_an_older_version_is_read_by_its_upgrade,
    a_state_that_would_be_too_large_parks_the_object_with_the_one_it_had,
    a_state_that_cannot_be_read_parks_the_object_as_it_is,
    a_large_state_within_the_limit_is_kept,
);

async fn stored(fixture: &Fixture, name: &str) -> (String, i64) {
    let sql = "SELECT state, state_version FROM objects WHERE class = 'tally' AND name = $1";
    let statement = fixture.store.dialect().statement(sql, [name.into()]);
    let row = fixture.store.database().read().query_one_raw(statement).await.unwrap().unwrap();
    (row.try_get("", "state").unwrap(), row.try_get("", "state_version").unwrap())
}

async fn overwrite(fixture: &Fixture, name: &str, state: String) {
    let sql = "UPDATE objects SET state = $2 WHERE class = 'tally' AND name = $1";
    let statement = fixture.store.dialect().statement(sql, [name.into(), state.into()]);
    let transaction = fixture.store.database().begin().await.unwrap();
    transaction.execute_raw(statement).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn a_state_of_a_newer_version_is_refused_and_left_alone(fixture: Fixture) {
    let newer = objects_at::<3>(&fixture);
    newer.get::<Tally<3>>("a").send(Message::Add(5)).await.unwrap();
    newer.get::<Tally<3>>("a").set_alarm(NOW).await.unwrap();
    let before = stored(&fixture, "a").await;

    let older = objects_at::<2>(&fixture);
    let error = older.get::<Tally<2>>("a").send(Message::Add(5)).await.unwrap_err();
    let SendError::Object(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, ObjectError::NewerState { found: 3, known: 2, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the state of tally a is of version 3, and this program knows them up to 2: upgrade this node. The state is untouched"
    );
    older.get::<Tally<2>>("a").snapshot().await.unwrap_err();
    assert_eq!(older.run_due().await.unwrap(), 0);
    assert_eq!(older.status().await.unwrap()[0].parked, 1);
    let parked = older.parked("tally", "", 10).await.unwrap();
    assert_eq!((parked.len(), parked[0].name.as_str()), (1, "a"));
    assert_eq!(parked[0].reason, "its state is of version 3, this node knows 2: upgrade this node");
    assert_eq!(stored(&fixture, "a").await, before);

    assert_eq!(newer.status().await.unwrap()[0].parked, 0);
    assert_eq!(newer.run_due().await.unwrap(), 1);
    assert_eq!(newer.get::<Tally<3>>("a").send(Message::Add(5)).await.unwrap(), 10);
}

async fn a_state_of_an_older_version_is_read_by_its_upgrade(fixture: Fixture) {
    objects(&fixture).get::<Tally>("a").send(Message::Add(5)).await.unwrap();
    let newer = objects_at::<2>(&fixture);
    let tally = newer.get::<Tally<2>>("a");
    // The upgrade of these tests adds a hundred, and once it is stored it is not done again.
    assert_eq!(tally.snapshot().await.unwrap().state.total, 105);
    tally.send(Message::Refuse).await.unwrap_err();
    assert_eq!(stored(&fixture, "a").await.1, 1);
    assert_eq!(tally.send(Message::Add(1)).await.unwrap(), 106);
    assert_eq!(tally.send(Message::Add(1)).await.unwrap(), 107);
    assert_eq!(stored(&fixture, "a").await.1, 2);
}

async fn a_state_that_would_be_too_large_parks_the_object_with_the_one_it_had(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("a");
    tally.send(Message::Add(5)).await.unwrap();
    let before = stored(&fixture, "a").await;
    let error = tally.send(Message::Grow(STATE_LIMIT)).await.unwrap_err();
    let SendError::Object(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, ObjectError::UnwritableState { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the new state of tally a is larger than 1048576 bytes, so it is parked with the state it had: install a version \
         that keeps less, or resume the object and send less"
    );
    assert_eq!(stored(&fixture, "a").await, before);
    let error = tally.send(Message::Add(1)).await.unwrap_err();
    assert!(matches!(error, SendError::Object(ObjectError::Parked { .. })), "{error:?}");
    assert_eq!(tally.snapshot().await.unwrap().state.total, 5);
    assert_eq!(objects.parked("tally", "", 10).await.unwrap().len(), 1);

    assert!(objects.resume("tally", "a").await.unwrap());
    assert!(!objects.resume("tally", "a").await.unwrap());
    assert_eq!(tally.send(Message::Add(1)).await.unwrap(), 6);
    assert!(objects.parked("tally", "", 10).await.unwrap().is_empty());
}

async fn a_state_that_cannot_be_read_parks_the_object_as_it_is(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("a");
    tally.send(Message::Add(5)).await.unwrap();
    for broken in ["{", "{\"total\":\"five\"}", &format!("{{\"total\":1,\"ballast\":\"{}\"}}", "x".repeat(STATE_LIMIT))]
    {
        overwrite(&fixture, "a", broken.to_owned()).await;
        let error = tally.send(Message::Add(1)).await.unwrap_err();
        assert!(matches!(error, SendError::Object(ObjectError::UnreadableState { .. })), "{error:?}");
        let error = tally.send(Message::Add(1)).await.unwrap_err();
        assert!(matches!(error, SendError::Object(ObjectError::Parked { .. })), "{error:?}");
        assert!(stored(&fixture, "a").await.0 == broken);
        assert!(tally.resume().await.unwrap());
    }
    // Repaired by hand and resumed; or tried again by a newer version of the class.
    overwrite(&fixture, "a", "{".to_owned()).await;
    tally.send(Message::Add(1)).await.unwrap_err();
    let repaired = State { total: 8, ..State::default() };
    overwrite(&fixture, "a", serde_json::to_string(&repaired).unwrap()).await;
    let newer = objects_at::<2>(&fixture);
    assert_eq!(newer.get::<Tally<2>>("a").send(Message::Add(1)).await.unwrap(), 109);
    assert!(newer.parked("tally", "", 10).await.unwrap().is_empty());
}

async fn a_large_state_within_the_limit_is_kept(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    tally.send(Message::Grow(STATE_LIMIT - 200)).await.unwrap();
    // More than goes into one batch by weight.
    let sends = futures_util::future::join_all((0..20).map(|_| tally.send(Message::Add(1)))).await;
    assert!(sends.iter().all(Result::is_ok), "{sends:?}");
    assert_eq!(tally.snapshot().await.unwrap().state.total, 20);
}
