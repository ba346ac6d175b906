//! Domains: the hosts short links live on.

pub(crate) mod list;
