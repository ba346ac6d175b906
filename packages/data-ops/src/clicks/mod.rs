//! Clicks: taken from a log in batches, stored once, and added up as they come in.
//!
//! One transaction takes in a batch: the rows, what they add to the rollups and counters, and how far the log has been
//! read. So after a crash reading goes on behind what was stored; and a batch that is read again all the same, whole or
//! cut differently, finds ids stored already and counts only the others.

mod aggregate;
mod counters;
mod dead_letters;
mod link_days;
mod positions;
mod postgres;
mod queue;
mod record;
mod sqlite;
mod tallies;

use std::sync::Arc;

pub use counters::{LinkCounter, link_clicks_since, link_counters};
pub use dead_letters::{
    DeadLetter, DeadLetterKey, StoredDeadLetter, count_dead_letters, dead_letters_after, delete_dead_letter,
    delete_dead_letters, find_dead_letter, list_dead_letters, list_dead_letters_before, record_dead_letters, set_aside,
};
pub use positions::log_position;
pub use queue::{ClickQueue, ClickQueueStatus, ReplayLetterError, ReplayedLetters};
pub use record::{RecordError, Recorded, record_clicks, record_clicks_without_position, replay_dead_letter};

pub(crate) use aggregate::{DAY_MS, Dimension, HOUR_MS};
pub(crate) use tallies::unpack;

use crate::routing::DownReason;
use crate::types::{ClickId, CountryCode, LinkId, Timestamp, WorkspaceId};

/// A word from a small set, or made up by a visitor. Shared: many clicks have the same.
pub type Label = Arc<str>;

/// One redirect that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// Its id, made when it was answered: what makes taking it in twice harmless.
    pub id: ClickId,
    /// Whose link.
    pub workspace_id: WorkspaceId,
    /// Which link.
    pub link_id: LinkId,
    /// When.
    pub at: Timestamp,
    /// Where from, as far as known.
    pub country: Option<CountryCode>,
    /// "Desktop", "Mobile", "Tablet", "Bot" …
    pub device: Label,
    /// The browser's family.
    pub browser: Label,
    /// The operating system's family.
    pub os: Label,
    /// The host of the page that linked here, or "(direct)".
    pub referer: Label,
    /// Where the visitor was sent.
    pub destination: Arc<str>,
    /// What decided that: the default, a country, a rule.
    pub decided_by: Label,
    /// Which backup that is, from 0; `None` where it is none.
    pub served_backup: Option<u16>,
    /// Why the visitor was not sent where they were meant to go; `None` where they were.
    pub served_reason: Option<DownReason>,
    /// Whether a program clicked. Bots are stored but not counted among clicks.
    pub bot: bool,
}
