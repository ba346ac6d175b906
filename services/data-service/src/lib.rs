//! The data service: redirects visitors, captures their clicks, and turns them into analytics.
//!
//! * [`server`]: the front door, one port for everything.
//! * [`redirect`]: where a visitor goes.
//! * [`links`]: all links in memory, never stale.
//! * [`visitors`]: who asks: address, country, device.
//! * [`clicks`]: from captured bytes to counted clicks.
//! * [`evaluation`]: looks at destinations.
//! * [`health`]: when what was found of a destination sends visitors elsewhere.
//! * [`live`]: clicks as they happen.
//! * [`nats`]: how nodes speak with each other.

pub mod clicks;
pub mod evaluation;
pub mod health;
pub mod links;
pub mod live;
pub mod nats;
pub mod redirect;
pub mod server;
pub mod visitors;
