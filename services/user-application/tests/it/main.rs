//! The real application, over both databases. A room per feature; each test takes an application of its own and runs twice,
//! as `<room>::sqlite::<test>` and `<room>::postgres::<test>`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail there and then")]

mod background;
mod support;
mod watching;

mod access_matrix;
mod accounts;
mod admin;
mod analytics;
mod api_keys;
mod assets;
mod backups;
mod bulk;
mod cross_site;
mod destinations;
mod evaluations;
mod failures;
mod health;
mod input;
mod links;
mod listing;
mod live;
mod openapi;
mod reference;
mod workspaces;
