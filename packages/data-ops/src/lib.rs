//! What both services share: validated types, the routing program, the database schema and every query.

pub mod clock;
pub mod routing;
pub mod types;
