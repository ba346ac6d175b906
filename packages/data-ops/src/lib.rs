//! What both services share: validated types, the routing program, the database schema and every query.

pub mod clock;
pub mod routing;
pub mod types;

pub mod accounts;
pub mod analytics;
pub mod api_keys;
pub mod clicks;
pub mod database;
pub mod destinations;
pub mod domains;
pub mod evaluations;
pub mod links;
pub mod workspaces;
