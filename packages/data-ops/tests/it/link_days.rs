//! A link's days: packed while they are small, in the rollups when they are not, and the same sums wherever they are.

use data_ops::analytics::{AnalyticsError, Range, Scope, count, top_links};
use data_ops::clicks::{Click, record_clicks};
use data_ops::types::{CountryCode, LinkId, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::analytics::compare;
use crate::support::{Fixture, NOW, click, later, link_id, on_both_databases, workspace_id};

on_both_databases!(
    many_small_batches_add_up,
    few_values_stay_in_the_row_of_the_day,
    many_values_move_to_the_rollups,
    a_large_addition_goes_to_the_rollups_at_once,
    nodes_that_take_in_at_once_lose_nothing,
    damaged_tallies_are_told_and_stop_nothing_else,
    rows_of_an_older_version_give_the_same_answers,
);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// `NOW` is noon.
const MIDNIGHT: i64 = 12 * HOUR;

const FULL_ROWS: &str = "SELECT COUNT(*) FROM link_days WHERE length(tallies) >= 512";
const PACKED_ROWS: &str = "SELECT COUNT(*) FROM link_days WHERE length(tallies) > 0";
const UNPACKED_ROWS: &str = "SELECT COUNT(*) FROM click_rollups WHERE scope_id IN (SELECT link_id FROM link_counters)";

async fn record(fixture: &Fixture, number: u64, clicks: &[Click]) {
    record_clicks(fixture.clicks(), Uuid::nil(), "test", clicks, (number, 0)).await.unwrap();
}

/// Compares the workspace and its links with a count by hand, over whole days, parts of days and hours.
async fn compare_all(fixture: &Fixture, clicks: &[Click], links: u8) {
    let workspace = workspace_id(1);
    let scopes = (0..links).map(|link| Scope::Link(workspace, link_id(link)));
    for scope in std::iter::once(Scope::Workspace(workspace)).chain(scopes) {
        for (start, end) in [
            (-DAY, 4 * DAY),
            (MIDNIGHT, MIDNIGHT + DAY),
            (5 * HOUR, 2 * DAY + 7 * HOUR),
            (MIDNIGHT - 2 * HOUR, MIDNIGHT + 3 * HOUR),
            (DAY, DAY + HOUR),
        ] {
            compare(fixture, clicks, scope, Range { start: later(start), end: later(end) }).await;
        }
    }
}

/// Clicks on four links of a workspace within three days, in many batches. Visitors of the first two links are all alike,
/// those of the others come from everywhere.
fn any_batches() -> impl Strategy<Value = Vec<Vec<Click>>> {
    let any_click = (0..4_u8, 0..3 * DAY, 0..4_usize, 0..2_usize, 0..90_usize, 0..10_u8);
    let drawn = prop::collection::vec(prop::collection::vec(any_click, 0..14), 40..60);
    drawn.prop_map(|batches| {
        let mut number = 0;
        type Drawn = (u8, i64, usize, usize, usize, u8);
        let mut make = |(link, at, country, device, referer, bot): Drawn| {
            number += 1;
            let alike = link < 2;
            let at = if alike { at - at % (6 * HOUR) } else { at };
            Click {
                country: (!alike).then(|| CountryCode::parse(["DE", "FR", "US", "JP"][country]).unwrap()),
                device: ["Desktop", "Mobile"][if alike { 0 } else { device }].into(),
                referer: if alike { "(direct)".into() } else { format!("{referer}.example.com").into() },
                bot: bot == 0,
                ..click(number, workspace_id(1), link_id(link), later(at))
            }
        };
        batches.into_iter().map(|batch| batch.into_iter().map(&mut make).collect()).collect()
    })
}

async fn many_small_batches_add_up(fixture: Fixture) {
    let batches = any_batches().new_tree(&mut TestRunner::default()).unwrap().current();
    let mut clicks = Vec::new();
    for (number, batch) in (0..).zip(&batches) {
        record(&fixture, number, batch).await;
        clicks.extend_from_slice(batch);
        if number % 20 == 19 {
            compare_all(&fixture, &clicks, 4).await;
        }
    }
    compare_all(&fixture, &clicks, 4).await;
    assert_eq!(fixture.number_of_clicks_database(FULL_ROWS).await, 0, "each batch leaves room");
    assert!(fixture.number_of_clicks_database(PACKED_ROWS).await > 0);
    assert!(fixture.number_of_clicks_database(UNPACKED_ROWS).await > 0);
}

async fn few_values_stay_in_the_row_of_the_day(fixture: Fixture) {
    let clicks: Vec<Click> = (0..200).map(|number| click(number, workspace_id(1), link_id(0), NOW)).collect();
    for (number, batch) in (0..).zip(clicks.chunks(3)) {
        record(&fixture, number, batch).await;
    }
    compare_all(&fixture, &clicks, 1).await;
    assert_eq!(fixture.number_of_clicks_database(FULL_ROWS).await, 0);
    assert_eq!(fixture.number_of_clicks_database(UNPACKED_ROWS).await, 0, "summed, they are small");
}

/// The `number`th click comes from a site of its own.
fn from_a_new_site(number: u32) -> Click {
    let referer = format!("{number}.example.com").into();
    Click { referer, ..click(number, workspace_id(1), link_id(0), later(i64::from(number))) }
}

async fn many_values_move_to_the_rollups(fixture: Fixture) {
    let mut clicks = Vec::new();
    for number in 0..100 {
        clicks.push(from_a_new_site(number));
        record(&fixture, number.into(), &clicks[clicks.len() - 1..]).await;
        assert_eq!(fixture.number_of_clicks_database(FULL_ROWS).await, 0);
    }
    compare_all(&fixture, &clicks, 1).await;
    let unpacked = fixture.number_of_clicks_database(UNPACKED_ROWS).await;
    assert!((60..110).contains(&unpacked), "a row per site that moved: {unpacked}");
}

async fn a_large_addition_goes_to_the_rollups_at_once(fixture: Fixture) {
    let clicks: Vec<Click> = (0..50).map(from_a_new_site).collect();
    record(&fixture, 0, &clicks).await;
    compare_all(&fixture, &clicks, 1).await;
    assert_eq!(fixture.number_of_clicks_database(PACKED_ROWS).await, 0);
    // The total, five values of the other dimensions but one, and the sites.
    assert_eq!(fixture.number_of_clicks_database(UNPACKED_ROWS).await, 5 + 50);
}

async fn nodes_that_take_in_at_once_lose_nothing(fixture: Fixture) {
    let nodes = 6;
    let batches: Vec<Vec<Click>> = (0..nodes * 15)
        .map(|batch| {
            let clicks = (batch * 8..batch * 8 + 8).map(|number| {
                let link = link_id(u8::try_from(number % 3).unwrap());
                let referer = format!("{}.example.com", number % 40).into();
                Click { link_id: link, referer, ..click(number, workspace_id(1), link, NOW) }
            });
            clicks.collect()
        })
        .collect();
    let taken = batches.chunks(15).zip(1_u128..).map(|(batches, log)| {
        let db = fixture.clicks();
        async move {
            for (batch, number) in batches.iter().zip(0..) {
                record_clicks(db, Uuid::from_u128(log), "test", batch, (number, 0)).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(taken).await;
    compare_all(&fixture, &batches.concat(), 3).await;
    assert_eq!(fixture.number_of_clicks_database(FULL_ROWS).await, 0);
}

async fn damaged_tallies_are_told_and_stop_nothing_else(fixture: Fixture) {
    let (workspace, damaged, other) = (workspace_id(1), link_id(0), link_id(1));
    let at = |link: LinkId, number: u32| click(number, workspace, link, NOW);
    record(&fixture, 0, &[at(damaged, 1), at(other, 2)]).await;
    let (id, bytes) = (fixture.literal(damaged.as_bytes(), "uuid"), fixture.literal(&[0xff; 600], "bytea"));
    fixture.execute_on_clicks(format!("UPDATE link_days SET tallies = {bytes} WHERE link_id = {id}")).await;
    for number in 3..9 {
        record(&fixture, number.into(), &[at(damaged, number), at(other, 100 + number)]).await;
    }
    let db = fixture.clicks();
    let hours = Range { start: NOW, end: later(HOUR) };
    let error = count(db, Scope::Link(workspace, damaged), hours).await.unwrap_err();
    let AnalyticsError::Database(error) = error else { panic!("{error:?}") };
    let error = error.to_string();
    assert!(error.contains(&damaged.to_string()) && error.contains("2026-03-01"), "{error}");
    assert_eq!(count(db, Scope::Link(workspace, other), hours).await.unwrap(), 7);
    // Whole days do not need them.
    let days = Range { start: later(-MIDNIGHT), end: later(MIDNIGHT) };
    assert_eq!(count(db, Scope::Link(workspace, damaged), days).await.unwrap(), 7);
    assert_eq!(top_links(db, workspace, days, 5).await.unwrap(), [(damaged, 7), (other, 7)]);
}

/// What the first version stored of a click: rows of the rollups and the link's counter.
fn old_rows(fixture: &Fixture, click: &Click) -> String {
    let at = click.at.as_millis();
    let (hour, day) = (at - at % HOUR, at - at % DAY);
    let link = fixture.literal(click.link_id.as_bytes(), "uuid");
    let workspace = fixture.literal(click.workspace_id.as_bytes(), "uuid");
    let country = click.country.as_ref().map_or("", |country| country.as_str());
    let link_value = click.link_id.as_uuid().simple().to_string();
    let values = [(1, country), (2, &*click.device), (3, &*click.browser), (4, &*click.os), (5, &*click.referer)];
    let mut rows = Vec::new();
    let mut add = |scope: &str, dimension: i16, bucket: i64, value: &str| {
        rows.push(format!(
            "INSERT INTO click_rollups (scope_id, dimension, bucket, value, clicks) \
             VALUES ({scope}, {dimension}, {bucket}, '{value}', 1) \
             ON CONFLICT (scope_id, dimension, bucket, value) DO UPDATE SET clicks = click_rollups.clicks + 1;"
        ));
    };
    if click.bot {
        for (scope, dimension, bucket) in [(&link, 7, hour), (&workspace, 7, hour), (&workspace, 23, day)] {
            add(scope, dimension, bucket, "");
        }
    } else {
        for (dimension, value) in [(0, "")].into_iter().chain(values) {
            add(&link, dimension, hour, value);
            add(&workspace, dimension, hour, value);
            add(&workspace, dimension + 16, day, value);
        }
        add(&workspace, 6, hour, &link_value);
        add(&workspace, 22, day, &link_value);
    }
    let (people, last) = if click.bot { (0, "NULL".to_owned()) } else { (1, at.to_string()) };
    rows.push(format!(
        "INSERT INTO link_counters (link_id, workspace_id, clicks, last_clicked_at) \
         VALUES ({link}, {workspace}, {people}, {last}) ON CONFLICT (link_id) DO UPDATE SET \
         clicks = link_counters.clicks + {people}, last_clicked_at = COALESCE({last}, link_counters.last_clicked_at);"
    ));
    rows.join("\n")
}

async fn rows_of_an_older_version_give_the_same_answers(fixture: Fixture) {
    let batches = any_batches().new_tree(&mut TestRunner::default()).unwrap().current();
    let (old, new) = batches.split_at(20);
    let mut clicks = old.concat();
    clicks.sort_by_key(|click| click.at);
    let back = "DROP TABLE link_days; ALTER TABLE link_counters DROP COLUMN first_clicked_at; \
        DELETE FROM click_migrations WHERE version = '0002_link_days';";
    let rows: String = clicks.iter().map(|click| old_rows(&fixture, click)).collect();
    fixture.execute_on_clicks(format!("{back} BEGIN; {rows} COMMIT;")).await;
    fixture.databases.migrate().await.unwrap();
    let stale = "SELECT COUNT(*) FROM click_rollups WHERE dimension IN (6, 22)";
    assert_eq!(fixture.number_of_clicks_database(stale).await, 0);
    compare_all(&fixture, &clicks, 4).await;
    first_buckets(&fixture, &clicks).await;
    // New clicks on the same days join them.
    for (number, batch) in (0..).zip(new) {
        record(&fixture, number, batch).await;
        clicks.extend_from_slice(batch);
    }
    compare_all(&fixture, &clicks, 4).await;
    first_buckets(&fixture, &clicks).await;
}

/// All-time series of links begin where they were clicked first.
async fn first_buckets(fixture: &Fixture, clicks: &[Click]) {
    use data_ops::analytics::{Granularity, timeseries};
    for link in (0..4).map(link_id) {
        let of_link = clicks.iter().filter(|click| click.link_id == link && !click.bot);
        let first = of_link.map(|click| click.at.as_millis() - click.at.as_millis() % HOUR).min().unwrap();
        let scope = Scope::Link(workspace_id(1), link);
        let zone = jiff::tz::TimeZone::UTC;
        let all = Range::all(later(4 * DAY));
        let series = timeseries(fixture.clicks(), scope, all, Granularity::Hour, zone).await.unwrap();
        assert_eq!(series[0].start, Timestamp::from_millis(first));
        assert!(series[0].clicks > 0);
    }
}
