//! What an operator sees of objects.

use std::time::Duration;

use durable::objects::{Alarm, ObjectSummary, STATE_LIMIT};
use serde_json::{Value, json};

use super::tally::{Message, Tally, objects, objects_at};
use crate::support::{Fixture, NOW, on_both_databases};

on_both_databases!(objects_are_listed_by_name, an_object_is_shown_with_its_state_and_why_it_is_parked);

async fn objects_are_listed_by_name(fixture: Fixture) {
    let tallies = objects(&fixture);
    for name in ["b/2", "a", "c"] {
        tallies.get::<Tally>(name).send(Message::Add(1)).await.unwrap();
    }
    let alarm = Alarm::Set(NOW.plus(Duration::from_secs(5)));
    tallies.get::<Tally>("c").send(Message::Alarm(alarm)).await.unwrap();
    tallies.get::<Tally>("a").send(Message::Grow(STATE_LIMIT)).await.unwrap_err();
    let page = tallies.list("tally", false, "", 2).await.unwrap();
    assert_eq!(page.iter().map(|object| object.name.as_str()).collect::<Vec<_>>(), ["a", "b/2"]);
    let rest = tallies.list("tally", false, &page[1].name, 2).await.unwrap();
    let last = ObjectSummary {
        name: "c".to_owned(),
        version: 2,
        updated_at: NOW,
        alarm_at: Some(NOW.plus(Duration::from_secs(5))),
        parked: None,
    };
    assert_eq!(rest, [last]);
    let parked = tallies.list("tally", true, "", 10).await.unwrap();
    assert_eq!(parked, page[..1]);
    assert!(parked[0].parked.as_deref().unwrap().contains("larger than"), "{parked:?}");
    assert!(tallies.knows("tally") && !tallies.knows("other"));
    assert!(tallies.list("other", false, "", 10).await.unwrap().is_empty());
}

async fn an_object_is_shown_with_its_state_and_why_it_is_parked(fixture: Fixture) {
    let newer = objects_at::<3>(&fixture);
    newer.get::<Tally<3>>("a:b/c").send(Message::Add(5)).await.unwrap();
    let shown = newer.find("tally", "a:b/c").await.unwrap().unwrap();
    assert_eq!((shown.state_version, shown.alarm_attempts, &shown.summary.parked), (3, 0, &None));
    assert_eq!(serde_json::from_str::<Value>(&shown.state).unwrap()["total"], json!(5));
    // A node that does not know the state yet takes no messages for it.
    let older = objects_at::<2>(&fixture).find("tally", "a:b/c").await.unwrap().unwrap();
    assert_eq!(
        older.summary.parked.as_deref(),
        Some("its state is of version 3, this node knows 2: upgrade this node")
    );
    assert_eq!(older.state, shown.state);
    assert_eq!(newer.find("tally", "b").await.unwrap(), None);
    assert_eq!(newer.find("other", "a:b/c").await.unwrap(), None);
}
