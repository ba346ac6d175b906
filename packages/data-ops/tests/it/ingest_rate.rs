//! How many clicks a second are taken in, printed. Not a check: run it by hand, best optimised, with
//! `cargo nextest run -p data-ops --run-ignored only --no-capture ingest_rate`.

#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::time::{Duration, Instant};

use data_ops::clicks::{Click, record_clicks};
use uuid::Uuid;

use crate::support::{Fixture, click, later, link_id, workspace_id};

/// How clicks spread over links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    /// Each link is as likely: what costs most.
    Even,
    /// Most clicks go to few.
    Skewed,
}

/// Clicks on `links` links of one workspace over an hour, with the spread of values real traffic has.
fn batch(first: u32, size: u32, (case, links, spread): (u8, u32, Spread)) -> Vec<Click> {
    const COUNTRIES: [&str; 8] = ["DE", "US", "FR", "GB", "JP", "BR", "IN", "PL"];
    (first..first + size)
        .map(|number| {
            // A cheap scramble.
            let random = number.wrapping_mul(2_654_435_761) >> 8;
            let share = match (spread, u64::from(random)) {
                (Spread::Even, share) => share,
                (Spread::Skewed, share) => share * share / (1 << 24) * share / (1 << 24),
            };
            let link = share * u64::from(links) / (1 << 24);
            let mut id = *link_id(1).as_bytes();
            id[8] = case;
            id[..8].copy_from_slice(&link.to_be_bytes());
            let link = data_ops::types::LinkId::from_bytes(id);
            let at = later(i64::from(number % 3_600_000));
            Click {
                country: data_ops::types::CountryCode::parse(COUNTRIES[random as usize % 8]).ok(),
                device: ["Desktop", "Mobile"][random as usize % 2].into(),
                browser: ["Chrome", "Safari", "Firefox", "Edge"][random as usize % 4].into(),
                os: ["Windows", "iOS", "Android", "Linux"][random as usize / 4 % 4].into(),
                referer: format!("site{}.example.com", random % 20).into(),
                ..click(number, workspace_id(1), link, at)
            }
        })
        .collect()
}

/// Processor time of this process, all threads.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

async fn measure(fixture: &Fixture, name: &str) {
    const BATCHES: u32 = 6;
    let mut first = 0;
    let skewed = [(1_000, 1_000), (10_000, 1_000), (50_000, 1_000), (50_000, 100_000)];
    let skewed = skewed.map(|(size, links)| (size, links, Spread::Skewed));
    let even = [(50_000, 5_000), (10_000, 100_000), (50_000, 100_000)].map(|(size, links)| (size, links, Spread::Even));
    for (case, (size, links, spread)) in (0..).zip(skewed.into_iter().chain(even)) {
        let (mut wall, mut processor) = (Duration::ZERO, Duration::ZERO);
        for number in 0..BATCHES {
            let clicks = batch(first, size, (case, links, spread));
            first += size;
            let (started, before) = (Instant::now(), processor_time());
            let log = Uuid::from_u128(u128::from(first));
            let position = (u64::from(number), 1);
            record_clicks(fixture.clicks(), log, "rate", &clicks, position).await.unwrap();
            wall += started.elapsed();
            processor += processor_time() - before;
        }
        let rows = f64::from(BATCHES * size);
        println!(
            "{name}: {size} a batch over {links} links, {spread:?}: {:.0} clicks/s, {:.1} µs of processor a click",
            rows / wall.as_secs_f64(),
            processor.as_secs_f64() * 1e6 / rows
        );
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn ingest_rate_sqlite() {
    measure(&Fixture::sqlite().await, "SQLite").await;
}

#[tokio::test]
#[ignore = "a measurement"]
async fn ingest_rate_postgres() {
    measure(&Fixture::postgres().await, "PostgreSQL (its own processor time is not in it)").await;
}
