//! Several nodes on one PostgreSQL: one is killed, another stands still until its leases have ended, and goes on then.

use std::{collections::HashMap, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{Ground, Plan, Process, eventually, journal::Entry, reckoning};
use crate::support::{scale, seed};

const LEASE: Duration = Duration::from_millis(600);

/// Asked for by each process.
fn asks() -> u64 {
    scale(40, 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_had_begun_is_ended_by_the_other_when_it_is_killed() {
    let (ground, mut random) = (Ground::postgres(LEASE).await, StdRng::seed_from_u64(seed()));
    let mut nodes = started(&ground, ["a", "b"]).await;
    for round in 0..scale(2, 20) {
        pause(&mut random).await;
        nodes[0].kill().await;
        nodes.remove(0);
        nodes.push(ground.start(ground.plan(format!("c{round}"), asks())).await);
    }
    let entries = all_done(&ground, nodes).await;
    assert_eq!(reckoning::begun_again(&entries), Vec::<&Entry>::new());
    assert!(shared(&entries) > 0, "nothing was taken over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_doubles_nothing_when_it_goes_on() {
    let (ground, mut random) = (Ground::postgres(LEASE).await, StdRng::seed_from_u64(seed()));
    let mut nodes = started(&ground, ["a", "b", "c"]).await;
    for round in 0..scale(2, 20) {
        pause(&mut random).await;
        nodes[1].freeze().await;
        // With a third of the nodes gone and another standing still, the last one has all to do.
        nodes[0].kill().await;
        tokio::time::sleep(2 * LEASE).await;
        nodes[1].thaw().await;
        nodes.remove(0);
        nodes.push(ground.start(ground.plan(format!("d{round}"), asks())).await);
    }
    let entries = all_done(&ground, nodes).await;
    // A node that stood still may say once more of each run what it was about to say, but goes no further.
    let mut times: HashMap<(&str, &str), usize> = HashMap::new();
    for entry in reckoning::begun_again(&entries) {
        let run = entry.subject.split_once(' ').unwrap().0;
        *times.entry((&entry.process, run)).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    assert!(shared(&entries) > 0, "nothing was taken over");
}

/// Its connection looks alive, so PostgreSQL has to end it for the rows to be free: after ten seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_inside_a_transaction_holds_nothing_up_for_ever() {
    let ground = Ground::postgres(LEASE).await;
    let slow = Plan { inside: Duration::from_secs(2), ..ground.plan("a", 3) };
    let frozen = ground.start(slow).await;
    let entries_of = |what: &'static str| ground.entries().into_iter().filter(move |entry| entry.what == what);
    eventually("it is inside a transaction", async || entries_of("inside").next().is_some()).await;
    frozen.freeze().await;
    // Whose job this is, is not known before that transaction is over.
    let held = entries_of("inside").next().unwrap().subject;
    ground.start(Plan { until_done: true, ..ground.plan("b", 3) }).await.end().await;
    let effects = ground.look(async |store| reckoning::effects_of_jobs(store).await).await;
    assert_eq!(effects.get(&held), Some(&1));
    frozen.thaw().await;
    all_done(&ground, vec![frozen]).await;
}

async fn started<const N: usize>(ground: &Ground, names: [&str; N]) -> Vec<Process> {
    let mut nodes = Vec::new();
    for name in names {
        nodes.push(ground.start(ground.plan(name, asks())).await);
    }
    nodes
}

async fn pause(random: &mut StdRng) {
    tokio::time::sleep(Duration::from_millis(random.random_range(100..600))).await;
}

/// Waits until all that was asked for is done, and reckons.
async fn all_done(ground: &Ground, nodes: Vec<Process>) -> Vec<Entry> {
    let asked =
        |node: &Process| ground.entries().iter().any(|entry| entry.what == "asked" && entry.process == node.name);
    eventually("everything is asked for", async || nodes.iter().all(asked)).await;
    ground.look(async |store| eventually("everything is done", async || reckoning::is_done(store).await).await).await;
    drop(nodes);
    let entries = ground.entries();
    ground.look(async |store| reckoning::everything_once(store, &entries).await).await;
    entries
}

/// How many runs were begun by one process and gone on with by another.
fn shared(entries: &[Entry]) -> usize {
    let mut processes: HashMap<&str, std::collections::HashSet<&str>> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.what == "step") {
        processes.entry(entry.subject.split_once(' ').unwrap().0).or_default().insert(&entry.process);
    }
    processes.values().filter(|processes| processes.len() > 1).count()
}
