//! A row per link and day of UTC: its clicks, and its tallies as long as they are small.
//!
//! A batch appends to the tallies of a row without reading them. So that they stay small whatever visitors send, a batch
//! that adds much to one link adds it to the rollups instead, where a row per hour and value is worth its price because
//! many clicks share it. And when a row has become full, its tallies are summed; if little is gained, because the values
//! differ, they all move to the rollups. Each click is in one of both places, and readers sum both.

use std::borrow::Cow;

use uuid::Uuid;

use super::aggregate::{HOUR_MS, Rollup, merge};
use super::tallies::{Tally, append, compact};
use crate::types::LinkId;

/// More than this is not appended, but added to the rollups. Together with `link_days_full` it keeps a row below 768
/// bytes, with which SQLite has four to a page and no overflow pages.
pub(super) const MOST_APPENDED: usize = 256;

/// What stays of a full row's tallies, if they can be made as small; far enough from full to pay for it.
const MOST_KEPT: usize = 384;

/// Which rows are full. The text of the condition is that of an index on SQLite. The upper bound is one that no row
/// crosses unless it cannot be read: such a row is looked at a few times and then passed over.
pub(super) const IS_FULL: &str = "length(tallies) >= 512 AND length(tallies) < 768";

/// A row to be added to, or to be replaced. Sorts as the primary key does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkDay {
    pub workspace_id: Uuid,
    /// The first millisecond of the day.
    pub day: i64,
    pub link_id: Uuid,
    /// Of people.
    pub clicks: i64,
    /// Packed.
    pub tallies: Vec<u8>,
}

/// Workspace, day, link and tallies of a full row, as they are read.
pub(super) type FullDay = (Uuid, i64, Uuid, Vec<u8>);

/// What to do about full rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Relief {
    /// Tallies to be replaced; clicks are 0.
    pub days: Vec<LinkDay>,
    /// To be added, each once.
    pub rollups: Vec<Rollup<'static>>,
}

/// Makes room in full rows. One that cannot be read is left as it is: only its own link is missing from the analytics,
/// which say so, and clicks go on being taken in.
pub(super) fn relieve(full: &[FullDay]) -> Relief {
    let mut relief = Relief::default();
    for (workspace_id, day, link_id, packed) in full {
        let (workspace_id, day, link_id) = (*workspace_id, *day, *link_id);
        let tallies = match compact(packed) {
            Ok(tallies) => tallies,
            Err(error) => {
                let link = LinkId::from_uuid(link_id);
                tracing::error!(link.id = %link, day, %error, "the stored tallies of a link's day are damaged");
                continue;
            }
        };
        let mut kept = Vec::new();
        append(&mut kept, tallies.iter().copied());
        if kept.len() > MOST_KEPT {
            kept.clear();
            relief.rollups.extend(tallies.iter().map(|tally| {
                let rollup = below_link(link_id, day, tally);
                Rollup { value: Cow::Owned(rollup.value.into_owned()), ..rollup }
            }));
        }
        relief.days.push(LinkDay { workspace_id, day, link_id, clicks: 0, tallies: kept });
    }
    merge(&mut relief.rollups);
    relief
}

/// A tally as a row of the rollups.
pub(super) fn below_link<'a>(link_id: Uuid, day: i64, tally: &Tally<'a>) -> Rollup<'a> {
    Rollup {
        scope: link_id,
        dimension: tally.dimension.hourly(),
        bucket: day + i64::from(tally.hour) * HOUR_MS,
        value: Cow::Borrowed(tally.value),
        clicks: tally.clicks,
    }
}
