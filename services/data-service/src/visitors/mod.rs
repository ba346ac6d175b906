//! Who is asking: the visitor's address, country, device and whether it is a machine.

mod client_address;
mod country;
mod user_agent;

pub use client_address::{ClientAddress, TrustedProxies};
pub use country::{CountryDatabase, CountryDatabaseError, watch_country_database};
pub use user_agent::{Agent, classify_user_agent, referrer_host};
