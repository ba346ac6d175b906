//! Messages: one at a time, each on its own.

use std::sync::{Arc, Mutex};

use durable::jobs::{JobContext, JobError, JobHandler, Jobs, QueueOptions};
use durable::objects::{Classes, ObjectError, ObjectParts, Objects, SendError};
use futures_util::future::join_all;

use super::tally::{Errand, Message, Refusal, State, Tally, objects, parts};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_message_is_answered_and_remembered,
    messages_of_many_callers_are_handled_one_at_a_time,
    a_message_that_fails_changes_nothing_and_disturbs_nobody,
    an_object_that_only_refused_does_not_exist,
    a_caller_that_is_gone_is_heard_all_the_same,
    objects_do_not_wait_for_each_other,
    a_job_is_put_down_with_the_state_or_not_at_all,
    a_full_mailbox_and_impossible_objects_are_told,
);

async fn a_message_is_answered_and_remembered(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("one");
    assert_eq!(tally.snapshot().await.unwrap().version, 0);
    assert_eq!(tally.send(Message::Add(3)).await.unwrap(), 3);
    assert_eq!(tally.send(Message::Add(4)).await.unwrap(), 7);
    let snapshot = tally.snapshot().await.unwrap();
    assert_eq!((snapshot.version, snapshot.state), (2, State { total: 7, ..State::default() }));
    assert_eq!(objects.get::<Tally>("other").send(Message::Add(1)).await.unwrap(), 1);
}

async fn messages_of_many_callers_are_handled_one_at_a_time(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("hot");
    let mut replies: Vec<u64> = join_all((0..600).map(|_| async { tally.send(Message::Add(1)).await.unwrap() })).await;
    replies.sort_unstable();
    assert_eq!(replies, (1..=600).collect::<Vec<u64>>());
    assert_eq!(tally.snapshot().await.unwrap().version, 600);
}

async fn a_message_that_fails_changes_nothing_and_disturbs_nobody(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("mixed");
    let results = join_all((0..90).map(|number| {
        let message = match number % 3 {
            0 => Message::Add(1),
            1 => Message::Refuse,
            _ => Message::Panic,
        };
        tally.send(message)
    }))
    .await;
    for (number, result) in results.into_iter().enumerate() {
        match number % 3 {
            0 => assert!(result.is_ok(), "{result:?}"),
            1 => assert!(matches!(result, Err(SendError::Refused(Refusal))), "{result:?}"),
            _ => {
                let error = result.unwrap_err();
                assert!(matches!(error, SendError::Object(ObjectError::Panicked { .. })), "{error:?}");
                assert_eq!(error.to_string(), "tally panicked: told to");
            }
        }
    }
    let snapshot = tally.snapshot().await.unwrap();
    assert_eq!((snapshot.version, snapshot.state.total), (30, 30));
}

async fn an_object_that_only_refused_does_not_exist(fixture: Fixture) {
    let objects = objects(&fixture);
    objects.get::<Tally>("none").send(Message::Refuse).await.unwrap_err();
    assert_eq!(objects.status().await.unwrap()[0].objects, 0);
}

async fn a_caller_that_is_gone_is_heard_all_the_same(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("left");
    {
        let leaving = tally.send(Message::Add(1));
        tokio::pin!(leaving);
        assert!(futures_util::poll!(&mut leaving).is_pending());
    }
    // Behind the first in the same mailbox.
    assert_eq!(tally.send(Message::Add(1)).await.unwrap(), 2);
}

async fn objects_do_not_wait_for_each_other(fixture: Fixture) {
    let objects = objects(&fixture);
    let sends = (0..300).map(|number| {
        let tally = objects.get::<Tally>(format!("{}", number % 60));
        async move { tally.send(Message::Add(1)).await.unwrap() }
    });
    join_all(sends).await;
    let status = &objects.status().await.unwrap()[0];
    assert_eq!((status.class, status.objects, status.parked), ("tally", 60, 0));
    for number in 0..60 {
        assert_eq!(objects.get::<Tally>(number.to_string()).snapshot().await.unwrap().state.total, 5);
    }
}

async fn a_job_is_put_down_with_the_state_or_not_at_all(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let objects = Objects::new(ObjectParts { jobs: Some(jobs.clone()), ..parts::<1>(&fixture) });
    let done = Arc::new(Mutex::new(Vec::new()));
    let worker = jobs.worker::<Errand, _>(Done(done.clone()), QueueOptions::default());
    let tally = objects.get::<Tally>("a");
    let sends = [
        tally.send(Message::PutDown("one".to_owned())),
        tally.send(Message::Refuse),
        tally.send(Message::PutDown("two".to_owned())),
        tally.send(Message::PutDown("x".repeat(300 * 1024))),
    ];
    let results: Vec<bool> = join_all(sends).await.iter().map(Result::is_ok).collect();
    assert_eq!(results, [true, false, true, false]);
    worker.run_due().await.unwrap();
    let mut done = done.lock().unwrap().clone();
    done.sort();
    assert_eq!(done, ["one", "two"]);
}

/// Writes down which errands it did.
struct Done(Arc<Mutex<Vec<String>>>);

impl JobHandler<Errand> for Done {
    async fn run(&self, job: Errand, _context: JobContext) -> Result<(), JobError> {
        self.0.lock().unwrap().push(job.0);
        Ok(())
    }
}

async fn a_full_mailbox_and_impossible_objects_are_told(fixture: Fixture) {
    let mut parts = parts::<1>(&fixture);
    parts.options.waiting = 10;
    let objects = Objects::new(parts);
    let tally = objects.get::<Tally>("full");
    let results = join_all((0..100).map(|_| tally.send(Message::Add(1)))).await;
    let done = results.iter().filter(|result| result.is_ok()).count();
    assert!((10..100).contains(&done), "{done}");
    for result in results {
        assert!(matches!(result, Ok(_) | Err(SendError::Object(ObjectError::Overloaded { .. }))), "{result:?}");
    }
    assert_eq!(tally.snapshot().await.unwrap().state.total, done as u64);

    for name in [String::new(), "x".repeat(257), "a\0b".to_owned()] {
        let error = objects.get::<Tally>(name).send(Message::Add(1)).await.unwrap_err();
        assert!(matches!(error, SendError::Object(ObjectError::Name { .. })), "{error:?}");
    }
    let empty = Objects::new(ObjectParts::new(fixture.store.clone(), Classes::default(), &fixture.tasks));
    let error = empty.get::<Tally>("x").snapshot().await.unwrap_err();
    assert!(matches!(error, ObjectError::UnknownClass { class: "tally" }), "{error:?}");
}
