//! Somebody who looks at destinations, for tests: what is asked is noted, decisions are stored at once, nothing is looked at.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use data_ops::{
    database::{Database, DatabaseError},
    destinations::{HealthUpdate, lift_freeze, set_health, set_pin},
    types::{Clock, DestinationId, HealthState, ManualClock, Timestamp, UserId, WorkspaceId},
};
use futures_util::future::BoxFuture;
use user_application::{
    BrowserStatus, CheckSchedule, Decided, Decision, StartedCheck, Watching, WatchingError, WatchingStatus,
};

pub struct Watcher {
    database: Database,
    clock: Arc<ManualClock>,
    status: Mutex<WatchingStatus>,
    running: Mutex<HashMap<DestinationId, Timestamp>>,
    files: Mutex<HashMap<String, Bytes>>,
    is_busy: Mutex<bool>,
}

impl Watcher {
    pub fn new(database: &Database, clock: &Arc<ManualClock>) -> Arc<Self> {
        let status = WatchingStatus {
            enabled: true,
            browser: BrowserStatus::Available { version: Some("Chrome/152.0.1".to_owned()) },
            ai_model: None,
            checks_per_day: 5,
            ai_calls_per_day: 200,
            interval: Duration::from_secs(21_600),
            confirm_after: Duration::from_secs(600),
            confirm_transient_after: Duration::from_secs(1_800),
            recover_after: Duration::from_secs(600),
        };
        Arc::new(Self {
            database: database.clone(),
            clock: Arc::clone(clock),
            status: Mutex::new(status),
            running: Mutex::default(),
            files: Mutex::default(),
            is_busy: Mutex::default(),
        })
    }

    pub fn change(&self, change: impl FnOnce(&mut WatchingStatus)) {
        change(&mut self.status.lock().unwrap());
    }

    /// Nothing can be reached from now on.
    pub fn become_busy(&self) {
        *self.is_busy.lock().unwrap() = true;
    }

    pub fn keep(&self, key: &str, content: impl Into<Bytes>) {
        self.files.lock().unwrap().insert(key.to_owned(), content.into());
    }

    /// What was kept is gone.
    pub fn forget(&self, key: &str) {
        self.files.lock().unwrap().remove(key);
    }

    /// How many looks were begun, and go on.
    pub fn running(&self) -> usize {
        self.running.lock().unwrap().len()
    }

    fn reach(&self) -> Result<(), WatchingError> {
        if *self.is_busy.lock().unwrap() { Err(WatchingError::Unavailable("set aside".into())) } else { Ok(()) }
    }

    async fn store(
        &self,
        workspace: WorkspaceId,
        id: DestinationId,
        decision: Decision,
        by: UserId,
    ) -> Result<Decided, DatabaseError> {
        let now = self.clock.now();
        let transaction = self.database.begin().await?;
        let update = |state: HealthState, reason: Option<&str>| HealthUpdate {
            state,
            reason: reason.map(str::to_owned),
            held: false,
            evaluation_id: None,
            at: now,
        };
        let changed = match decision {
            Decision::Pin(pin) => set_pin(&transaction, workspace, id, pin, Some(by), now).await?,
            Decision::Restore | Decision::Correct { is_good: true, .. } => {
                set_health(&transaction, workspace, id, &update(HealthState::Ok, None)).await?
            }
            Decision::Correct { is_good: false, .. } => {
                let update = update(HealthState::Broken, Some("marked_by_hand"));
                set_health(&transaction, workspace, id, &update).await?
            }
        };
        transaction.commit().await?;
        let after = changed.unwrap().after;
        Ok(Decided { state: after.state, since: Some(after.state_since), reason: after.reason, pin: after.pin })
    }
}

impl Watching for Watcher {
    fn status(&self) -> BoxFuture<'_, WatchingStatus> {
        Box::pin(async { self.status.lock().unwrap().clone() })
    }

    fn check(&self, _: WorkspaceId, destination: DestinationId) -> BoxFuture<'_, Result<StartedCheck, WatchingError>> {
        Box::pin(async move {
            self.reach()?;
            let mut running = self.running.lock().unwrap();
            let begun = !running.contains_key(&destination);
            let since = *running.entry(destination).or_insert_with(|| self.clock.now());
            Ok(StartedCheck { since, begun })
        })
    }

    fn schedule(&self, destination: DestinationId) -> BoxFuture<'_, Result<CheckSchedule, WatchingError>> {
        Box::pin(async move {
            self.reach()?;
            let running_since = self.running.lock().unwrap().get(&destination).copied();
            let next_at = self.clock.now().plus(Duration::from_secs(600));
            Ok(CheckSchedule { running_since, next_at: running_since.is_none().then_some(next_at) })
        })
    }

    fn decide(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
        decision: Decision,
        by: UserId,
    ) -> BoxFuture<'_, Result<Decided, WatchingError>> {
        Box::pin(async move {
            self.reach()?;
            Ok(self.store(workspace, destination, decision, by).await?)
        })
    }

    fn artifact<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, WatchingError>> {
        Box::pin(async move { Ok(self.files.lock().unwrap().get(key).cloned()) })
    }

    fn lift_freeze(&self, by: UserId) -> BoxFuture<'_, Result<bool, WatchingError>> {
        Box::pin(async move {
            let transaction = self.database.begin().await?;
            let lifted = lift_freeze(&transaction, Some(by), self.clock.now()).await?;
            transaction.commit().await.map_err(DatabaseError::from)?;
            Ok(lifted.is_some())
        })
    }
}
