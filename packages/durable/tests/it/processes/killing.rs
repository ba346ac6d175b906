//! `kill -9`, again and again, under load.

use std::{collections::HashSet, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{Ground, Plan, journal::Entry, reckoning};
use crate::support::{scale, seed};

/// What is in flight when a process is killed is taken up again within this after the next one has begun, and what the
/// lease of the killed one lasts.
const TAKEN_UP: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_nothing_is_lost_or_doubled_by_kill_9() {
    survive(Ground::sqlite().await, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_nothing_is_lost_or_doubled_by_kill_9() {
    let lease = Duration::from_millis(900);
    survive(Ground::postgres(lease).await, lease).await;
}

/// How long runs that were in flight waited in the next process: none when that was killed before.
#[derive(Default)]
struct Waits(Vec<Duration>);

async fn survive(ground: Ground, lease: Duration) {
    let mut random = StdRng::seed_from_u64(seed());
    let mut in_flight = std::collections::BTreeSet::new();
    let mut finished = HashSet::new();
    let mut waits = Waits::default();
    for round in 0..scale(6, 100) {
        let before = ground.entries().len();
        let mut process = ground.start(ground.plan(format!("n{round}"), u64::MAX)).await;
        // Now and then long enough for a lease to end and for work to be taken up.
        let longest = if random.random_bool(0.3) { lease.as_millis() + 700 } else { 300 };
        let life = Duration::from_millis(random.random_range(10..u64::try_from(longest).unwrap()));
        tokio::time::sleep(life).await;
        process.kill().await;
        let entries = ground.entries();
        let new = &entries[before..];
        nothing_finished_ran_again(new, &finished);
        waits.add(new, &in_flight, lease);
        (in_flight, finished) =
            ground.look(async |store| (reckoning::claimed(store).await, reckoning::finished_steps(store).await)).await;
    }
    let before = ground.entries().len();
    let last = Plan { until_done: true, ..ground.plan("last", 3) };
    ground.start(last).await.end().await;
    let entries = ground.entries();
    nothing_finished_ran_again(&entries[before..], &finished);
    waits.add(&entries[before..], &in_flight, lease);

    assert_eq!(reckoning::begun_again(&entries), Vec::<&Entry>::new());
    ground.look(async |store| reckoning::everything_once(store, &entries).await).await;
    waits.are_short(lease);
}

fn nothing_finished_ran_again(entries: &[Entry], finished: &HashSet<String>) {
    let again = entries.iter().find(|entry| entry.what == "step" && finished.contains(&entry.subject));
    assert_eq!(again, None, "its result was stored");
}

impl Waits {
    /// From the beginning of a process until it was in a step of each run that the one before had claimed.
    fn add(&mut self, entries: &[Entry], in_flight: &std::collections::BTreeSet<String>, lease: Duration) {
        let up = entries.iter().find(|entry| entry.what == "up").unwrap().at;
        let died = entries.last().unwrap().at;
        let since = |at: i64| Duration::from_millis(u64::try_from(at - up).unwrap_or(0));
        for run in in_flight {
            let of_run = |entry: &&Entry| entry.what == "step" && entry.subject.starts_with(&format!("{run} "));
            match entries.iter().find(of_run) {
                Some(step) => self.0.push(since(step.at)),
                None => assert!(since(died) < lease + 10 * TAKEN_UP, "{run} was not taken up: {entries:?}"),
            }
        }
    }

    /// Nine of ten as fast as is promised, the others (this machine may do something else for a while) not much slower.
    #[expect(clippy::print_stderr, reason = "what was measured is to be seen")]
    fn are_short(mut self, lease: Duration) {
        self.0.sort_unstable();
        let (count, last) = (self.0.len(), self.0.last().copied().unwrap_or_default());
        let most = self.0.get(count * 9 / 10).copied().unwrap_or_default();
        eprintln!("{count} runs were taken up again, nine of ten within {most:?}, all within {last:?}");
        assert!(most <= lease + TAKEN_UP && last <= lease + 10 * TAKEN_UP, "{:?}", self.0);
    }
}
