//! Writes the bytes that [`code`](super::code) reads.

use std::collections::HashMap;

use super::code::{FULL, MET, NOT_MET, NUMBER, PLAIN, STICKY, TEST_IN, TEST_NOT_IN};
use crate::types::{Condition, CountryCode, DestinationUrl, GeoTargets, Rule, SetOperator};

pub(super) fn compile(url: &DestinationUrl, geo: &GeoTargets, rules: &[Rule]) -> Box<[u8]> {
    if geo.is_empty() && rules.is_empty() {
        let mut bytes = Vec::with_capacity(1 + url.as_str().len());
        bytes.push(PLAIN);
        bytes.extend_from_slice(url.as_str().as_bytes());
        return bytes.into_boxed_slice();
    }
    let mut destinations = Destinations::default();
    destinations.place(url);
    // GeoTargets are sorted by country, as the binary search needs them.
    let (countries, country_destinations): (Vec<u8>, Vec<usize>) =
        geo.iter().map(|(country, url)| (country.place(), destinations.place(url))).unzip();
    let mut flags = FULL;
    let mut rule_bytes = Vec::new();
    for rule in rules {
        let bytes = compile_rule(rule, &mut destinations);
        put_number(&mut rule_bytes, bytes.len());
        rule_bytes.extend_from_slice(&bytes);
        if rule.destinations.len() > 1 {
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
    bytes.extend_from_slice(&countries);
    for destination in country_destinations {
        put_number(&mut bytes, destination);
    }
    bytes.extend_from_slice(&rule_bytes);
    bytes.extend_from_slice(destinations.urls.as_bytes());
    bytes.into_boxed_slice()
}

/// The URLs of a program, each once.
#[derive(Default)]
struct Destinations<'a> {
    urls: String,
    ends: Vec<usize>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Destinations<'a> {
    fn place(&mut self, url: &'a DestinationUrl) -> usize {
        *self.places.entry(url.as_str()).or_insert_with(|| {
            self.urls.push_str(url.as_str());
            self.ends.push(self.urls.len());
            self.ends.len() - 1
        })
    }
}

fn compile_rule<'a>(rule: &'a Rule, destinations: &mut Destinations<'a>) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_number(&mut bytes, rule.destinations.len());
    let mut sum = 0_usize;
    for destination in &rule.destinations {
        sum += usize::from(destination.weight);
        put_number(&mut bytes, destinations.place(&destination.url));
        put_number(&mut bytes, sum);
    }
    let mut tests = Tests::default();
    if sum == 0 {
        // Nobody can be sent anywhere: the rule is never met.
        let exits = tests.push(TEST_IN, &[]);
        tests.set(exits.if_true, NOT_MET);
        tests.set(exits.if_false, NOT_MET);
    } else {
        let exits = tests.compile(&rule.when);
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
