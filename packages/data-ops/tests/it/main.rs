//! Every query, on both databases. A room per feature; each test takes an empty, migrated pair of databases and runs
//! twice, as `<room>::sqlite::<test>` and `<room>::postgres::<test>`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

mod accounts;
mod analytics;
mod api_keys;
mod changes;
mod clicks;
mod dependencies;
mod destinations;
mod domains;
mod evaluations;
mod failures;
mod former_links;
mod ingest_rate;
mod link_days;
mod links;
mod migrations;
mod routable;
mod tenants;
mod workspaces;
