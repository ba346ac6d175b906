//! Every decision about a redirect, shared by both lanes.

use std::{hash::Hasher, net::IpAddr, sync::Arc};

use data_ops::{
    routing::{DecidedBy, DownReason, Visitor},
    types::{ClickId, CountryCode, Timestamp},
};
use durable::log::RecordBatch;
use siphasher::sip::SipHasher13;

use crate::{
    clicks::{CapturedClick, TEXT_LIMIT, cut},
    links::{CachedLink, LinkMap},
    visitors::{ClientAddress, CountryDatabase},
};

/// What a redirect needs to know of a request. Borrowed from the request's bytes; nothing in it is trusted.
#[derive(Debug, Clone, Copy)]
pub struct RedirectRequest<'a> {
    /// The visitor's query string, without `?`.
    pub query: Option<&'a str>,
    /// Who asks.
    pub client: ClientAddress,
    /// The country a trusted proxy declared, where one is configured to.
    pub declared_country: Option<&'a str>,
    /// `User-Agent`, empty where none or an unreadable one was sent.
    pub user_agent: &'a str,
    /// `Referer`, likewise.
    pub referrer: &'a str,
    /// The browser said that it fetches ahead of the visitor.
    pub prefetch: bool,
}

/// Where a visitor goes, and why.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// The stored destination.
    pub destination: &'a str,
    /// Which part of the link's program chose it.
    pub decided_by: DecidedBy,
    /// Which backup it is, from 0; `None` where it is none.
    pub backup: Option<u16>,
    /// Why the visitor does not go where they were meant to.
    pub down: Option<DownReason>,
    /// The visitor's country.
    pub country: Option<CountryCode>,
}

/// Decides redirects. Cheap to share: one for all lanes.
pub struct Redirector {
    /// The links.
    pub links: Arc<LinkMap>,
    countries: CountryDatabase,
}

impl Redirector {
    /// Over the links in memory and a country database.
    #[must_use]
    pub fn new(links: Arc<LinkMap>, countries: CountryDatabase) -> Self {
        Self { links, countries }
    }

    /// Decides where `request` goes on `link`.
    #[must_use]
    pub fn decide<'a>(&self, link: &'a CachedLink, request: &RedirectRequest<'_>) -> Decided<'a> {
        let country = self.country(request);
        let sticky = if link.program.needs_sticky() { sticky(link, request) } else { 0 };
        let decision = link.program.decide(&Visitor { country, sticky });
        Decided {
            destination: decision.destination,
            decided_by: decision.rule,
            backup: decision.backup,
            down: decision.down,
            country,
        }
    }

    fn country(&self, request: &RedirectRequest<'_>) -> Option<CountryCode> {
        request
            .declared_country
            .and_then(|declared| CountryCode::parse(declared).ok())
            .or_else(|| self.countries.country(request.client.address))
    }
}

/// The visitor's place in a split: the same on every node, after every restart and upgrade, so the hash is one with a fixed
/// definition (SipHash) and a fixed key.
fn sticky(link: &CachedLink, request: &RedirectRequest<'_>) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0x6861_7368, 0x726f_7574);
    hasher.write_u64(network(request.client.address));
    hasher.write(request.user_agent.as_bytes());
    hasher.write(link.link.as_uuid().as_bytes());
    hasher.finish()
}

/// The part of an address that stays the same while a visitor's device changes the rest of it.
fn network(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => u64::from(u32::from(address)),
        IpAddr::V6(address) => address.segments()[..4].iter().fold(0, |network, part| network << 16 | u64::from(*part)),
    }
}

/// Writes the click's record. The destination is stored without what the visitor appended to it.
pub(crate) fn capture(
    batch: &mut RecordBatch,
    id: ClickId,
    at: Timestamp,
    link: &CachedLink,
    decided: &Decided<'_>,
    request: &RedirectRequest<'_>,
) {
    // The record's texts are cut, so it is far below the log's limit.
    let pushed = batch.push(|out| {
        CapturedClick {
            id,
            link: link.link,
            workspace: link.workspace,
            at,
            country: decided.country,
            prefetch: request.prefetch,
            decided_by: decided.decided_by,
            served_backup: decided.backup,
            served_reason: decided.down,
            destination: decided.destination,
            user_agent: cut(request.user_agent, TEXT_LIMIT),
            referrer: cut(request.referrer, TEXT_LIMIT),
        }
        .encode(out);
    });
    if pushed.is_err() {
        metrics::counter!("hashroute_clicks_lost_total").increment(1);
    }
}
