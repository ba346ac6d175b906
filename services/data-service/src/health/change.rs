//! Bringing destinations, and the links that lead there, to what their objects say.

use std::sync::Arc;

use data_ops::{
    database::DatabaseError,
    destinations::{
        self, Destination, Freeze, HealthChange, HealthChanged, HealthUpdate, WindowCounts, begin_freeze,
        count_checked, hold_destination, hold_latest_freeze, lift_freeze, set_health, set_held, set_pin,
    },
    links::LinkObserver,
    types::{HealthState, Slug, Timestamp, UserId},
};
use durable::{
    jobs::{BoxError, CompleteError, Job, JobContext, JobError, JobHandler},
    objects::{ObjectError, Objects},
    store::{Store, Transaction},
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{ApplyHealth, DestinationHealth, FreezeSettings};

/// Who else has to know what became of a destination: rows in the same transaction, so that nothing is told of what did not happen.
pub trait HealthListener: Send + Sync {
    /// This became of a destination.
    fn changed<'t>(
        &'t self,
        transaction: &'t Transaction,
        destination: &'t Destination,
        change: &'t HealthChange,
    ) -> BoxFuture<'t, Result<(), BoxError>>;

    /// From now on failover is held back; with a `lifted_at`, no longer.
    fn frozen<'t>(&'t self, transaction: &'t Transaction, freeze: &'t Freeze) -> BoxFuture<'t, Result<(), BoxError>>;

    /// What was written is committed.
    fn committed(&self);
}

/// For installations in which nobody is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyListens;

impl HealthListener for NobodyListens {
    fn changed<'t>(
        &'t self,
        _: &'t Transaction,
        _: &'t Destination,
        _: &'t HealthChange,
    ) -> BoxFuture<'t, Result<(), BoxError>> {
        Box::pin(async { Ok(()) })
    }

    fn frozen<'t>(&'t self, _: &'t Transaction, _: &'t Freeze) -> BoxFuture<'t, Result<(), BoxError>> {
        Box::pin(async { Ok(()) })
    }

    fn committed(&self) {}
}

/// Why destinations could not be brought to what is to be.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The object could not be read.
    #[error("the health of the destination cannot be read")]
    Object(#[from] ObjectError),
    /// The job is somebody else's.
    #[error(transparent)]
    Job(#[from] CompleteError),
    /// Who has to know could not be told.
    #[error("the change of health could not be passed on")]
    Listener(#[source] BoxError),
}

/// Looks whether failover is to be held back, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewFreeze;

impl Job for ReviewFreeze {
    const QUEUE: &'static str = "review_freeze";
    const VERSION: u16 = 1;
}

/// Brings destinations to what is to be, and tells everybody.
pub struct HealthChanges {
    /// Says how destinations are.
    pub objects: Objects,
    /// Where destinations and links are.
    pub store: Store,
    /// Told of links that lead elsewhere now.
    pub links: Arc<dyn LinkObserver>,
    /// Who else has to know.
    pub listener: Arc<dyn HealthListener>,
    /// When failover is held back.
    pub freeze: FreezeSettings,
}

impl HealthChanges {
    /// Does the jobs of the objects.
    pub fn applying(self: Arc<Self>) -> impl JobHandler<ApplyHealth> {
        move |job: ApplyHealth, context: JobContext| {
            let this = self.clone();
            async move {
                let within = this.clone();
                let work = this.store.write(move |transaction| {
                    Box::pin(async move {
                        let changed = within.bring(transaction, job).await?;
                        context.complete_in(transaction).await?;
                        Ok::<_, ChangeError>(changed)
                    })
                });
                let changed = work.await.map_err(JobError::retry)?;
                this.tell(&changed);
                Ok(())
            }
        }
    }

    /// Does what the schedule asks for.
    pub fn reviewing(self: Arc<Self>) -> impl JobHandler<ReviewFreeze> {
        move |_: ReviewFreeze, _: JobContext| {
            let this = self.clone();
            async move { this.review().await.map_err(JobError::retry) }
        }
    }

    /// Ends the freeze that lasts: what was held back is led elsewhere now. Answers whether there was one.
    ///
    /// # Errors
    /// See [`ChangeError`]; nothing changed then.
    pub async fn lift(self: &Arc<Self>, by: UserId) -> Result<bool, ChangeError> {
        let within = self.clone();
        let work = self.store.write(move |transaction| {
            Box::pin(async move {
                hold_latest_freeze(transaction).await?;
                within.lift_in(transaction, Some(by), within.store.now()).await
            })
        });
        let lifted = work.await?;
        self.tell(lifted.as_deref().unwrap_or_default());
        Ok(lifted.is_some())
    }

    /// Begins a freeze that is due, and lifts one that no longer is.
    ///
    /// # Errors
    /// See [`ChangeError`]; nothing changed then.
    pub async fn review(self: &Arc<Self>) -> Result<(), ChangeError> {
        let within = self.clone();
        let work = self.store.write(move |transaction| {
            Box::pin(async move {
                let now = within.store.now();
                let last = hold_latest_freeze(transaction).await?;
                let lasts = last.as_ref().is_some_and(|freeze| freeze.lifted_at.is_none());
                let counts = count_checked(transaction, within.freeze.from(now, last.as_ref())).await?;
                match (lasts, within.freeze.is_exceeded(counts)) {
                    (true, false) => Ok(within.lift_in(transaction, None, now).await?.unwrap_or_default()),
                    (false, true) => within.begin(transaction, counts, now).await,
                    _ => Ok::<_, ChangeError>(Vec::new()),
                }
            })
        });
        let changed = work.await?;
        self.tell(&changed);
        Ok(())
    }

    async fn bring(&self, transaction: &Transaction, job: ApplyHealth) -> Result<Vec<HealthChanged>, ChangeError> {
        let ApplyHealth { workspace, destination: id, evaluation, by } = job;
        let object = self.objects.get::<DestinationHealth>(DestinationHealth::name(id));
        let health = object.hold(transaction).await?.state.health;
        let now = self.store.now();
        let is_broken = health.state == HealthState::Broken;
        // Those that break are counted one after the other.
        let last = if is_broken { hold_latest_freeze(transaction).await? } else { None };
        // No link leads there any more.
        let Some(before) = hold_destination(transaction, workspace, id).await? else { return Ok(Vec::new()) };
        let mut changed = Vec::new();
        if before.pin != health.pin {
            changed.extend(set_pin(transaction, workspace, id, health.pin, by, now).await?);
        }
        let mut begun = None;
        let mut held = is_broken && before.held;
        if is_broken && before.state != HealthState::Broken {
            let mut counts = count_checked(transaction, self.freeze.from(now, last.as_ref())).await?;
            counts.broken += 1;
            let lasts = last.as_ref().is_some_and(|freeze| freeze.lifted_at.is_none());
            held = lasts || self.freeze.is_exceeded(counts);
            begun = (held && !lasts).then_some(counts);
        }
        if (before.state, &before.reason, before.held) != (health.state, &health.reason, held) {
            let update =
                HealthUpdate { state: health.state, reason: health.reason, held, evaluation_id: evaluation, at: now };
            changed.extend(set_health(transaction, workspace, id, &update).await?);
        }
        self.pass_on(transaction, &changed).await?;
        if let Some(counts) = begun {
            changed.extend(self.begin(transaction, counts, now).await?);
        }
        Ok(changed)
    }

    /// Begins a freeze, and holds back what broke within the window.
    async fn begin(
        &self,
        transaction: &Transaction,
        counts: WindowCounts,
        now: Timestamp,
    ) -> Result<Vec<HealthChanged>, ChangeError> {
        let last = hold_latest_freeze(transaction).await?;
        let (freeze, begun) = begin_freeze(transaction, counts, now).await?;
        if !begun {
            return Ok(Vec::new());
        }
        tracing::error!(
            broken = counts.broken,
            checked = counts.checked,
            "so many destinations broke at once that the fault is probably here: links are left as they are"
        );
        metrics::counter!("hashroute_failover_freezes_total").increment(1);
        let mut changed = Vec::new();
        let from = self.freeze.from(now, last.as_ref());
        for (workspace, id) in destinations::broken_since(transaction, from).await? {
            changed.extend(set_held(transaction, workspace, id, true, now).await?);
        }
        self.pass_on(transaction, &changed).await?;
        self.listener.frozen(transaction, &freeze).await.map_err(ChangeError::Listener)?;
        Ok(changed)
    }

    async fn lift_in(
        &self,
        transaction: &Transaction,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<Vec<HealthChanged>>, ChangeError> {
        let Some(changed) = lift_freeze(transaction, by, now).await? else { return Ok(None) };
        tracing::warn!(destinations = changed.len(), "failover is no longer held back");
        self.pass_on(transaction, &changed).await?;
        if let Some(freeze) = hold_latest_freeze(transaction).await? {
            self.listener.frozen(transaction, &freeze).await.map_err(ChangeError::Listener)?;
        }
        Ok(Some(changed))
    }

    async fn pass_on(&self, transaction: &Transaction, changed: &[HealthChanged]) -> Result<(), ChangeError> {
        for HealthChanged { after, change, .. } in changed {
            if let Some(change) = change {
                self.listener.changed(transaction, after, change).await.map_err(ChangeError::Listener)?;
            }
        }
        Ok(())
    }

    /// After the commit.
    fn tell(&self, changed: &[HealthChanged]) {
        let links = changed.iter().flat_map(|changed| &changed.links);
        let slugs: Vec<_> = links.filter_map(|link| Some((link.domain_id, Slug::parse(&link.slug).ok()?))).collect();
        if !slugs.is_empty() {
            self.links.links_changed(&slugs);
        }
        for change in changed.iter().filter_map(|changed| changed.change.as_ref()) {
            metrics::counter!("hashroute_destination_changes_total", "kind" => change.kind.as_str()).increment(1);
            tracing::info!(
                destination.id = %change.destination_id,
                kind = change.kind.as_str(),
                reason = change.reason.as_deref().unwrap_or_default(),
                links = change.links,
                "the health of a destination changed"
            );
        }
        self.listener.committed();
    }
}
