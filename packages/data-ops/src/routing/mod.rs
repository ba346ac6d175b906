//! Who goes where: a link's destinations and rules, compiled into a few bytes that decide without allocating.
//!
//! The program is pure: it knows neither the clock nor the network, only the visitor it is given. Rules come first, in
//! order; then the visitor's country; then the link's own destination.
//!
//! Which destinations are down is known when a program is compiled: see [`Program::compile_with`].

mod code;
mod compile;

use std::collections::HashMap;
use std::fmt;

use crate::types::{CountryCode, DestinationUrl, GeoBackups, GeoTargets, Rule};
use code::Reader;

/// What a decision may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visitor {
    /// Where the visitor is, as far as that is known.
    pub country: Option<CountryCode>,
    /// A number that stays the same for a visitor of a link, so that they keep the destination that their share
    /// fell on. Only looked at when [`Program::needs_sticky`].
    pub sticky: u64,
}

/// Where a visitor goes, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The URL, fit for a `Location` header.
    pub destination: &'a str,
    /// What decided.
    pub rule: DecidedBy,
    /// Which of the rule's destinations it is, from 0; always 0 where no rule decided.
    pub destination_index: u16,
    /// Which of the backups it is, from 0; `None` where it is none.
    pub backup: Option<u16>,
    /// Why the visitor does not go where they were meant to: to a backup, or to another destination of the same rule.
    pub down: Option<DownReason>,
}

/// Why a destination is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DownReason {
    /// It was found broken.
    Broken,
    /// Somebody wants its backups served.
    Pinned,
}

impl DownReason {
    /// `broken` or `pinned`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Pinned => "pinned",
        }
    }
}

/// The destinations of a link that are down, by their URLs.
pub type Down = HashMap<Box<str>, DownReason>;

/// The destinations of a link, and their backups. Those of rules are within the rules.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// Where visitors go when nothing else applies.
    pub url: &'a DestinationUrl,
    /// Where visitors from certain countries go.
    pub geo: &'a GeoTargets,
    /// Where visitors go who meet a condition.
    pub rules: &'a [Rule],
    /// Backups of `url`.
    pub backups: &'a [DestinationUrl],
    /// Backups of `geo`.
    pub geo_backups: &'a GeoBackups,
}

/// What decided where a visitor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// Nothing else did: the link's own destination.
    Default,
    /// The visitor's country.
    Geo,
    /// The rule at this index.
    Rule(u16),
}

impl fmt::Display for DecidedBy {
    /// `default`, `geo` or `rule:3`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Geo => formatter.write_str("geo"),
            Self::Rule(index) => write!(formatter, "rule:{index}"),
        }
    }
}

/// A link's destinations and rules in one allocation. See [`code`] for the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    bytes: Box<[u8]>,
}

impl Program {
    /// Compiles a link. Every input gives a program; rules without a destination or without any weight are passed over.
    #[must_use]
    pub fn compile(url: &DestinationUrl, geo: &GeoTargets, rules: &[Rule]) -> Self {
        static NONE: GeoBackups = GeoBackups::new();
        Self::compile_with(&Places { url, geo, rules, backups: &[], geo_backups: &NONE }, &Down::new())
    }

    /// Compiles a link some of whose destinations are down.
    ///
    /// In the place of one that is down, visitors go to the first of its backups that is not; without one, they go there all the
    /// same. In a rule that divides its visitors, those of a destination that is down go to the first of the rule's backups that is
    /// not; without one, to the rule's other destinations that are not, by their weights; without these, they stay. Everybody else
    /// keeps the destination they had.
    #[must_use]
    pub fn compile_with(places: &Places<'_>, down: &Down) -> Self {
        Self { bytes: compile::compile(places, down) }
    }

    /// Where this visitor goes.
    #[must_use]
    pub fn decide(&self, visitor: &Visitor) -> Decision<'_> {
        match Reader::new(&self.bytes) {
            Reader::Plain(url) => by_default(url),
            // A program written by this module can always be read; if it could not, visitors would still go to the
            // link's own destination.
            Reader::Full(program) => {
                program.decide(visitor).or_else(|| program.default_decision()).unwrap_or_else(|| by_default(""))
            }
        }
    }

    /// Whether a decision may depend on [`Visitor::sticky`], which costs the caller something to work out.
    #[must_use]
    pub fn needs_sticky(&self) -> bool {
        code::needs_sticky(&self.bytes)
    }

    /// How many bytes the program takes beside the [`Program`] itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.bytes.len()
    }
}

fn by_default(destination: &str) -> Decision<'_> {
    Decision { destination, rule: DecidedBy::Default, destination_index: 0, backup: None, down: None }
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Program")
            .field("default", &self.decide(&Visitor::default()).destination)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
