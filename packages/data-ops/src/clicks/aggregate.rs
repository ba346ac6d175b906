//! What a batch of clicks adds up to, computed in memory so that the database sees few rows.

use std::borrow::Cow;
use std::collections::HashMap;

use ahash::RandomState;
use uuid::Uuid;

use super::Click;

/// An hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// A day.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// What clicks are counted by. Stored as these numbers: never change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub(crate) enum Dimension {
    Total = 0,
    Country = 1,
    Device = 2,
    Browser = 3,
    Os = 4,
    Referer = 5,
    /// Only below a workspace.
    Link = 6,
    /// The total of bots, which the other dimensions leave out.
    Bot = 7,
}

impl Dimension {
    /// The number of this dimension summed per hour.
    pub(crate) const fn hourly(self) -> i16 {
        self as i16
    }

    /// The number of this dimension summed per day of UTC, for long ranges.
    pub(crate) const fn daily(self) -> i16 {
        self as i16 + 16
    }
}

/// A row to be added to the rollups. Sorts as the primary key does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rollup<'a> {
    pub scope: Uuid,
    pub dimension: i16,
    pub bucket: i64,
    pub value: Cow<'a, str>,
    pub clicks: i64,
}

/// What is to be added to a link's counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counter {
    pub link_id: Uuid,
    pub workspace_id: Uuid,
    pub clicks: i64,
    /// `None` when only bots clicked.
    pub last_clicked_at: Option<i64>,
}

/// Everything a batch adds: links' sums first, then workspaces', each in the order of the primary key. Neighbouring rows are
/// written one after the other, and two processes that add to the same rows lock them in the same order.
pub(super) struct Sums<'a> {
    pub rollups: Vec<Rollup<'a>>,
    pub counters: Vec<Counter>,
}

/// A sum below one link: dimension, hour, value.
type LinkKey<'a> = (Dimension, i64, &'a str);
/// A sum below one workspace.
type WorkspaceKey<'a> = (Uuid, Dimension, i64, Cow<'a, str>);

/// Adds up a batch. Clicks are put together by link first: most sums are a link's own, and come out in the order of the
/// primary key without being sorted as a whole.
pub(super) fn sum<'a>(clicks: &[&'a Click]) -> Sums<'a> {
    let mut by_link = clicks.to_vec();
    by_link.sort_unstable_by_key(|click| click.link_id.as_uuid().as_u128());
    let mut sums = Sums { rollups: Vec::with_capacity(8 * clicks.len()), counters: Vec::with_capacity(clicks.len()) };
    let mut below_link: HashMap<LinkKey<'a>, i64, RandomState> = HashMap::default();
    let mut below_workspace: HashMap<WorkspaceKey<'a>, i64, RandomState> = HashMap::default();
    for of_link in by_link.chunk_by(|one, other| one.link_id == other.link_id) {
        let Some(first) = of_link.first() else { continue };
        let (workspace_id, link_id) = (first.workspace_id.as_uuid(), first.link_id.as_uuid());
        let people = of_link.iter().filter(|click| !click.bot);
        sums.counters.push(Counter {
            link_id,
            workspace_id,
            clicks: people.clone().map(|_| 1).sum(),
            last_clicked_at: people.map(|click| click.at.as_millis()).max(),
        });
        for click in of_link {
            add_to_link(&mut below_link, click);
        }
        let begin = sums.rollups.len();
        for ((dimension, hour, value), clicks) in below_link.drain() {
            let mut add = |dimension, value| {
                *below_workspace.entry((workspace_id, dimension, hour, value)).or_insert(0) += clicks;
            };
            add(dimension, Cow::Borrowed(value));
            if dimension == Dimension::Total {
                add(Dimension::Link, Cow::Owned(link_id.simple().to_string()));
            }
            let value = Cow::Borrowed(value);
            sums.rollups.push(Rollup { scope: link_id, dimension: dimension.hourly(), bucket: hour, value, clicks });
        }
        sums.rollups[begin..].sort_unstable();
    }
    sums.rollups.extend(workspace_rollups(below_workspace));
    sums
}

fn add_to_link<'a>(sums: &mut HashMap<LinkKey<'a>, i64, RandomState>, click: &'a Click) {
    let at = click.at.as_millis();
    let hour = at - at.rem_euclid(HOUR_MS);
    let mut add = |dimension, value| *sums.entry((dimension, hour, value)).or_insert(0) += 1;
    if click.bot {
        add(Dimension::Bot, "");
        return;
    }
    add(Dimension::Total, "");
    add(Dimension::Country, click.country.as_ref().map_or("", |country| country.as_str()));
    add(Dimension::Device, &click.device);
    add(Dimension::Browser, &click.browser);
    add(Dimension::Os, &click.os);
    add(Dimension::Referer, &click.referer);
}

/// A workspace's sums are kept per day as well, for long ranges. A link's are not: that would double what most clicks cost,
/// and its hours are few.
fn workspace_rollups<'a>(hourly: HashMap<WorkspaceKey<'a>, i64, RandomState>) -> Vec<Rollup<'a>> {
    let mut rows = Vec::with_capacity(2 * hourly.len());
    for ((scope, dimension, hour, value), clicks) in hourly {
        let day = hour - hour.rem_euclid(DAY_MS);
        rows.push(Rollup { scope, dimension: dimension.daily(), bucket: day, value: value.clone(), clicks });
        rows.push(Rollup { scope, dimension: dimension.hourly(), bucket: hour, value, clicks });
    }
    rows.sort_unstable();
    rows.dedup_by(|later, earlier| {
        let same = (later.scope, later.dimension, later.bucket, &later.value)
            == (earlier.scope, earlier.dimension, earlier.bucket, &earlier.value);
        if same {
            earlier.clicks += later.clicks;
        }
        same
    });
    rows
}
