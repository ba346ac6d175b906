//! Programs of links some of whose destinations are down.

use std::collections::HashSet;

use super::*;

fn url_of(number: u8) -> DestinationUrl {
    url(&format!("https://example.com/{number}"))
}

fn down(numbers: &[u8]) -> Down {
    numbers.iter().map(|number| (url_of(*number).as_str().into(), DownReason::Broken)).collect()
}

fn urls(numbers: &[u8]) -> Vec<DestinationUrl> {
    numbers.iter().copied().map(url_of).collect()
}

#[test]
fn visitors_of_a_destination_that_is_down_get_the_first_backup_that_is_not() {
    let (home, backups) = (url_of(0), urls(&[1, 2]));
    let (geo, geo_backups) = (GeoTargets::new(), GeoBackups::new());
    let places = Places { url: &home, geo: &geo, rules: &[], backups: &backups, geo_backups: &geo_backups };
    for (are_down, served, backup) in
        [(&[][..], 0, None), (&[1, 2], 0, None), (&[0], 1, Some(0)), (&[0, 1], 2, Some(1)), (&[0, 1, 2], 0, None)]
    {
        let program = Program::compile_with(&places, &down(are_down));
        let decision = program.decide(&from("DE"));
        assert_eq!((decision.destination, decision.backup), (url_of(served).as_str(), backup), "{are_down:?}");
        assert_eq!((decision.rule, decision.down.is_some()), (DecidedBy::Default, backup.is_some()));
        assert!(!program.needs_sticky());
    }
    let pinned = Down::from([(url_of(0).as_str().into(), DownReason::Pinned)]);
    assert_eq!(Program::compile_with(&places, &pinned).decide(&from("DE")).down, Some(DownReason::Pinned));
}

#[test]
fn what_is_well_costs_what_it_did() {
    let (home, backups) = (url_of(0), urls(&[1, 2, 3]));
    let (geo, geo_backups) = (GeoTargets::new(), GeoBackups::new());
    let places = Places { url: &home, geo: &geo, rules: &[], backups: &backups, geo_backups: &geo_backups };
    let program = Program::compile_with(&places, &down(&[1]));
    assert_eq!(program, Program::compile(&home, &geo, &[]));
    assert_eq!(program.heap_bytes(), 1 + home.as_str().len());
}

/// Without a backup the visitors of a share are divided among the others by weight, and nobody else moves.
#[test]
fn the_share_of_a_destination_that_is_down_is_divided_by_weight() {
    let (home, geo, geo_backups) = (url_of(9), GeoTargets::new(), GeoBackups::new());
    let everybody = Condition::Not { not: Box::new(is_in(&["AQ"])) };
    let shares = [("https://example.com/0", 60), ("https://example.com/1", 30), ("https://example.com/2", 10)];
    let rules = [rule(everybody, &shares)];
    let places = Places { url: &home, geo: &geo, rules: &rules, backups: &[], geo_backups: &geo_backups };
    let well = Program::compile(&home, &geo, &rules);
    let failed_over = Program::compile_with(&places, &down(&[0]));
    assert!(failed_over.needs_sticky());
    let (mut moved, mut stayed) = ([0_u32; 3], [0_u32; 3]);
    for sticky in 0..100_000 {
        let visitor = Visitor { country: None, sticky };
        let (before, after) = (well.decide(&visitor), failed_over.decide(&visitor));
        if before.destination_index == 0 {
            assert_eq!((after.backup, after.down), (None, Some(DownReason::Broken)));
            moved[usize::from(after.destination_index)] += 1;
        } else {
            assert_eq!(after, before);
            stayed[usize::from(after.destination_index)] += 1;
        }
    }
    // 60,000 moved, three to one; the standard deviation is 106.
    assert!(moved[0] == 0 && moved[1].abs_diff(45_000) < 700 && moved[2].abs_diff(15_000) < 700, "{moved:?}");
    assert!(stayed[1].abs_diff(30_000) < 700 && stayed[2].abs_diff(10_000) < 700, "{stayed:?}");
}

/// What the words of [`Program::compile_with`] mean, written as plainly as possible: everyone a visitor may be led to, with
/// which backup that is and why. `meant` is where they would go if all were well.
fn served(
    meant: (&DestinationUrl, u16),
    of_rule: &[WeightedDestination],
    backups: &[DestinationUrl],
    down: &Down,
) -> Vec<(String, u16, Option<u16>, Option<DownReason>)> {
    let text = |url: &DestinationUrl| url.as_str().to_owned();
    let (destination, position) = meant;
    let Some(why) = down.get(destination.as_str()).copied() else {
        return vec![(text(destination), position, None, None)];
    };
    for (index, backup) in backups.iter().enumerate() {
        if !down.contains_key(backup.as_str()) {
            return vec![(text(backup), position, Some(u16::try_from(index).unwrap()), Some(why))];
        }
    }
    let mut others = Vec::new();
    for (index, other) in of_rule.iter().enumerate() {
        if !down.contains_key(other.url.as_str()) && other.weight > 0 {
            others.push((text(&other.url), u16::try_from(index).unwrap(), None, Some(why)));
        }
    }
    if others.is_empty() { vec![(text(destination), position, None, None)] } else { others }
}

fn few_urls() -> impl Strategy<Value = DestinationUrl> {
    (0..8_u8).prop_map(url_of)
}

fn some_backups() -> impl Strategy<Value = Vec<DestinationUrl>> {
    vec(few_urls(), 0..4)
}

fn rule_with_backups() -> impl Strategy<Value = Rule> {
    let destination = (few_urls(), 0..5_u16).prop_map(|(url, weight)| WeightedDestination { url, weight });
    (some_condition(), vec(destination, 0..4), some_backups()).prop_map(|(when, destinations, backups)| Rule {
        when,
        destinations,
        backups,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn programs_fail_over_as_the_words_mean(
        home in few_urls(),
        geo in vec((some_country(), few_urls()), 0..5).prop_map(GeoTargets::from_iter),
        rules in vec(rule_with_backups(), 0..4),
        backups in some_backups(),
        geo_backups in vec((some_country(), some_backups()), 0..5).prop_map(GeoBackups::from_iter),
        are_down in proptest::collection::hash_map(0..8_u8, any::<bool>(), 0..8),
        sticky in any::<u64>(),
    ) {
        let down: Down = are_down
            .iter()
            .map(|(number, is_pinned)| {
                let why = if *is_pinned { DownReason::Pinned } else { DownReason::Broken };
                (url_of(*number).as_str().into(), why)
            })
            .collect();
        let places = Places { url: &home, geo: &geo, rules: &rules, backups: &backups, geo_backups: &geo_backups };
        let well = Program::compile(&home, &geo, &rules);
        let failed_over = Program::compile_with(&places, &down);
        prop_assert_eq!(&Program::compile_with(&places, &Down::new()), &well);
        for country in std::iter::once(None).chain(["AD", "DE", "FR", "US", "ZW", "JP"].map(country).map(Some)) {
            let visitor = Visitor { country, sticky };
            // Where they go if all is well is what the other tests are about.
            let meant = well.decide(&visitor);
            let (of_rule, backups) = match meant.rule {
                DecidedBy::Rule(index) => {
                    let rule = &rules[usize::from(index)];
                    (rule.destinations.as_slice(), rule.backups.as_slice())
                }
                DecidedBy::Geo => (&[][..], geo_backups.get(country.unwrap())),
                DecidedBy::Default => (&[][..], backups.as_slice()),
            };
            let destination = url(meant.destination);
            let expected = served((&destination, meant.destination_index), of_rule, backups, &down);
            let found = failed_over.decide(&visitor);
            prop_assert_eq!(found.rule, meant.rule);
            let found = (found.destination.to_owned(), found.destination_index, found.backup, found.down);
            let expected: HashSet<_> = expected.into_iter().collect();
            prop_assert!(expected.contains(&found), "{:?} is none of {:?}", found, expected);
        }
    }
}
