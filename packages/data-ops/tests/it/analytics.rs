//! Answers from rollups equal a count over the clicks themselves.

use std::collections::BTreeMap;

use data_ops::analytics::{
    AnalyticsError, Dimension, Granularity, Range, Scope, breakdown, count, timeseries, top_links,
};
use data_ops::clicks::{Click, record_clicks};
use data_ops::types::{CountryCode, Timestamp};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::support::{Fixture, NOW, click, later, link_id, on_both_databases, workspace_id};

on_both_databases!(
    rollups_equal_a_naive_count,
    days_follow_the_callers_clocks,
    a_series_has_every_bucket,
    all_time_begins_at_the_first_click,
    ranges_are_capped,
    the_most_clicked_come_first,
);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn record(fixture: &Fixture, clicks: &[Click]) {
    record_clicks(fixture.clicks(), Uuid::nil(), "test", clicks, (1, 0)).await.unwrap();
}

/// Clicks of two workspaces over a hundred days, in batches.
fn any_batches() -> impl Strategy<Value = Vec<Vec<Click>>> {
    let any_click = (0..2_u8, 0..4_u8, 0..100 * DAY, 0..4_usize, 0..3_usize, 0..5_usize, any::<bool>());
    let numbered = prop::collection::vec(prop::collection::vec(any_click, 0..60), 1..5);
    numbered.prop_map(|batches| {
        let mut number = 0;
        type Drawn = (u8, u8, i64, usize, usize, usize, bool);
        let mut make = |(workspace, link, at, country, device, referer, bot): Drawn| {
            number += 1;
            let link = link_id(10 * workspace + link);
            Click {
                country: [None, Some("DE"), Some("FR"), Some("US")][country]
                    .map(|code| CountryCode::parse(code).unwrap()),
                device: ["Desktop", "Mobile", "Tablet"][device].into(),
                referer: format!("{referer}.example.com").into(),
                bot: bot && device == 0,
                ..click(number, workspace_id(workspace), link, later(at))
            }
        };
        batches.into_iter().map(|batch| batch.into_iter().map(&mut make).collect()).collect()
    })
}

/// A fresh database per case would take longer than the cases: one takes in all of them, each under its own ids.
async fn rollups_equal_a_naive_count(fixture: Fixture) {
    let mut runner = TestRunner::default();
    for case in 0..12_u8 {
        let batches = any_batches().new_tree(&mut runner).unwrap().current();
        let batches: Vec<Vec<Click>> =
            batches.into_iter().map(|batch| batch.into_iter().map(|click| in_case(case, click)).collect()).collect();
        for (number, batch) in batches.iter().enumerate() {
            let log = Uuid::from_u128(u128::from(case));
            let position = (number as u64, 1);
            record_clicks(fixture.clicks(), log, "test", batch, position).await.unwrap();
        }
        let clicks: Vec<Click> = batches.concat();
        let scopes = (0..2).flat_map(|workspace| {
            let id = in_case_workspace(case, workspace);
            let links = (0..4).map(move |link| Scope::Link(id, in_case_link(case, 10 * workspace + link)));
            std::iter::once(Scope::Workspace(id)).chain(links)
        });
        for scope in scopes {
            for (start, end) in [(0, 100 * DAY), (5 * HOUR, 50 * DAY + 7 * HOUR), (3 * DAY, 3 * DAY + 2 * HOUR)] {
                let range = Range { start: later(start), end: later(end) };
                compare(&fixture, &clicks, scope, range).await;
            }
        }
    }
}

fn in_case_workspace(case: u8, workspace: u8) -> data_ops::types::WorkspaceId {
    workspace_id(case * 2 + workspace)
}

fn in_case_link(case: u8, link: u8) -> data_ops::types::LinkId {
    let mut bytes = *link_id(link).as_bytes();
    bytes[1] = 100 + case;
    data_ops::types::LinkId::from_bytes(bytes)
}

fn in_case(case: u8, click: Click) -> Click {
    let mut id = *click.id.as_bytes();
    id[8] = case | 0x80;
    Click {
        id: data_ops::types::ClickId::from_bytes(id),
        workspace_id: in_case_workspace(case, click.workspace_id.as_bytes()[0]),
        link_id: in_case_link(case, click.link_id.as_bytes()[0]),
        ..click
    }
}

/// Reads a value off a click.
type Read<'a> = &'a dyn Fn(&Click) -> String;

/// Asks everything about a scope, and counts the same by hand.
pub async fn compare(fixture: &Fixture, clicks: &[Click], scope: Scope, range: Range) {
    let db = fixture.clicks();
    // Ranges are widened to whole hours; NOW is one.
    let counted: Vec<&Click> = clicks
        .iter()
        .filter(|click| !click.bot && range.start <= click.at && click.at < range.end)
        .filter(|click| match scope {
            Scope::Workspace(id) => click.workspace_id == id,
            Scope::Link(_, id) => click.link_id == id,
        })
        .collect();
    assert_eq!(count(db, scope, range).await.unwrap(), counted.len() as u64);
    let naive = |value: Read| {
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for click in &counted {
            *sums.entry(value(click)).or_default() += 1;
        }
        let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
        sums.sort_by_key(|(_, clicks)| std::cmp::Reverse(*clicks));
        sums
    };
    let country =
        |click: &Click| click.country.as_ref().map_or_else(String::new, |country| country.as_str().to_owned());
    let answers: [(Dimension, Read); 3] = [
        (Dimension::Country, &country),
        (Dimension::Device, &|click| click.device.to_string()),
        (Dimension::Referer, &|click| click.referer.to_string()),
    ];
    for (dimension, value) in answers {
        let answer = breakdown(db, scope, range, dimension, 100).await.unwrap();
        assert_eq!(answer, naive(value), "{dimension:?}");
    }
    let zones = ["UTC", "Europe/Berlin", "America/New_York"].map(|zone| (zone, Granularity::Day));
    for (zone, granularity) in zones.into_iter().chain([("UTC", Granularity::Hour)]) {
        let zone = TimeZone::get(zone).unwrap();
        let series = timeseries(db, scope, range, granularity, zone.clone()).await.unwrap();
        let naive_day = |start: Timestamp, end: Option<Timestamp>| {
            let inside = |click: &&&Click| start <= click.at && end.is_none_or(|end| click.at < end);
            counted.iter().filter(inside).count() as u64
        };
        for (number, bucket) in series.iter().enumerate() {
            let end = series.get(number + 1).map(|next| next.start);
            assert_eq!(bucket.clicks, naive_day(bucket.start, end), "{zone:?} {bucket:?}");
        }
    }
    if let Scope::Workspace(id) = scope {
        let links = top_links(db, id, range, 100).await.unwrap();
        let links: Vec<(String, u64)> =
            links.into_iter().map(|(link, clicks)| (link.as_uuid().simple().to_string(), clicks)).collect();
        assert_eq!(links, naive(&|click| click.link_id.as_uuid().simple().to_string()));
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

async fn days_follow_the_callers_clocks(fixture: Fixture) {
    let (workspace, link) = (workspace_id(1), link_id(1));
    // Berlin's 29 March 2026 has 23 hours: from 23:00 to 22:00 UTC.
    let times = ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"];
    let clicks: Vec<Click> =
        times.iter().zip(1..).map(|(time, number)| click(number, workspace, link, at(time))).collect();
    record(&fixture, &clicks).await;
    let range = Range { start: at("2026-03-27T23:00:00Z"), end: at("2026-03-30T22:00:00Z") };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let scope = Scope::Link(workspace, link);
    let series = timeseries(fixture.clicks(), scope, range, Granularity::Day, zone).await.unwrap();
    let starts = ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"];
    let expected: Vec<(Timestamp, u64)> =
        starts.iter().zip([1, 2, 1]).map(|(start, clicks)| (at(start), clicks)).collect();
    assert_eq!(series.iter().map(|bucket| (bucket.start, bucket.clicks)).collect::<Vec<_>>(), expected);
}

async fn a_series_has_every_bucket(fixture: Fixture) {
    let workspace = workspace_id(1);
    record(&fixture, &[click(1, workspace, link_id(1), later(5 * HOUR + 1))]).await;
    let range = Range { start: NOW, end: later(DAY) };
    for scope in [Scope::Workspace(workspace), Scope::Link(workspace, link_id(9))] {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let hour = Granularity::Hour;
        let series = timeseries(fixture.clicks(), scope, range, hour, zone).await.unwrap();
        assert_eq!(series.len(), 25, "half an hour off: 25 hours of the zone are touched");
        let clicks: u64 = series.iter().map(|bucket| bucket.clicks).sum();
        assert_eq!(clicks, u64::from(scope == Scope::Workspace(workspace)));
    }
    let month = Granularity::Month;
    let year = Range { start: NOW, end: later(365 * DAY) };
    let scope = Scope::Workspace(workspace);
    let months = timeseries(fixture.clicks(), scope, year, month, TimeZone::UTC).await.unwrap();
    assert_eq!(months.len(), 13);
    assert_eq!(months[0].start, at("2026-03-01T00:00:00Z"));
    assert_eq!(months[0].clicks, 1);
}

async fn all_time_begins_at_the_first_click(fixture: Fixture) {
    let scopes = [Scope::Workspace(workspace_id(1)), Scope::Link(workspace_id(1), link_id(1))];
    let all = Range::all(later(10 * DAY));
    let day = Granularity::Day;
    let db = fixture.clicks();
    for scope in scopes {
        let empty = timeseries(db, scope, all, day, TimeZone::UTC).await.unwrap();
        assert_eq!(empty.iter().map(|bucket| bucket.clicks).collect::<Vec<_>>(), [0]);
    }
    // In this order: the first is not the one that was taken in first, and a bot is not the first.
    let bot = Click { bot: true, ..click(3, workspace_id(1), link_id(1), NOW) };
    record(&fixture, &[click(1, workspace_id(1), link_id(1), later(2 * DAY))]).await;
    record(&fixture, &[click(2, workspace_id(1), link_id(1), later(DAY)), bot]).await;
    for scope in scopes {
        let series = timeseries(db, scope, all, day, TimeZone::UTC).await.unwrap();
        assert_eq!(series.len(), 10);
        assert_eq!((series[0].start, series[0].clicks), (at("2026-03-02T00:00:00Z"), 1));
        assert_eq!(count(db, scope, all).await.unwrap(), 2);
    }
}

async fn ranges_are_capped(fixture: Fixture) {
    let db = fixture.clicks();
    let scope = Scope::Workspace(workspace_id(1));
    let backwards = Range { start: NOW, end: NOW };
    let refused = count(db, scope, backwards).await;
    assert!(matches!(refused, Err(AnalyticsError::EmptyRange)));
    let long = Range { start: NOW, end: later(3 * 365 * DAY) };
    let hour = Granularity::Hour;
    let refused = timeseries(db, scope, long, hour, TimeZone::UTC).await;
    assert!(matches!(refused, Err(AnalyticsError::TooManyBuckets { .. })));
    let endless = Range { start: Timestamp::from_millis(i64::MIN), end: Timestamp::from_millis(i64::MAX) };
    assert_eq!(count(db, scope, endless).await.unwrap(), 0);
    let refused = timeseries(db, scope, endless, Granularity::Day, TimeZone::UTC).await;
    assert!(!matches!(refused, Err(AnalyticsError::Database(_))), "{refused:?}");
}

async fn the_most_clicked_come_first(fixture: Fixture) {
    let workspace = workspace_id(1);
    let clicks: Vec<Click> = (0..60)
        .map(|number| {
            let link = link_id(if number < 10 { 1 } else { 2 + u8::from(number < 30) });
            click(number, workspace, link, NOW)
        })
        .collect();
    record(&fixture, &clicks).await;
    let range = Range { start: NOW, end: later(HOUR) };
    let top = top_links(fixture.clicks(), workspace, range, 2).await.unwrap();
    assert_eq!(top, [(link_id(2), 30), (link_id(3), 20)]);
}
