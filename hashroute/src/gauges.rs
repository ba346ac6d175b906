//! What waits, what was set aside and what comes next, as gauges of `/metrics`.
//!
//! # Properties
//! * A scrape shows the rows as they are, or as they were at most [`FRESH`] ago: several scrapers cost no more than one.
//! * A database that is slow or away does not keep a scrape waiting longer than [`PATIENCE`]. It shows the last figures then, and
//!   `hashroute_gauges_refreshed_timestamp_seconds` says of when they are.
//! * What is gone (a queue that was emptied and has no worker here) shows 0.
//!
//! # Races
//! * **Two scrapes.** The second does not wait for the reading of the first; it shows what there is.
//! * **Stop.** Reading ends with the service, wherever it is.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use data_ops::{
    clicks::count_dead_letters,
    clock::Clock,
    database::{Database, DatabaseError},
    types::Timestamp,
};
use durable::cron::CronOutcome;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use user_application::Background;

/// Figures this young are not read again.
const FRESH: Duration = Duration::from_secs(1);
/// How long a scrape waits for new figures.
const PATIENCE: Duration = Duration::from_millis(500);
/// Reading takes this long at most.
const LONGEST: Duration = Duration::from_secs(15);

/// The gauges. Cheap to clone.
#[derive(Clone)]
pub struct Gauges {
    /// Where rows are read.
    pub background: Background,
    /// Dead letters of clicks.
    pub clicks: Database,
    /// Tells the age of what waits.
    pub clock: Arc<dyn Clock>,
    /// Where reading goes on when a scrape waits no longer.
    pub tasks: TaskTracker,
    /// Ends reading.
    pub stop: CancellationToken,
    /// What was read last, and when.
    pub last: Arc<Mutex<Option<(Instant, Figures)>>>,
}

type Labels = Vec<(&'static str, String)>;

/// The values of gauges, by name and labels.
#[derive(Default)]
pub struct Figures(BTreeMap<(&'static str, Labels), f64>);

impl Figures {
    fn set<const N: usize>(&mut self, name: &'static str, labels: [(&'static str, &str); N], value: f64) {
        let labels = labels.map(|(label, value)| (label, value.to_owned()));
        self.0.insert((name, labels.into()), value);
    }

    /// Shows these, and 0 for those of `before` that are gone.
    fn show(&self, before: &Self) {
        let gone = before.0.keys().filter(|key| !self.0.contains_key(*key)).map(|key| (key, &0.0));
        for ((name, labels), value) in self.0.iter().chain(gone) {
            metrics::gauge!(*name, labels).set(*value);
        }
    }
}

impl Gauges {
    /// Brings the gauges up to date, or gives up waiting for that.
    pub async fn refresh(&self) {
        let Ok(mut last) = self.last.clone().try_lock_owned() else { return };
        if last.as_ref().is_some_and(|(at, _)| at.elapsed() < FRESH) {
            return;
        }
        let gauges = self.clone();
        let reading = self.tasks.spawn(async move {
            let read = gauges.stop.run_until_cancelled(timeout(LONGEST, gauges.read())).await;
            let error = match read {
                None => return,
                Some(Ok(Ok(figures))) => {
                    let before = last.take().map(|(_, before)| before).unwrap_or_default();
                    figures.show(&before);
                    *last = Some((Instant::now(), figures));
                    return;
                }
                Some(Ok(Err(error))) => error.to_string(),
                Some(Err(elapsed)) => elapsed.to_string(),
            };
            tracing::warn!(error, "what waits cannot be counted; the metrics show what was counted last");
        });
        // Then it goes on without this scrape.
        let _in_time = timeout(PATIENCE, reading).await;
    }

    async fn read(&self) -> Result<Figures, DatabaseError> {
        let mut figures = Figures::default();
        let now = self.clock.now();
        self.read_queues(&mut figures, now).await?;
        self.read_workflows(&mut figures, now).await?;
        for status in self.background.objects.status().await? {
            let class = [("class", status.class)];
            figures.set("hashroute_objects", class, number(status.objects));
            figures.set("hashroute_objects_alarms", class, number(status.alarms));
            figures.set("hashroute_objects_parked", class, number(status.parked));
        }
        self.read_crons(&mut figures).await?;
        figures.set("hashroute_gauges_refreshed_timestamp_seconds", [], seconds(now));
        Ok(figures)
    }

    async fn read_queues(&self, figures: &mut Figures, now: Timestamp) -> Result<(), DatabaseError> {
        for status in self.background.jobs.queues().await? {
            let queue = ("queue", status.queue.as_str());
            for (state, jobs) in [
                ("ready", status.ready),
                ("delayed", status.delayed),
                ("in_flight", status.in_flight),
                ("dead", status.dead),
            ] {
                figures.set("hashroute_jobs", [queue, ("state", state)], number(jobs));
            }
            figures.set("hashroute_jobs_oldest_ready_age_seconds", [queue], age(status.oldest_due_at, now));
            figures.set("hashroute_jobs_paused", [queue], f64::from(u8::from(status.paused)));
        }
        figures.set("hashroute_clicks_dead_letters", [], number(count_dead_letters(&self.clicks).await?));
        Ok(())
    }

    async fn read_workflows(&self, figures: &mut Figures, now: Timestamp) -> Result<(), DatabaseError> {
        for status in self.background.workflows.kinds().await? {
            let kind = ("kind", status.kind.as_str());
            for (state, runs) in [
                ("due", status.due),
                ("asleep", status.asleep),
                ("in_flight", status.in_flight),
                ("paused", status.paused),
                ("parked", status.parked),
            ] {
                figures.set("hashroute_workflows", [kind, ("state", state)], number(runs));
            }
            figures.set("hashroute_workflows_oldest_due_age_seconds", [kind], age(status.oldest_due_at, now));
        }
        Ok(())
    }

    async fn read_crons(&self, figures: &mut Figures) -> Result<(), DatabaseError> {
        for status in self.background.crons.list().await? {
            let cron = ("cron", status.name.as_str());
            figures.set("hashroute_cron_next_run_timestamp_seconds", [cron], seconds(status.next_at));
            figures.set("hashroute_cron_paused", [cron], f64::from(u8::from(status.paused)));
            let Some(last) = status.last_run else { continue };
            figures.set("hashroute_cron_last_run_timestamp_seconds", [cron], seconds(last.started_at));
            for outcome in [CronOutcome::Started, CronOutcome::Skipped, CronOutcome::Asked] {
                let is_last = f64::from(u8::from(outcome == last.outcome));
                figures.set("hashroute_cron_last_outcome", [cron, ("outcome", outcome.as_str())], is_last);
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn number(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millis() as f64 / 1_000.0
}

fn age(oldest: Option<Timestamp>, now: Timestamp) -> f64 {
    oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64())
}
