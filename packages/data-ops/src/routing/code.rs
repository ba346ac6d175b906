//! The bytes of a program and how they are read. Numbers are little-endian `u32` unless said otherwise.
//!
//! A link with one destination, which most are, is the byte 0 and the URL. Any other program is:
//!
//! | part | what |
//! |---|---|
//! | flags, one byte | [`FULL`], [`STICKY`] when a rule divides its visitors, and [`FAILED_OVER`] when a destination is down |
//! | 4 numbers | counts of destinations, of countries and of rules, and the place where the URLs start |
//! | per destination | where its URL ends, counted from the first URL; each starts where the one before ends, the first one is the link's own |
//! | per destination, only if failed over | whether visitors come here in the place of one that is down: see [`instead`] |
//! | per country | its place in the table of countries (one byte), ascending |
//! | per country | its destination |
//! | per rule | its length, its destinations, its condition |
//! | URLs | one behind the other; each only once, however many countries or rules lead there in the same way |
//!
//! What is down is known when the program is written. So a failover costs nothing when it is run: where a destination is down, what
//! is served in its place stands there, and says so.
//!
//! The destinations of a rule are their number and, for each, the destination and the sum of the weights up to and with
//! it; if failed over, also which of the rule's destinations it is, from 0. The condition is a list of tests, each of which names the next test for either outcome: [`TEST_IN`] or
//! [`TEST_NOT_IN`] (one byte), the next one if true, the next one if false, the number of countries (one byte) and
//! their places, ascending. A next test is a place in the list behind the present one, or [`MET`] or [`NOT_MET`]; so every run
//! ends, and no depth of nesting needs a stack.

use super::{DecidedBy, Decision, DownReason, Visitor};

pub(super) const PLAIN: u8 = 0;
pub(super) const FULL: u8 = 1;
pub(super) const STICKY: u8 = 2;
pub(super) const FAILED_OVER: u8 = 4;
pub(super) const TEST_IN: u8 = 0;
pub(super) const TEST_NOT_IN: u8 = 1;
pub(super) const MET: u32 = u32::MAX;
pub(super) const NOT_MET: u32 = u32::MAX - 1;
/// Bytes of a number.
pub(super) const NUMBER: usize = 4;

pub(super) fn needs_sticky(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|flags| flags & STICKY != 0)
}

/// In whose place visitors come to a destination: 0 where it is the one meant. Otherwise the lowest byte is 1 when that is
/// broken and 2 when it is pinned, and the bytes above are the number of the backup, from 1, or 0 for another destination of the same
/// rule.
pub(super) fn instead(served: Option<(Option<u16>, DownReason)>) -> usize {
    served.map_or(0, |(backup, why)| {
        let why = match why {
            DownReason::Broken => 1,
            DownReason::Pinned => 2,
        };
        why | (backup.map_or(0, |backup| usize::from(backup) + 1) << 8)
    })
}

fn read_instead(number: usize) -> (Option<u16>, Option<DownReason>) {
    let why = match number & 0xff {
        0 => return (None, None),
        2 => DownReason::Pinned,
        _ => DownReason::Broken,
    };
    (u16::try_from(number >> 8).ok().and_then(|backup| backup.checked_sub(1)), Some(why))
}

/// A program, taken apart as far as its first decision needs.
pub(super) enum Reader<'a> {
    Plain(&'a str),
    Full(FullProgram<'a>),
}

pub(super) struct FullProgram<'a> {
    url_ends: &'a [u8],
    /// Empty unless failed over.
    instead: &'a [u8],
    countries: &'a [u8],
    country_destinations: &'a [u8],
    rules: &'a [u8],
    rule_count: usize,
    urls: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        match bytes.split_first() {
            Some((&PLAIN, url)) => Self::Plain(text(url)),
            Some((&flags, rest)) => FullProgram::new(flags, rest).map_or(Self::Plain(""), Self::Full),
            None => Self::Plain(""),
        }
    }
}

impl<'a> FullProgram<'a> {
    fn new(flags: u8, mut rest: &'a [u8]) -> Option<Self> {
        let destination_count = take_number(&mut rest)?;
        let country_count = take_number(&mut rest)?;
        let rule_count = take_number(&mut rest)?;
        let urls_start = take_number(&mut rest)?;
        let url_ends = take(&mut rest, destination_count.checked_mul(NUMBER)?)?;
        let failed_over = if flags & FAILED_OVER == 0 { 0 } else { destination_count };
        let instead = take(&mut rest, failed_over.checked_mul(NUMBER)?)?;
        let countries = take(&mut rest, country_count)?;
        let country_destinations = take(&mut rest, country_count.checked_mul(NUMBER)?)?;
        let rules = take(&mut rest, urls_start)?;
        Some(Self { url_ends, instead, countries, country_destinations, rules, rule_count, urls: rest })
    }

    /// The link's own destination, or what is served in its place.
    pub(super) fn default_decision(&self) -> Option<Decision<'a>> {
        self.decision(0, DecidedBy::Default, 0)
    }

    pub(super) fn decide(&self, visitor: &Visitor) -> Option<Decision<'a>> {
        let mut rules = self.rules;
        let shares = if self.instead.is_empty() { 2 } else { 3 };
        for index in 0..self.rule_count {
            let length = take_number(&mut rules)?;
            let mut rule = take(&mut rules, length)?;
            let count = take_number(&mut rule)?;
            let destinations = take(&mut rule, count.checked_mul(shares * NUMBER)?)?;
            if condition_is_met(rule, visitor)? {
                let place = share(destinations, shares, count, visitor.sticky)?;
                let destination = number_at(destinations, shares * place)?;
                let position = if shares == 2 { place } else { number_at(destinations, shares * place + 2)? };
                let rule = DecidedBy::Rule(u16::try_from(index).unwrap_or(u16::MAX));
                return self.decision(destination, rule, position);
            }
        }
        let place = visitor.country.and_then(|country| self.countries.binary_search(&country.place()).ok());
        let (rule, destination) = match place {
            Some(place) => (DecidedBy::Geo, number_at(self.country_destinations, place)?),
            None => (DecidedBy::Default, 0),
        };
        self.decision(destination, rule, 0)
    }

    fn decision(&self, destination: usize, rule: DecidedBy, position: usize) -> Option<Decision<'a>> {
        let instead = if self.instead.is_empty() { 0 } else { number_at(self.instead, destination)? };
        let (backup, down) = read_instead(instead);
        let destination_index = u16::try_from(position).unwrap_or(u16::MAX);
        Some(Decision { destination: self.destination(destination)?, rule, destination_index, backup, down })
    }

    fn destination(&self, index: usize) -> Option<&'a str> {
        let start = match index.checked_sub(1) {
            Some(before) => number_at(self.url_ends, before)?,
            None => 0,
        };
        let end = number_at(self.url_ends, index)?;
        self.urls.get(start..end).map(text)
    }
}

fn condition_is_met(tests: &[u8], visitor: &Visitor) -> Option<bool> {
    let mut at = 0;
    loop {
        let mut test = tests.get(at..)?;
        let operator = take_byte(&mut test)?;
        let if_true = take_u32(&mut test)?;
        let if_false = take_u32(&mut test)?;
        let count = take_byte(&mut test)?;
        let countries = take(&mut test, usize::from(count))?;
        let is_in = visitor.country.is_some_and(|country| countries.binary_search(&country.place()).is_ok());
        let next = if is_in == (operator == TEST_IN) { if_true } else { if_false };
        match next {
            MET => return Some(true),
            NOT_MET => return Some(false),
            // Only forwards: a run cannot go round in circles.
            next => at = usize::try_from(next).ok().filter(|next| *next > at)?,
        }
    }
}

/// Which of `count` shares, of so many numbers each, a visitor falls on.
fn share(destinations: &[u8], numbers: usize, count: usize, sticky: u64) -> Option<usize> {
    if count == 1 {
        return Some(0);
    }
    let sum_to = |place: usize| number_at(destinations, numbers * place + 1);
    let total = sum_to(count.checked_sub(1)?)?;
    let point = point(sticky, total);
    let (mut low, mut high) = (0, count - 1);
    while low < high {
        let middle = low.midpoint(high);
        if point < sum_to(middle)? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

/// Spreads visitors evenly over `0..total`, even when their numbers are not random (the mixing is SplitMix64's).
fn point(sticky: u64, total: usize) -> usize {
    let mut mixed = sticky.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let point = (u128::from(mixed) * total as u128) >> 64;
    usize::try_from(point).unwrap_or(0)
}

fn text(bytes: &[u8]) -> &str {
    // Only URLs were written, which are ASCII.
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk::<NUMBER>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*number))
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    take_u32(bytes).and_then(|number| usize::try_from(number).ok())
}

fn number_at(bytes: &[u8], index: usize) -> Option<usize> {
    let start = index.checked_mul(NUMBER)?;
    bytes.get(start..).and_then(|mut rest| take_number(&mut rest))
}
