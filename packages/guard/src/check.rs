//! The check of a URL by itself, without any look-up.
//!
//! The raw text comes first: parsers of URLs drop line breaks and turn backslashes into slashes, so that what they give back looks more
//! harmless than what was written. Then the URL is read as browsers read it, which turns every spelling of an address into that address.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{Policy, Refusal, host_name};

/// The longest URL that is looked at, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// What the guard says to a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be fetched, as far as can be seen without looking up its host.
    Allow,
    /// It is not fetched.
    Block(Refusal),
}

/// A host and port that a user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    host: String,
    port: u16,
}

/// Who named a URL.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NamedBy<'a> {
    /// A user.
    User,
    /// A redirect or a page, on the way from what a user named.
    Web(&'a Origin),
}

/// A URL that passed the check.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// In its normal form.
    pub url: Url,
    pub host: TargetHost,
    pub port: u16,
    /// Its address may be one of a private network.
    pub may_be_private: bool,
}

/// Where a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetHost {
    /// A name in lower-case ASCII without final dot.
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// The host and port, as what a user named.
    pub fn origin(&self) -> Origin {
        Origin { host: self.host_text(), port: self.port }
    }

    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host as in the URL.
    pub fn host_text(&self) -> String {
        match &self.host {
            TargetHost::Name(name) => name.clone(),
            TargetHost::Address(IpAddr::V4(address)) => address.to_string(),
            TargetHost::Address(IpAddr::V6(address)) => format!("[{address}]"),
        }
    }
}

impl Origin {
    /// Whether a page of this origin may lead to `host` and `port` although that is private: they are the same, or one is the other's
    /// twin with TLS.
    fn includes(&self, host: &str, port: u16) -> bool {
        let web = |port| matches!(port, 80 | 443);
        self.host == host && (self.port == port || (web(self.port) && web(port)))
    }
}

/// Checks a URL without looking anything up.
pub(crate) fn check(policy: &Policy, text: &str, named_by: NamedBy<'_>) -> Result<Target, Refusal> {
    let written_host = check_text(text)?;
    let mut url = Url::parse(text).map_err(|_| unreadable(written_host))?;
    // Nobody is told what a page was to scroll to.
    url.set_fragment(None);
    let port = url.port_or_known_default().ok_or(Refusal::InvalidUrl)?;
    let host = match url.host().ok_or(Refusal::InvalidUrl)? {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name).to_owned();
            if written_host.contains('%') || !host_name::is_valid(&name) {
                return Err(Refusal::InvalidHost);
            }
            url.set_host(Some(&name)).map_err(|_| Refusal::InvalidHost)?;
            TargetHost::Name(name)
        }
        Host::Ipv4(address) => TargetHost::Address(address.into()),
        Host::Ipv6(address) => TargetHost::Address(address.into()),
    };
    let mut target = Target { url, host, port, may_be_private: false };
    check_target(policy, &mut target, named_by)?;
    if let TargetHost::Address(address @ IpAddr::V4(_)) = target.host
        && written_host.strip_suffix('.').unwrap_or(written_host) != address.to_string()
    {
        return Err(Refusal::DisguisedAddress { address });
    }
    Ok(target)
}

/// Checks the host and port of a tunnel, `example.com:443` or `[2001:db8::1]:443`.
pub(crate) fn check_authority(policy: &Policy, authority: &str, named_by: NamedBy<'_>) -> Result<Target, Refusal> {
    let after_brackets = authority.rfind(']').map_or(0, |end| end + 1);
    // Without a port, `https` would mean 443; a tunnel always says it.
    if !authority[after_brackets..].contains(':') || authority.contains(['/', '?', '#']) {
        return Err(Refusal::InvalidUrl);
    }
    check(policy, &format!("https://{authority}/"), named_by)
}

fn check_target(policy: &Policy, target: &mut Target, named_by: NamedBy<'_>) -> Result<(), Refusal> {
    let host = target.host_text();
    target.may_be_private = policy.allows_private()
        && match named_by {
            NamedBy::User => true,
            NamedBy::Web(origin) => origin.includes(&host, target.port),
        };
    policy.check_own(&host, target.port)?;
    match &target.host {
        TargetHost::Name(name) => policy.check_name(name, target.may_be_private)?,
        TargetHost::Address(address) => policy.check_address(*address, target.may_be_private)?,
    }
    policy.check_port(target.port, target.may_be_private)
}

/// Checks the text as it was written; answers the host as it was written.
fn check_text(text: &str) -> Result<&str, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(Refusal::TooLong { limit: MAX_LENGTH });
    }
    if text.contains(char::is_control) || text.trim().len() != text.len() {
        return Err(Refusal::ControlCharacter);
    }
    let after_scheme = after_scheme(text)?;
    let slashes = after_scheme.find(|c| c != '/' && c != '\\').unwrap_or(after_scheme.len());
    if after_scheme[..slashes].contains('\\') {
        return Err(Refusal::Backslash);
    }
    if slashes != 2 {
        return Err(Refusal::InvalidUrl);
    }
    let rest = &after_scheme[2..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('\\') {
        return Err(Refusal::Backslash);
    }
    if authority.contains('@') {
        return Err(Refusal::Credentials);
    }
    let bracket = authority.rfind(']').unwrap_or(0);
    let end = authority[bracket..].find(':').map_or(authority.len(), |colon| bracket + colon);
    Ok(&authority[..end])
}

/// What follows `http:` or `https:`.
fn after_scheme(text: &str) -> Result<&str, Refusal> {
    let Some((scheme, after)) = text.split_once(':') else { return Err(Refusal::MissingScheme) };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    // "example.com:8080/path" has no scheme; its host would be read as one.
    if !is_scheme || scheme.contains('.') {
        return Err(Refusal::MissingScheme);
    }
    match scheme.to_ascii_lowercase() {
        scheme if scheme == "http" || scheme == "https" => Ok(after),
        scheme => Err(Refusal::SchemeNotAllowed { scheme }),
    }
}

/// Why a text whose scheme is fine could not be read.
fn unreadable(written_host: &str) -> Refusal {
    if written_host.is_empty() { Refusal::InvalidUrl } else { Refusal::InvalidHost }
}

#[cfg(test)]
mod tests;
