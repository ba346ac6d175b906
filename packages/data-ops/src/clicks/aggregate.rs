//! What a batch of clicks adds up to, computed in memory so that the database sees few rows.

use std::borrow::Cow;
use std::collections::HashMap;

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

/// Everything a batch adds, sorted by primary key: neighbouring rows are written one after the other, and two processes
/// that add to the same rows lock them in the same order.
pub(super) struct Sums<'a> {
    pub rollups: Vec<Rollup<'a>>,
    pub counters: Vec<Counter>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    scope: Scope,
    dimension: Dimension,
    hour: i64,
    value: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    Workspace(Uuid),
    Link(Uuid),
}

pub(super) fn sum<'a>(clicks: &[&'a Click]) -> Sums<'a> {
    let mut hourly: HashMap<Key<'a>, i64> = HashMap::with_capacity(clicks.len());
    let mut links: HashMap<(Uuid, Uuid, i64), i64> = HashMap::with_capacity(clicks.len());
    let mut counters: HashMap<Uuid, Counter> = HashMap::with_capacity(clicks.len());
    for click in clicks {
        let (workspace_id, link_id) = (click.workspace_id.as_uuid(), click.link_id.as_uuid());
        let scopes = [Scope::Workspace(workspace_id), Scope::Link(link_id)];
        let at = click.at.as_millis();
        let hour = at - at.rem_euclid(HOUR_MS);
        let counter =
            counters.entry(link_id).or_insert(Counter { link_id, workspace_id, clicks: 0, last_clicked_at: None });
        let mut add = |scope, dimension, value| {
            *hourly.entry(Key { scope, dimension, hour, value }).or_insert(0) += 1;
        };
        if click.bot {
            for scope in scopes {
                add(scope, Dimension::Bot, "");
            }
            continue;
        }
        counter.clicks += 1;
        counter.last_clicked_at = counter.last_clicked_at.max(Some(at));
        *links.entry((workspace_id, link_id, hour)).or_insert(0) += 1;
        let country = click.country.as_ref().map_or("", |country| country.as_str());
        for scope in scopes {
            add(scope, Dimension::Country, country);
            add(scope, Dimension::Device, &click.device);
            add(scope, Dimension::Browser, &click.browser);
            add(scope, Dimension::Os, &click.os);
            add(scope, Dimension::Referer, &click.referer);
        }
    }
    Sums { rollups: rollups(hourly, links), counters: sorted_counters(counters) }
}

/// A workspace's sums are kept per day as well, for long ranges. A link's are not: that would double what most clicks cost,
/// and its hours are few.
fn rollups<'a>(hourly: HashMap<Key<'a>, i64>, links: HashMap<(Uuid, Uuid, i64), i64>) -> Vec<Rollup<'a>> {
    let mut rows = Vec::with_capacity(2 * hourly.len() + 4 * links.len());
    let mut push = |scope, dimension: Dimension, hour: i64, value: Cow<'a, str>, clicks| {
        let (scope, per_day) = match scope {
            Scope::Workspace(id) => (id, true),
            Scope::Link(id) => (id, false),
        };
        let row = Rollup { scope, dimension: dimension.hourly(), bucket: hour, value, clicks };
        if per_day {
            let day = hour - hour.rem_euclid(DAY_MS);
            rows.push(Rollup { dimension: dimension.daily(), bucket: day, ..row.clone() });
        }
        rows.push(row);
    };
    for (Key { scope, dimension, hour, value }, clicks) in hourly {
        push(scope, dimension, hour, Cow::Borrowed(value), clicks);
    }
    for ((workspace_id, link_id, hour), clicks) in links {
        push(Scope::Workspace(workspace_id), Dimension::Total, hour, Cow::Borrowed(""), clicks);
        push(Scope::Link(link_id), Dimension::Total, hour, Cow::Borrowed(""), clicks);
        let value = link_id.simple().to_string();
        push(Scope::Workspace(workspace_id), Dimension::Link, hour, Cow::Owned(value), clicks);
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

fn sorted_counters(counters: HashMap<Uuid, Counter>) -> Vec<Counter> {
    let mut rows: Vec<Counter> = counters.into_values().collect();
    rows.sort_unstable_by_key(|counter| counter.link_id);
    rows
}
