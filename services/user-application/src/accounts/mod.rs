//! Secrets of accounts: passwords, tokens, and the first run.

pub(crate) mod bootstrap;
pub(crate) mod password;
pub(crate) mod password_policy;
pub(crate) mod setup_link;
pub(crate) mod throttle;
pub(crate) mod token;
