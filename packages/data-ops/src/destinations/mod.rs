//! Destinations: the URLs of a workspace's links, each once, and how they are.
//!
//! One check of a URL serves every link of the workspace that leads there, and all of them switch together. The rows are made
//! and given up with the links, in the transaction of whoever makes, changes or deletes one.
//!
//! Who attaches a link to a destination holds the destination's row (`FOR SHARE`) until the link is committed, and who changes a
//! destination's health holds it against them: so a change of health either finds the new link and tells it changed, or the new
//! link is first looked up after that change. Destinations are held before links, by everybody.

mod attach;
mod due;
mod entity;
mod find;
mod freeze;
mod health;
mod history;
mod links;
mod list;
mod summary;
mod value;

pub(crate) use attach::{Hold, attach, detach, ensure};
pub use due::{DueDestination, due_destinations};
pub use find::{LinkDestination, destinations_of_links, find_destination, find_destination_by_url, find_destinations};
pub use freeze::{
    Freeze, WindowCounts, begin_freeze, broken_since, count_checked, hold_latest_freeze, latest_freeze, lift_freeze,
};
pub use health::{Check, HealthChanged, HealthUpdate, hold_destination, record_check, set_health, set_held, set_pin};
pub use history::{HealthChange, list_health_changes, list_workspace_health_changes};
pub use links::{Watch, leads_away_from, links_of_destination, links_of_destinations, valued_links, watch_of};
pub use list::{
    DestinationFilter, DestinationPage, ListedDestination, count_destinations, count_links_of, list_destinations,
};
pub use summary::{HealthSummary, summarize_destinations};
pub use value::{Worth, worth_of_a_day};

use crate::database::DatabaseError;
use crate::types::{
    DestinationId, DestinationUrl, EvaluationId, HealthState, Pin, Timestamp, UserId, Verdict, WorkspaceId,
};

/// A URL of a workspace's links, and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Its id.
    pub id: DestinationId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The URL.
    pub url: DestinationUrl,
    /// How it is.
    pub state: HealthState,
    /// Since when.
    pub state_since: Timestamp,
    /// The code of why it is so, such as `out_of_stock`.
    pub reason: Option<String>,
    /// It is broken, but like so many others at once that its links are left as they are.
    pub held: bool,
    /// What somebody decided.
    pub pin: Option<Pin>,
    /// Who did; `None` too once their account is gone.
    pub pinned_by: Option<UserId>,
    /// When they did.
    pub pinned_at: Option<Timestamp>,
    /// The last check.
    pub last_evaluation_id: Option<EvaluationId>,
    /// When it ended.
    pub last_checked_at: Option<Timestamp>,
    /// What it found.
    pub last_verdict: Option<Verdict>,
    /// Why.
    pub last_reason: Option<String>,
    /// When a link first led there.
    pub created_at: Timestamp,
    /// When its health or its pin last changed.
    pub updated_at: Timestamp,
}

impl Destination {
    /// Whether its links lead to their backups, as far as they have any.
    #[must_use]
    pub fn is_down(&self) -> bool {
        match self.pin {
            Some(Pin::Backup) => true,
            Some(Pin::Primary) => false,
            None => self.state == HealthState::Broken && !self.held,
        }
    }
}

impl TryFrom<entity::Model> for Destination {
    type Error = DatabaseError;

    fn try_from(row: entity::Model) -> Result<Self, DatabaseError> {
        fn stored(what: &'static str, error: &dyn std::fmt::Display) -> DatabaseError {
            DatabaseError::stored(what, error)
        }
        let state = HealthState::parse(&row.state).map_err(|error| stored("health", &error))?;
        let pin = row.pin.as_deref().map(Pin::parse).transpose().map_err(|error| stored("pin", &error))?;
        let verdict = row.last_verdict.as_deref().map(Verdict::parse).transpose();
        Ok(Self {
            id: DestinationId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            url: DestinationUrl::from_stored(&row.url).map_err(|error| stored("destination", &error))?,
            state,
            state_since: Timestamp::from_millis(row.state_since),
            reason: row.reason,
            held: row.held,
            pin,
            pinned_by: row.pinned_by.map(UserId::from_uuid),
            pinned_at: row.pinned_at.map(Timestamp::from_millis),
            last_evaluation_id: row.last_evaluation_id.map(EvaluationId::from_uuid),
            last_checked_at: row.last_checked_at.map(Timestamp::from_millis),
            last_verdict: verdict.map_err(|error| stored("verdict", &error))?,
            last_reason: row.last_reason,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
