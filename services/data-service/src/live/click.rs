//! A click as whoever watches sees it.

use data_ops::{
    clicks::Click,
    types::{ClickId, CountryCode, LinkId, Timestamp},
};
use serde::{Deserialize, Serialize};

use crate::clicks::cut;

/// Longer texts are cut, in bytes: the tracker keeps many clicks in a state of bounded size.
const LABEL_LIMIT: usize = 64;
const HOST_LIMIT: usize = 253;
const DESTINATION_LIMIT: usize = 512;

/// One click, in the names of the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveClick {
    /// Its id.
    pub id: ClickId,
    /// Which link.
    pub link_id: LinkId,
    /// The link's domain; `None` once the link is deleted.
    pub domain: Option<String>,
    /// The link's slug; `None` once the link is deleted.
    pub key: Option<String>,
    /// Where from, as far as known.
    pub country: Option<CountryCode>,
    /// Not looked up.
    pub city: Option<String>,
    /// Not looked up.
    pub latitude: Option<f64>,
    /// Not looked up.
    pub longitude: Option<f64>,
    /// "Desktop", "Mobile" …
    pub device: String,
    /// The browser's family.
    pub browser: String,
    /// The operating system's family.
    pub os: String,
    /// The host of the page that linked here, or "(direct)".
    pub referer: String,
    /// Where the visitor was sent, cut where it is long.
    pub destination: String,
    /// Whether that was a backup, because the destination proper is broken.
    pub served_backup: bool,
    /// Whether a program clicked.
    pub bot: bool,
    /// When.
    pub at: Timestamp,
}

impl LiveClick {
    /// The click on the link served at this domain and slug.
    #[must_use]
    pub fn new(click: &Click, served_at: Option<(String, String)>) -> Self {
        let label = |text: &str| cut(text, LABEL_LIMIT).to_owned();
        let (domain, key) = served_at.unzip();
        Self {
            id: click.id,
            link_id: click.link_id,
            domain,
            key,
            country: click.country,
            city: None,
            latitude: None,
            longitude: None,
            device: label(&click.device),
            browser: label(&click.browser),
            os: label(&click.os),
            referer: cut(&click.referer, HOST_LIMIT).to_owned(),
            destination: cut(&click.destination, DESTINATION_LIMIT).to_owned(),
            served_backup: click.served_backup.is_some(),
            bot: click.bot,
            at: click.at,
        }
    }
}
