//! What a batch of clicks adds up to, computed in memory so that the database sees few rows.

use std::borrow::Cow;
use std::collections::HashMap;

use ahash::RandomState;
use uuid::Uuid;

use super::Click;
use super::link_days::{LinkDay, MOST_APPENDED, below_link};
use super::tallies::{Tally, append};

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
    /// The total of bots, which the other dimensions leave out. (6 was the link, below a workspace.)
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

    /// The number of this dimension in the packed tallies of a link.
    pub(super) const fn packed(self) -> u8 {
        self as u8
    }

    /// The way back.
    pub(super) const fn from_packed(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Total,
            1 => Self::Country,
            2 => Self::Device,
            3 => Self::Browser,
            4 => Self::Os,
            5 => Self::Referer,
            7 => Self::Bot,
            _ => return None,
        })
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
    pub first_clicked_at: Option<i64>,
    pub last_clicked_at: Option<i64>,
}

/// Everything a batch adds, each in the order of the primary key: neighbouring rows are written one after the other.
pub(super) struct Sums<'a> {
    pub days: Vec<LinkDay>,
    pub rollups: Vec<Rollup<'a>>,
    pub counters: Vec<Counter>,
}

/// A sum below one link and day: hour of the day, dimension, value.
type LinkKey<'a> = (u8, Dimension, &'a str);
/// A sum below one workspace.
type WorkspaceKey<'a> = (Uuid, Dimension, i64, &'a str);

/// Adds up a batch. Clicks are put together by link and day first: most links have one click, which needs no looking up.
pub(super) fn sum<'a>(clicks: &[&'a Click]) -> Sums<'a> {
    let mut by_link = clicks.to_vec();
    by_link.sort_unstable_by_key(|click| (click.link_id.as_uuid().as_u128(), click.at));
    let mut sums = Sums { days: Vec::with_capacity(clicks.len()), rollups: Vec::new(), counters: Vec::new() };
    let mut below_workspace: HashMap<WorkspaceKey<'a>, i64, RandomState> = HashMap::default();
    let mut tallies = Vec::new();
    for of_link in by_link.chunk_by(|one, other| one.link_id == other.link_id) {
        let Some(first) = of_link.first() else { continue };
        let (workspace_id, link_id) = (first.workspace_id.as_uuid(), first.link_id.as_uuid());
        let people = || of_link.iter().filter(|click| !click.bot);
        sums.counters.push(Counter {
            link_id,
            workspace_id,
            clicks: people().map(|_| 1).sum(),
            first_clicked_at: people().next().map(|click| click.at.as_millis()),
            last_clicked_at: people().next_back().map(|click| click.at.as_millis()),
        });
        for of_day in of_link.chunk_by(|one, other| day(one) == day(other)) {
            let day = of_day.first().map_or(0, |click| day(click));
            tally(of_day, &mut tallies);
            for Tally { hour, dimension, value, clicks } in &tallies {
                let hour = day + i64::from(*hour) * HOUR_MS;
                *below_workspace.entry((workspace_id, *dimension, hour, *value)).or_insert(0) += clicks;
            }
            let mut packed = Vec::with_capacity(MOST_APPENDED / 2);
            append(&mut packed, tallies.iter().copied());
            if packed.len() > MOST_APPENDED {
                packed.clear();
                sums.rollups.extend(tallies.iter().map(|tally| below_link(link_id, day, tally)));
            }
            let clicks = of_day.iter().filter(|click| !click.bot).map(|_| 1).sum();
            sums.days.push(LinkDay { workspace_id, day, link_id, clicks, tallies: packed });
        }
    }
    sums.days.sort_unstable_by_key(|row| (row.workspace_id.as_u128(), row.day, row.link_id.as_u128()));
    sums.rollups.extend(workspace_rollups(below_workspace));
    merge(&mut sums.rollups);
    sums
}

fn day(click: &Click) -> i64 {
    let at = click.at.as_millis();
    at - at.rem_euclid(DAY_MS)
}

/// What the clicks of one link and day add up to, each hour, dimension and value once.
fn tally<'a>(clicks: &[&'a Click], tallies: &mut Vec<Tally<'a>>) {
    tallies.clear();
    if let [click] = clicks {
        tallies.extend(tallies_of(click));
        return;
    }
    let mut sums: HashMap<LinkKey<'a>, i64, RandomState> = HashMap::default();
    for Tally { hour, dimension, value, clicks } in clicks.iter().flat_map(|click| tallies_of(click)) {
        *sums.entry((hour, dimension, value)).or_insert(0) += clicks;
    }
    tallies.extend(sums.into_iter().map(|((hour, dimension, value), clicks)| Tally { hour, dimension, value, clicks }));
}

/// What one click adds: a person to each dimension, a bot to the total of bots alone.
fn tallies_of(click: &Click) -> impl Iterator<Item = Tally<'_>> {
    let hour = u8::try_from(click.at.as_millis().rem_euclid(DAY_MS) / HOUR_MS).unwrap_or(0);
    let values = [
        (Dimension::Bot, ""),
        (Dimension::Total, ""),
        (Dimension::Country, click.country.as_ref().map_or("", |country| country.as_str())),
        (Dimension::Device, &*click.device),
        (Dimension::Browser, &*click.browser),
        (Dimension::Os, &*click.os),
        (Dimension::Referer, &*click.referer),
    ];
    let counted = if click.bot { 0..1 } else { 1..values.len() };
    let values = values.into_iter().skip(counted.start).take(counted.len());
    values.map(move |(dimension, value)| Tally { hour, dimension, value, clicks: 1 })
}

/// A workspace's sums are kept per day as well, for long ranges. A link's are not: that would double what many clicks
/// cost, and its hours are few.
fn workspace_rollups<'a>(hourly: HashMap<WorkspaceKey<'a>, i64, RandomState>) -> impl Iterator<Item = Rollup<'a>> {
    hourly.into_iter().flat_map(|((scope, dimension, hour, value), clicks)| {
        let day = hour - hour.rem_euclid(DAY_MS);
        let value = Cow::Borrowed(value);
        [
            Rollup { scope, dimension: dimension.daily(), bucket: day, value: value.clone(), clicks },
            Rollup { scope, dimension: dimension.hourly(), bucket: hour, value, clicks },
        ]
    })
}

/// Puts rows in order and each key in one row: PostgreSQL adds to no row twice in one statement.
pub(super) fn merge(rows: &mut Vec<Rollup<'_>>) {
    rows.sort_unstable();
    rows.dedup_by(|later, earlier| {
        let same = (later.scope, later.dimension, later.bucket, &later.value)
            == (earlier.scope, earlier.dimension, earlier.bucket, &earlier.value);
        if same {
            earlier.clicks += later.clicks;
        }
        same
    });
}
