//! The shapes analytics are answered in.

use data_ops::{
    analytics::Bucket,
    links::Link,
    types::{DestinationUrl, Host, LinkId, Slug, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{links::view::short_link, schema},
    services::Services,
};

/// Clicks, in the shape that goes with `groupBy`. Bots are left out throughout.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Analytics {
    Count(ClickCount),
    Timeseries(Vec<ClicksInPeriod>),
    Countries(Vec<ClicksByCountry>),
    Devices(Vec<ClicksByDevice>),
    Browsers(Vec<ClicksByBrowser>),
    Os(Vec<ClicksByOs>),
    Referers(Vec<ClicksByReferer>),
    TopLinks(Vec<ClicksByLink>),
}

/// All clicks of the range (`groupBy=count`).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClickCount {
    #[schema(schema_with = schema::count)]
    clicks: u64,
}

/// The clicks of one hour, day or month (`groupBy=timeseries`); periods without clicks are listed too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClicksInPeriod {
    /// When the period begins.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    #[schema(schema_with = schema::count)]
    clicks: u64,
}

macro_rules! clicks_by {
    ($(#[$doc:meta])* $name:ident, $(#[$field_doc:meta])* $field:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $name {
            $(#[$field_doc])*
            $field: String,
            #[schema(schema_with = schema::count)]
            clicks: u64,
        }

        impl From<(String, u64)> for $name {
            fn from(($field, clicks): (String, u64)) -> Self {
                Self { $field, clicks }
            }
        }
    };
}

clicks_by!(
    /// The clicks from one country (`groupBy=countries`), most clicks first.
    ClicksByCountry,
    /// ISO 3166-1 alpha-2, or `Unknown`.
    country
);
clicks_by!(
    /// The clicks from one kind of device (`groupBy=devices`), most clicks first.
    ClicksByDevice,
    /// `Desktop`, `Mobile`, `Tablet` …
    device
);
clicks_by!(
    /// The clicks from one browser (`groupBy=browsers`), most clicks first.
    ClicksByBrowser,
    /// `Chrome`, `Safari`, `Firefox` …
    browser
);
clicks_by!(
    /// The clicks from one operating system (`groupBy=os`), most clicks first.
    ClicksByOs,
    /// `Windows`, `iOS`, `Android` …
    os
);
clicks_by!(
    /// The clicks from one referring site (`groupBy=referers`), most clicks first.
    ClicksByReferer,
    /// The referring site's host, or `(direct)`.
    referer
);

/// The clicks on one link (`groupBy=top_links`), most clicks first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClicksByLink {
    /// The link's id.
    #[schema(value_type = String, example = "link_01jd9zk3w0f5ktqk4mt2e8h6pc")]
    link: LinkId,
    #[schema(value_type = String, example = "go.example.com")]
    domain: Host,
    #[schema(value_type = String, example = "summer-sale")]
    key: Slug,
    #[schema(example = "https://go.example.com/summer-sale")]
    short_link: String,
    #[schema(value_type = String, example = "https://example.com/summer")]
    url: DestinationUrl,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(schema_with = schema::count)]
    clicks: u64,
}

impl From<u64> for ClickCount {
    fn from(clicks: u64) -> Self {
        Self { clicks }
    }
}

impl From<Bucket> for ClicksInPeriod {
    fn from(bucket: Bucket) -> Self {
        Self { start: bucket.start, clicks: bucket.clicks }
    }
}

impl ClicksByLink {
    pub(super) fn new(link: Link, clicks: u64, services: &Services) -> Self {
        Self {
            short_link: short_link(&link.domain, &link.slug, services),
            link: link.id,
            domain: link.domain,
            key: link.slug,
            url: link.url,
            created_at: link.created_at,
            clicks,
        }
    }
}
