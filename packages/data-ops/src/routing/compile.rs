//! Writes the bytes that [`code`](super::code) reads.

use std::collections::HashMap;

use super::code::{FAILED_OVER, FULL, MET, NOT_MET, NUMBER, PLAIN, STICKY, TEST_IN, TEST_NOT_IN, instead};
use super::{Down, DownReason, Places};
use crate::types::{Condition, CountryCode, DestinationUrl, Rule, SetOperator, WeightedDestination};

pub(super) fn compile(places: &Places<'_>, down: &Down) -> Box<[u8]> {
    let Places { url, geo, rules, backups, geo_backups } = *places;
    let own = serve(url, backups, down);
    if geo.is_empty() && rules.is_empty() && own.instead.is_none() {
        let mut bytes = Vec::with_capacity(1 + url.as_str().len());
        bytes.push(PLAIN);
        bytes.extend_from_slice(url.as_str().as_bytes());
        return bytes.into_boxed_slice();
    }
    let mut destinations = Destinations::default();
    destinations.place(own);
    // GeoTargets are sorted by country, as the binary search needs them.
    let of_country = |(country, url)| serve(url, geo_backups.get(country), down);
    let (countries, country_destinations): (Vec<u8>, Vec<usize>) =
        geo.iter().map(|place| (place.0.place(), destinations.place(of_country(place)))).unzip();
    let mut flags = FULL;
    let rules: Vec<Shares<'_>> = rules.iter().map(|rule| Shares::of(rule, down)).collect();
    for share in rules.iter().flat_map(|shares| &shares.shares) {
        destinations.place(share.served);
    }
    let failed_over = !destinations.instead.iter().all(|instead| *instead == 0);
    if failed_over {
        flags |= FAILED_OVER;
    }
    let mut rule_bytes = Vec::new();
    for shares in &rules {
        let bytes = compile_rule(shares, failed_over, &mut destinations);
        put_number(&mut rule_bytes, bytes.len());
        rule_bytes.extend_from_slice(&bytes);
        if shares.rule.destinations.len() > 1 {
            flags |= STICKY;
        }
    }

    let mut bytes = vec![flags];
    put_number(&mut bytes, destinations.ends.len());
    put_number(&mut bytes, countries.len());
    put_number(&mut bytes, rules.len());
    put_number(&mut bytes, rule_bytes.len());
    for end in &destinations.ends {
        put_number(&mut bytes, *end);
    }
    if failed_over {
        for instead in &destinations.instead {
            put_number(&mut bytes, *instead);
        }
    }
    bytes.extend_from_slice(&countries);
    for destination in country_destinations {
        put_number(&mut bytes, destination);
    }
    bytes.extend_from_slice(&rule_bytes);
    bytes.extend_from_slice(destinations.urls.as_bytes());
    bytes.into_boxed_slice()
}

/// What visitors of a place are served.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Served<'a> {
    url: &'a str,
    /// Which backup it is, and why not what was meant; or another destination, without a backup.
    instead: Option<(Option<u16>, DownReason)>,
}

impl<'a> Served<'a> {
    fn as_meant(url: &'a DestinationUrl) -> Self {
        Self { url: url.as_str(), instead: None }
    }
}

/// A destination, or the first of its backups that is not down where it is.
fn serve<'a>(url: &'a DestinationUrl, backups: &'a [DestinationUrl], down: &Down) -> Served<'a> {
    let Some(why) = down.get(url.as_str()) else {
        return Served::as_meant(url);
    };
    first_up(backups, down, *why).unwrap_or_else(|| Served::as_meant(url))
}

fn first_up<'a>(backups: &'a [DestinationUrl], down: &Down, why: DownReason) -> Option<Served<'a>> {
    let (index, url) = backups.iter().enumerate().find(|(_, backup)| !down.contains_key(backup.as_str()))?;
    Some(Served { url: url.as_str(), instead: Some((u16::try_from(index).ok(), why)) })
}

/// What the visitors of a rule are served.
struct Shares<'a> {
    rule: &'a Rule,
    shares: Vec<Share<'a>>,
}

struct Share<'a> {
    served: Served<'a>,
    weight: usize,
    /// Which of the rule's destinations it is.
    position: usize,
}

impl<'a> Shares<'a> {
    fn of(rule: &'a Rule, down: &Down) -> Self {
        let up: Vec<(usize, &WeightedDestination)> =
            rule.destinations.iter().enumerate().filter(|(_, to)| !down.contains_key(to.url.as_str())).collect();
        let weight_up: usize = up.iter().map(|(_, to)| usize::from(to.weight)).sum();
        let is_divided = up.len() < rule.destinations.len() && weight_up > 0;
        // Where a share is divided among the others by their weights, all are scaled so that the parts are whole numbers.
        // The limits of a rule keep the sum below 2^32, and nobody's share moves: see `point`.
        let scale = if is_divided { weight_up } else { 1 };
        let mut shares = Vec::with_capacity(rule.destinations.len());
        for (position, to) in rule.destinations.iter().enumerate() {
            let weight = usize::from(to.weight);
            let Some(why) = down.get(to.url.as_str()) else {
                shares.push(Share { served: Served::as_meant(&to.url), weight: weight * scale, position });
                continue;
            };
            match first_up(&rule.backups, down, *why) {
                Some(served) => shares.push(Share { served, weight: weight * scale, position }),
                None if is_divided => shares.extend(up.iter().map(|(position, other)| Share {
                    served: Served { url: other.url.as_str(), instead: Some((None, *why)) },
                    weight: weight * usize::from(other.weight),
                    position: *position,
                })),
                None => shares.push(Share { served: Served::as_meant(&to.url), weight, position }),
            }
        }
        Self { rule, shares }
    }
}

/// The URLs of a program, each once for each way of being served.
#[derive(Default)]
struct Destinations<'a> {
    urls: String,
    ends: Vec<usize>,
    instead: Vec<usize>,
    places: HashMap<Served<'a>, usize>,
}

impl<'a> Destinations<'a> {
    fn place(&mut self, served: Served<'a>) -> usize {
        *self.places.entry(served).or_insert_with(|| {
            self.urls.push_str(served.url);
            self.ends.push(self.urls.len());
            self.instead.push(instead(served.instead));
            self.ends.len() - 1
        })
    }
}

fn compile_rule<'a>(shares: &Shares<'a>, failed_over: bool, destinations: &mut Destinations<'a>) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_number(&mut bytes, shares.shares.len());
    let mut sum = 0_usize;
    for share in &shares.shares {
        sum += share.weight;
        put_number(&mut bytes, destinations.place(share.served));
        put_number(&mut bytes, sum);
        if failed_over {
            put_number(&mut bytes, share.position);
        }
    }
    let mut tests = Tests::default();
    if sum == 0 {
        // Nobody can be sent anywhere: the rule is never met.
        let exits = tests.push(TEST_IN, &[]);
        tests.set(exits.if_true, NOT_MET);
        tests.set(exits.if_false, NOT_MET);
    } else {
        let exits = tests.compile(&shares.rule.when);
        tests.set(exits.if_true, MET);
        tests.set(exits.if_false, NOT_MET);
    }
    bytes.extend_from_slice(&tests.bytes);
    bytes
}

/// The list of tests a condition is turned into.
#[derive(Default)]
struct Tests {
    bytes: Vec<u8>,
}

/// The places of the tests written so far that still have to be told what comes next.
struct Exits {
    if_true: Vec<usize>,
    if_false: Vec<usize>,
}

impl Tests {
    fn compile(&mut self, condition: &Condition) -> Exits {
        match condition {
            Condition::Country { op, value } => {
                let mut countries: Vec<u8> = value.iter().copied().map(CountryCode::place).collect();
                countries.sort_unstable();
                countries.dedup();
                let operator = match op {
                    SetOperator::In => TEST_IN,
                    SetOperator::NotIn => TEST_NOT_IN,
                };
                self.push(operator, &countries)
            }
            Condition::Not { not } => {
                let Exits { if_true, if_false } = self.compile(not);
                Exits { if_true: if_false, if_false: if_true }
            }
            Condition::All { all } => {
                // An empty set is one that nobody is in: all of nothing is true, as anywhere else.
                let Some((first, rest)) = all.split_first() else {
                    return self.push(TEST_NOT_IN, &[]);
                };
                let mut exits = self.compile(first);
                for condition in rest {
                    let here = self.here();
                    self.set(exits.if_true, here);
                    let next = self.compile(condition);
                    exits.if_false.extend(next.if_false);
                    exits.if_true = next.if_true;
                }
                exits
            }
            Condition::Any { any } => {
                let Some((first, rest)) = any.split_first() else {
                    return self.push(TEST_IN, &[]);
                };
                let mut exits = self.compile(first);
                for condition in rest {
                    let here = self.here();
                    self.set(exits.if_false, here);
                    let next = self.compile(condition);
                    exits.if_true.extend(next.if_true);
                    exits.if_false = next.if_false;
                }
                exits
            }
        }
    }

    fn push(&mut self, operator: u8, countries: &[u8]) -> Exits {
        self.bytes.push(operator);
        let if_true = self.bytes.len();
        put_u32(&mut self.bytes, NOT_MET);
        let if_false = self.bytes.len();
        put_u32(&mut self.bytes, NOT_MET);
        // There are fewer than 256 countries, and each is listed once.
        self.bytes.push(u8::try_from(countries.len()).unwrap_or(u8::MAX));
        self.bytes.extend_from_slice(countries);
        Exits { if_true: vec![if_true], if_false: vec![if_false] }
    }

    fn here(&self) -> u32 {
        narrow(self.bytes.len())
    }

    fn set(&mut self, places: Vec<usize>, next: u32) {
        for place in places {
            self.bytes[place..place + NUMBER].copy_from_slice(&next.to_le_bytes());
        }
    }
}

fn put_u32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_number(bytes: &mut Vec<u8>, number: usize) {
    put_u32(bytes, narrow(number));
}

/// No link comes near four gigabytes; one that did would be read as broken, and lead to its own destination.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
