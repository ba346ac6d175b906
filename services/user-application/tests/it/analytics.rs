//! Answers about clicks.

use std::{collections::BTreeMap, time::Duration};

use data_ops::{
    clicks::{Click, record_clicks},
    types::{ClickId, CountryCode, LinkId, WorkspaceId},
};
use serde_json::{Value, json};

use crate::support::{NOW, Owner, TestApp, assert_snapshot, on_both_databases};

on_both_databases!(clicks_are_counted_and_broken_down, time_series_have_no_gaps, links_carry_their_clicks,);

/// Clicks so many hours ago, from a country, on a link.
async fn record(app: &TestApp, owner: &Owner, clicks: &[(&str, u64, &str, bool)]) {
    let clicks: Vec<Click> = clicks
        .iter()
        .map(|(link, hours_ago, country, bot)| Click {
            id: ClickId::generate(app.clock.as_ref()),
            workspace_id: WorkspaceId::parse(&owner.workspace).unwrap(),
            link_id: LinkId::parse(link).unwrap(),
            at: NOW.minus(Duration::from_secs(hours_ago * 60 * 60)),
            country: CountryCode::parse(country).ok(),
            device: if *country == "DE" { "Mobile" } else { "Desktop" }.into(),
            browser: "Firefox".into(),
            os: "Linux".into(),
            referer: "(direct)".into(),
            destination: "https://example.com/".into(),
            decided_by: "default".into(),
            served_backup: None,
            served_reason: None,
            bot: *bot,
        })
        .collect();
    let log = uuid::Uuid::new_v4();
    record_clicks(&app.databases.clicks, log, "test", &clicks, (0, 1)).await.unwrap();
}

async fn two_links_with_clicks(app: &TestApp, owner: &Owner) -> (String, String) {
    let (first, second) = (app.link(owner, "first").await, app.link(owner, "second").await);
    let clicks = [
        (first.as_str(), 0, "DE", false),
        (first.as_str(), 1, "DE", false),
        (first.as_str(), 1, "DE", true),
        (second.as_str(), 2, "US", false),
        (second.as_str(), 30, "US", false),
        (second.as_str(), 30, "", false),
        (second.as_str(), 31, "US", false),
    ];
    record(app, owner, &clicks).await;
    (first, second)
}

async fn ask(app: &TestApp, owner: &Owner, query: &str) -> Value {
    app.get(&format!("/api/analytics?{query}")).key(owner).send().await.ok()
}

async fn clicks_are_counted_and_broken_down(app: TestApp) {
    let owner = app.owner("ada").await;
    let (first, second) = two_links_with_clicks(&app, &owner).await;
    assert_eq!(ask(&app, &owner, "").await, json!({ "clicks": 3 }), "24 hours, without the bot");
    assert_eq!(ask(&app, &owner, "event=clicks&groupBy=count&interval=7d").await, json!({ "clicks": 6 }));
    assert_eq!(ask(&app, &owner, &format!("interval=all&linkId={first}")).await, json!({ "clicks": 2 }));
    assert_eq!(ask(&app, &owner, "interval=all&domain=go.hr.test&key=second").await, json!({ "clicks": 4 }));
    let range = "start=2026-02-28T00:00:00Z&end=2026-03-01T00:00:00Z";
    assert_eq!(ask(&app, &owner, range).await, json!({ "clicks": 3 }));

    let groups = ["countries", "devices", "browsers", "os", "referers", "top_links"];
    let mut answers = BTreeMap::new();
    for group in groups {
        answers.insert(group, ask(&app, &owner, &format!("groupBy={group}&interval=30d")).await);
    }
    assert_snapshot!("analytics", json!(answers));
    let of_link = ask(&app, &owner, &format!("groupBy=top_links&interval=30d&linkId={second}")).await;
    assert_eq!((of_link.as_array().unwrap().len(), &of_link[0]["clicks"]), (1, &json!(4)));

    app.delete(&format!("/api/links/{second}")).key(&owner).send().await.ok();
    let top = ask(&app, &owner, "groupBy=top_links&interval=30d").await;
    assert_eq!(top.as_array().unwrap().len(), 1, "deleted links are not listed");
    let stranger = app.owner("eve").await;
    assert_eq!(ask(&app, &stranger, "interval=all").await, json!({ "clicks": 0 }));
}

async fn time_series_have_no_gaps(app: TestApp) {
    let owner = app.owner("ada").await;
    two_links_with_clicks(&app, &owner).await;
    let sum = |series: &Value| -> u64 {
        series.as_array().unwrap().iter().map(|bucket| bucket["clicks"].as_u64().unwrap()).sum()
    };
    for (query, buckets, clicks) in [
        ("interval=24h", 24, 3),
        ("interval=7d", 7, 6),
        ("interval=30d&timezone=America/New_York", 30, 6),
        ("interval=90d", 90, 6),
        ("interval=1y", 12, 6),
        ("interval=mtd", 1, 3),
        ("interval=ytd", 3, 6),
    ] {
        let series = ask(&app, &owner, &format!("groupBy=timeseries&{query}")).await;
        assert_eq!((series.as_array().unwrap().len(), sum(&series)), (buckets, clicks), "{query}");
    }
    let series = ask(&app, &owner, "groupBy=timeseries&interval=7d&timezone=Europe/Berlin").await;
    assert_snapshot!("timeseries", series);
}

async fn links_carry_their_clicks(app: TestApp) {
    let owner = app.owner("ada").await;
    let (first, _) = two_links_with_clicks(&app, &owner).await;
    let link = app.get(&format!("/api/links/{first}")).key(&owner).send().await.ok();
    assert_eq!((&link["clicks"], &link["lastClicked"]), (&json!(2), &json!(NOW)));
    let links = app.get("/api/links").key(&owner).send().await.ok();
    let mut clicks: Vec<u64> = links.as_array().unwrap().iter().map(|link| link["clicks"].as_u64().unwrap()).collect();
    clicks.sort_unstable();
    assert_eq!(clicks, [2, 4]);
    let changed = app.patch(&format!("/api/links/{first}"), &json!({ "title": "New" })).key(&owner).send().await.ok();
    assert_eq!(changed["clicks"], json!(2));
}
