use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::types::{Condition, SetOperator, WeightedDestination};

mod failing_over;

fn url(text: &str) -> DestinationUrl {
    DestinationUrl::parse(text).unwrap()
}

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn from(code: &str) -> Visitor {
    Visitor { country: Some(country(code)), sticky: 0 }
}

fn is_in(codes: &[&str]) -> Condition {
    let value = codes.iter().map(|code| country(code)).collect();
    Condition::Country { op: SetOperator::In, value }
}

fn rule(when: Condition, destinations: &[(&str, u16)]) -> Rule {
    let destinations =
        destinations.iter().map(|(text, weight)| WeightedDestination { url: url(text), weight: *weight }).collect();
    Rule { when, destinations, backups: Vec::new() }
}

#[test]
fn a_plain_link_leads_everybody_to_its_destination() {
    let program = Program::compile(&url("https://example.com/x"), &GeoTargets::new(), &[]);
    for visitor in [Visitor::default(), from("DE")] {
        let decision = program.decide(&visitor);
        assert_eq!(decision.destination, "https://example.com/x");
        assert_eq!((decision.rule, decision.destination_index), (DecidedBy::Default, 0));
    }
    assert!(!program.needs_sticky());
}

#[test]
fn rules_come_before_countries_and_countries_before_the_default() {
    let geo = GeoTargets::from_iter([
        (country("DE"), url("https://example.com/de")),
        (country("US"), url("https://example.com/us")),
    ]);
    let rules = [
        rule(is_in(&["DE"]), &[("https://example.com/rule", 1)]),
        rule(is_in(&["DE", "FR"]), &[("https://example.com/second", 1)]),
    ];
    let program = Program::compile(&url("https://example.com/"), &geo, &rules);
    for (visitor, destination, rule) in [
        (from("DE"), "https://example.com/rule", DecidedBy::Rule(0)),
        (from("FR"), "https://example.com/second", DecidedBy::Rule(1)),
        (from("US"), "https://example.com/us", DecidedBy::Geo),
        (from("JP"), "https://example.com/", DecidedBy::Default),
        (Visitor::default(), "https://example.com/", DecidedBy::Default),
    ] {
        let decision = program.decide(&visitor);
        assert_eq!((decision.destination, decision.rule), (destination, rule));
    }
}

#[test]
fn a_visitor_of_unknown_country_is_in_none() {
    let not_in = Condition::Country { op: SetOperator::NotIn, value: vec![country("DE")] };
    let rules =
        [rule(is_in(&["DE"]), &[("https://example.com/in", 1)]), rule(not_in, &[("https://example.com/out", 1)])];
    let program = Program::compile(&url("https://example.com/"), &GeoTargets::new(), &rules);
    assert_eq!(program.decide(&Visitor::default()).rule, DecidedBy::Rule(1));
}

#[test]
fn visitors_are_shared_by_weight_and_keep_their_destination() {
    let shares = [("https://example.com/a", 70), ("https://example.com/b", 20), ("https://example.com/c", 10)];
    let everybody = Condition::Not { not: Box::new(is_in(&["AQ"])) };
    let program = Program::compile(&url("https://example.com/"), &GeoTargets::new(), &[rule(everybody, &shares)]);
    assert!(program.needs_sticky());
    let mut counts = [0_u32; 3];
    // Consecutive numbers, the least random there are.
    for sticky in 0..100_000 {
        let visitor = Visitor { country: None, sticky };
        let decision = program.decide(&visitor);
        assert_eq!(program.decide(&visitor), decision);
        let index = usize::from(decision.destination_index);
        assert_eq!(decision.destination, shares[index].0);
        counts[index] += 1;
    }
    // The standard deviation of the largest share is 145.
    for (count, (_, weight)) in counts.iter().zip(shares) {
        assert!(count.abs_diff(u32::from(weight) * 1_000) < 700, "{counts:?}");
    }
}

#[test]
fn one_destination_needs_no_sticky_number() {
    let rules = [rule(is_in(&["DE"]), &[("https://example.com/de", 5)])];
    assert!(!Program::compile(&url("https://example.com/"), &GeoTargets::new(), &rules).needs_sticky());
}

#[test]
fn a_plain_link_takes_little_more_than_its_url() {
    let destination = url("https://shop.example.com/products/42?utm_source=newsletter");
    let program = Program::compile(&destination, &GeoTargets::new(), &[]);
    let beside_the_url = size_of::<Program>() + program.heap_bytes() - destination.as_str().len();
    assert!(beside_the_url <= 24, "{beside_the_url} bytes");
}

#[test]
fn a_url_used_often_is_stored_once() {
    let destination = url("https://example.com/a-destination-that-is-used-by-many-countries");
    let one = GeoTargets::from_iter([(country("DE"), destination.clone())]);
    let all = CountryCode::all().map(|country| (country, destination.clone())).collect();
    let bytes = |geo: &GeoTargets| Program::compile(&url("https://example.com/"), geo, &[]).heap_bytes();
    assert!(bytes(&all) - bytes(&one) <= 5 * CountryCode::COUNT);
}

#[test]
fn every_country_finds_its_own_destination() {
    let to = |country: CountryCode| format!("https://example.com/{country}");
    let geo = CountryCode::all().map(|country| (country, url(&to(country)))).collect();
    let program = Program::compile(&url("https://example.com/"), &geo, &[]);
    for country in CountryCode::all() {
        let decision = program.decide(&Visitor { country: Some(country), sticky: 0 });
        assert_eq!(decision.destination, to(country));
    }
}

#[test]
fn the_decision_is_named_for_the_record() {
    let names = [DecidedBy::Default, DecidedBy::Geo, DecidedBy::Rule(12)].map(|by| by.to_string());
    assert_eq!(names, ["default", "geo", "rule:12"]);
}

/// The meaning of rules, written as plainly as possible. The share of a visitor is taken from the program itself:
/// that shares are right is what `visitors_are_shared_by_weight_and_keep_their_destination` shows.
mod naive {
    use super::*;

    fn is_true(condition: &Condition, visitor: &Visitor) -> bool {
        match condition {
            Condition::All { all } => all.iter().all(|one| is_true(one, visitor)),
            Condition::Any { any } => any.iter().any(|one| is_true(one, visitor)),
            Condition::Not { not } => !is_true(not, visitor),
            Condition::Country { op: SetOperator::In, value } => {
                visitor.country.is_some_and(|country| value.contains(&country))
            }
            Condition::Country { op: SetOperator::NotIn, value } => {
                !visitor.country.is_some_and(|country| value.contains(&country))
            }
        }
    }

    /// The destinations the visitor may be sent to, in the order of their shares, and what decided.
    pub(super) fn decide<'a>(
        url: &'a DestinationUrl,
        geo: &'a GeoTargets,
        rules: &'a [Rule],
        visitor: &Visitor,
    ) -> (Vec<(&'a str, u16)>, DecidedBy) {
        let has_weight = |rule: &Rule| rule.destinations.iter().any(|one| one.weight > 0);
        for (index, rule) in rules.iter().enumerate() {
            if has_weight(rule) && is_true(&rule.when, visitor) {
                let destinations = rule.destinations.iter().map(|one| (one.url.as_str(), one.weight)).collect();
                return (destinations, DecidedBy::Rule(u16::try_from(index).unwrap()));
            }
        }
        match visitor.country.and_then(|country| geo.get(country)) {
            Some(url) => (vec![(url.as_str(), 1)], DecidedBy::Geo),
            None => (vec![(url.as_str(), 1)], DecidedBy::Default),
        }
    }
}

/// Few countries, so that visitors and conditions meet.
fn some_country() -> impl Strategy<Value = CountryCode> {
    prop_oneof![Just("AD"), Just("DE"), Just("FR"), Just("US"), Just("ZW")].prop_map(country)
}

fn some_url() -> impl Strategy<Value = DestinationUrl> {
    "[a-z]{0,3}".prop_map(|path| url(&format!("https://example.com/{path}")))
}

fn some_condition() -> impl Strategy<Value = Condition> {
    let test = (any::<bool>(), vec(some_country(), 0..4)).prop_map(|(is_in, value)| {
        let op = if is_in { SetOperator::In } else { SetOperator::NotIn };
        Condition::Country { op, value }
    });
    test.prop_recursive(6, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|all| Condition::All { all }),
            vec(inner.clone(), 0..4).prop_map(|any| Condition::Any { any }),
            inner.prop_map(|not| Condition::Not { not: Box::new(not) }),
        ]
    })
}

fn some_rule() -> impl Strategy<Value = Rule> {
    let destination = (some_url(), 0..5_u16).prop_map(|(url, weight)| WeightedDestination { url, weight });
    (some_condition(), vec(destination, 0..4)).prop_map(|(when, destinations)| Rule {
        when,
        destinations,
        backups: Vec::new(),
    })
}

fn some_geo() -> impl Strategy<Value = GeoTargets> {
    vec((some_country(), some_url()), 0..5).prop_map(GeoTargets::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn programs_decide_as_the_rules_mean(
        default in some_url(),
        geo in some_geo(),
        rules in vec(some_rule(), 0..5),
        sticky in any::<u64>(),
    ) {
        let program = Program::compile(&default, &geo, &rules);
        let known = CountryCode::all().map(Some);
        for country in std::iter::once(None).chain(known) {
            let visitor = Visitor { country, sticky };
            let decision = program.decide(&visitor);
            let (destinations, rule) = naive::decide(&default, &geo, &rules, &visitor);
            prop_assert_eq!(decision.rule, rule, "{:?}", country);
            let (destination, weight) = destinations[usize::from(decision.destination_index)];
            prop_assert_eq!(decision.destination, destination);
            prop_assert!(weight > 0);
            prop_assert!(destinations.len() == 1 || program.needs_sticky());
        }
    }

    #[test]
    fn bytes_that_are_no_program_do_no_harm(bytes in vec(any::<u8>(), 0..200)) {
        let program = Program { bytes: bytes.into_boxed_slice() };
        let decision = program.decide(&from("DE"));
        prop_assert!(decision.destination.len() <= program.heap_bytes());
    }
}
