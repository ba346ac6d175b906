//! What is sent, as the document describes it. The frames themselves come from the data service.

use data_ops::types::HealthState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::schema;

/// One message of the websocket.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what is sent")]
pub(crate) enum LiveFrame {
    /// The clicks of the last minute, oldest first. First, and again whenever something was missed: it takes the place of
    /// everything sent before.
    Snapshot(LiveClickList),
    /// Clicks that were just recorded; at most four such frames a second.
    Clicks(LiveClickList),
    /// A destination's health changed. Not repeated: after another snapshot, ask for what is shown of it again.
    Health(LiveHealth),
    /// Every 20 seconds, so that a client can tell silence from a lost connection. Needs no answer.
    Ping,
}

/// How a destination is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveHealth {
    /// The destination's id.
    #[schema(example = "dest_01jd9zk3w0f5ktqk4mt2e8h6pj")]
    destination: String,
    /// Its URL.
    url: String,
    /// How it is.
    state: HealthState,
    /// Whether its links lead to their backups now.
    down: bool,
    /// How many links lead elsewhere since.
    #[schema(schema_with = schema::count)]
    links: u64,
}

/// Clicks, and how many they stand for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveClickList {
    /// At most 50.
    clicks: Vec<LiveClick>,
    /// How many more there were. A burst is thinned out, and says so here.
    #[schema(schema_with = schema::count)]
    omitted: u64,
    /// How many there were, listed or not.
    #[schema(schema_with = schema::count)]
    total: u64,
}

/// One click. Long texts are cut.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveClick {
    /// Its id.
    #[schema(example = "evt_01jd9zk3w0f5ktqk4mt2e8h6pc")]
    id: String,
    /// The link.
    #[schema(example = "link_01jd9zk3w0f5ktqk4mt2e8h6pc")]
    link_id: String,
    /// The link's domain; null once the link is deleted.
    #[schema(required)]
    domain: Option<String>,
    /// The link's key; null once the link is deleted.
    #[schema(required)]
    key: Option<String>,
    /// ISO 3166-1 alpha-2; null where it is not known.
    #[schema(required, example = "DE")]
    country: Option<String>,
    /// Not looked up yet.
    #[schema(required)]
    city: Option<String>,
    /// Not looked up yet.
    #[schema(required)]
    latitude: Option<f64>,
    /// Not looked up yet.
    #[schema(required)]
    longitude: Option<f64>,
    /// Desktop, Mobile, Tablet …
    device: String,
    /// The browser's family.
    browser: String,
    /// The operating system's family.
    os: String,
    /// The host of the page the visitor came from, or (direct).
    referer: String,
    /// Where the visitor was sent.
    destination: String,
    /// Whether that was a backup, because the destination proper is broken.
    served_backup: bool,
    /// Whether a program clicked.
    bot: bool,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}
