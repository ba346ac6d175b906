//! Who goes where: a link's destinations and rules, compiled into a few bytes that decide without allocating.
//!
//! The program is pure: it knows neither the clock nor the network, only the visitor it is given. Rules come first, in
//! order; then the visitor's country; then the link's own destination.

mod code;
mod compile;

use std::fmt;

use crate::types::{CountryCode, DestinationUrl, GeoTargets, Rule};
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
        Self { bytes: compile::compile(url, geo, rules) }
    }

    /// Where this visitor goes.
    #[must_use]
    pub fn decide(&self, visitor: &Visitor) -> Decision<'_> {
        match Reader::new(&self.bytes) {
            Reader::Plain(url) => by_default(url),
            // A program written by this module can always be read; if it could not, visitors would still go to the
            // link's own destination.
            Reader::Full(program) => {
                program.decide(visitor).unwrap_or_else(|| by_default(program.default_destination()))
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
    Decision { destination, rule: DecidedBy::Default, destination_index: 0 }
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
