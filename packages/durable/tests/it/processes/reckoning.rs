//! What is in the database, against what the nodes were answered and what they did.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use durable::store::Store;
use sea_orm::{ConnectionTrait as _, TryGetable};
use tokio_util::task::TaskTracker;

use super::{
    journal::Entry,
    node::{Register, objects},
};

async fn column<T: TryGetable>(store: &Store, sql: &str) -> Vec<T> {
    let rows = store.database().read().query_all_raw(store.dialect().statement(sql, [])).await.unwrap();
    rows.iter().map(|row| row.try_get("", "value").unwrap()).collect()
}

/// Whether all that was asked for has come to its end.
pub async fn is_done(store: &Store) -> bool {
    let left = "SELECT (SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM objects WHERE alarm_at IS NOT NULL) + \
                (SELECT COUNT(*) FROM workflows WHERE status = 'running') AS value";
    column::<i64>(store, left).await == [0]
}

/// The runs that a process had claimed when it was killed.
pub async fn claimed(store: &Store) -> BTreeSet<String> {
    column(store, "SELECT id AS value FROM workflows WHERE lease_until IS NOT NULL").await.into_iter().collect()
}

/// The steps whose results are stored, as the journal names them.
pub async fn finished_steps(store: &Store) -> HashSet<String> {
    let sql = "SELECT workflow_id || ' ' || name AS value FROM workflow_steps WHERE finished_at IS NOT NULL";
    column(store, sql).await.into_iter().collect()
}

/// How often each job took effect.
pub async fn effects_of_jobs(store: &Store) -> HashMap<String, usize> {
    times(column(store, "SELECT what AS value FROM job_effects").await)
}

/// How often each of these is there.
fn times(values: Vec<String>) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for value in values {
        *times.entry(value).or_default() += 1;
    }
    times
}

fn noted<'a>(entries: &'a [Entry], what: &'a str) -> impl Iterator<Item = &'a Entry> {
    entries.iter().filter(move |entry| entry.what == what)
}

/// All that was answered is there, once; and all that is there came to its end.
pub async fn everything_once(store: &Store, entries: &[Entry]) {
    assert!(is_done(store).await);
    let dead: Vec<String> = column(store, "SELECT error AS value FROM dead_jobs").await;
    assert!(dead.is_empty(), "{dead:?}");
    let unfinished: Vec<String> = column(
        store,
        "SELECT id || ': ' || COALESCE(error, status) AS value FROM workflows WHERE status <> 'succeeded'",
    )
    .await;
    assert!(unfinished.is_empty(), "{unfinished:?}");

    let effects = effects_of_jobs(store).await;
    let doubled: Vec<_> = effects.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "jobs took effect twice: {doubled:?}");
    for job in noted(entries, "job") {
        assert!(effects.contains_key(&job.subject), "lost: {}", job.subject);
    }

    let runs: BTreeSet<String> = column(store, "SELECT id AS value FROM workflows").await.into_iter().collect();
    for run in noted(entries, "run") {
        assert!(runs.contains(&run.subject), "lost: {}", run.subject);
    }
    let effects_of_runs = times(column(store, "SELECT run AS value FROM run_effects").await);
    let expected: HashMap<String, usize> = runs.into_iter().map(|run| (run, 1)).collect();
    assert_eq!(effects_of_runs, expected);

    objects_once(store, entries, &effects).await;

    let mut seconds: Vec<i64> = column(store, "SELECT due_at AS value FROM cron_effects").await;
    seconds.sort_unstable();
    assert!(seconds.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "runs of each second: {seconds:?}");
    assert!(!seconds.is_empty());
}

async fn objects_once(store: &Store, entries: &[Entry], effects: &HashMap<String, usize>) {
    let tasks = TaskTracker::new();
    let objects = objects(store, None, &tasks);
    let heard = objects.get::<Register>("hot").snapshot().await.unwrap().state.heard;
    let mut answered: BTreeMap<&str, u64> = BTreeMap::new();
    for message in noted(entries, "message") {
        *answered.entry(&message.process).or_default() += 1;
    }
    for (sender, answered) in answered {
        // The last one of a process that was killed may have been heard without its knowing.
        let heard = heard[sender];
        assert!(heard == answered || heard == answered + 1, "of {sender}: {heard} heard, {answered} answered");
    }
    let messages = effects.keys().filter(|what| what.starts_with("message ")).count() as u64;
    assert_eq!(messages, heard.values().sum::<u64>());

    for alarm in noted(entries, "alarm") {
        let rung = objects.get::<Register>(alarm.subject.as_str()).snapshot().await.unwrap().state.rung;
        assert_eq!(rung, 1, "{}", alarm.subject);
        assert!(effects.contains_key(&format!("alarm {}", alarm.subject)), "{}", alarm.subject);
    }
}

/// The beginnings of steps that came before their time: after a later one of their run had begun, so that their results
/// must have been stored.
pub fn begun_again(entries: &[Entry]) -> Vec<&Entry> {
    let mut latest: HashMap<&str, usize> = HashMap::new();
    noted(entries, "step")
        .filter(|entry| {
            let (run, step) = entry.subject.split_once(' ').unwrap();
            let order = ["fetch", "apply", "notify"].iter().position(|known| *known == step).unwrap();
            let latest = latest.entry(run).or_default();
            *latest = order.max(*latest);
            order < *latest
        })
        .collect()
}
