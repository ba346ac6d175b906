use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parse(value: &Value) -> Result<Vec<Rule>, Vec<(String, &'static str)>> {
    Rule::parse_list(value, "rules", &DestinationPolicy::new(false, &[]))
        .map_err(|errors| errors.into_iter().map(|error| (error.path, error.code)).collect())
}

fn errors(value: &Value) -> Vec<(String, &'static str)> {
    parse(value).unwrap_err()
}

fn error(path: &str, code: &'static str) -> (String, &'static str) {
    (path.to_owned(), code)
}

fn rule_when(when: &Value) -> Value {
    json!([{ "when": when, "destinations": [{ "url": "https://example.com/" }] }])
}

fn country(code: &str) -> Value {
    json!({ "type": "country", "op": "in", "value": [code] })
}

#[test]
fn rules_are_written_as_they_are_read() {
    let value = json!([
        {
            "when": { "all": [
                { "not": { "any": [country("DE"), country("AT")] } },
                { "type": "country", "op": "not_in", "value": ["CH", "FR"] },
            ] },
            "destinations": [
                { "url": "https://example.com/a", "weight": 3 },
                { "url": "https://example.com/b", "weight": 1 },
            ],
        },
        { "when": country("US"), "destinations": [{ "url": "https://example.com/us", "weight": 1 }] },
    ]);
    let rules = parse(&value).unwrap();
    assert_eq!(serde_json::to_value(&rules).unwrap(), value);
    assert_eq!(serde_json::from_value::<Vec<Rule>>(value).unwrap(), rules);
}

#[test]
fn null_and_an_empty_list_mean_no_rules() {
    assert_eq!(parse(&json!(null)), Ok(vec![]));
    assert_eq!(parse(&json!([])), Ok(vec![]));
}

#[test]
fn a_weight_left_out_is_one() {
    let rules = parse(&rule_when(&country("de"))).unwrap();
    assert_eq!(rules[0].destinations[0].weight, 1);
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let value = json!([
        {
            "when": { "type": "country", "op": "is", "value": ["DE", "UK", 7] },
            "destinations": [
                { "url": "https://example.com/", "weight": 0 },
                { "url": "http://127.0.0.1/", "weight": "half", "wieght": 1 },
                { "weight": 1.5 },
                "https://example.com/",
            ],
            "backup": [],
        },
        { "when": { "type": "planet", "op": "in", "value": ["DE"] }, "destinations": [] },
        5,
    ]);
    assert_eq!(
        errors(&value),
        [
            error("rules[0].backup", "unknown_field"),
            error("rules[0].when.op", "unknown_operator"),
            error("rules[0].when.value[1]", "unknown_country"),
            error("rules[0].when.value[2]", "type_mismatch"),
            error("rules[0].destinations[0].weight", "out_of_range"),
            error("rules[0].destinations[1].wieght", "unknown_field"),
            error("rules[0].destinations[1].url", "private_address"),
            error("rules[0].destinations[1].weight", "type_mismatch"),
            error("rules[0].destinations[2].url", "missing"),
            error("rules[0].destinations[2].weight", "type_mismatch"),
            error("rules[0].destinations[3]", "type_mismatch"),
            error("rules[1].when.type", "unknown_condition_type"),
            error("rules[1].destinations", "empty"),
            error("rules[2]", "type_mismatch"),
        ]
    );
}

#[test]
fn conditions_are_of_exactly_one_kind() {
    for when in [
        json!({}),
        json!({ "all": [country("DE")], "any": [country("DE")] }),
        json!({ "not": country("DE"), "type": "country" }),
        json!({ "op": "in", "value": ["DE"] }),
    ] {
        assert_eq!(errors(&rule_when(&when)), [error("rules[0].when", "invalid_condition")], "{when}");
    }
    assert_eq!(
        errors(&rule_when(&json!({ "type": "country" }))),
        [error("rules[0].when.op", "missing"), error("rules[0].when.value", "missing")]
    );
    assert_eq!(
        errors(&rule_when(&json!({ "all": [country("DE"), { "any": [] }] }))),
        [error("rules[0].when.all[1].any", "empty")]
    );
}

#[test]
fn a_misspelt_kind_is_named_once() {
    let when = json!({ "al": [country("DE")] });
    assert_eq!(errors(&rule_when(&when)), [error("rules[0].when.al", "unknown_field")]);
}

#[test]
fn size_and_depth_are_limited() {
    let too_many = vec![rule_when(&country("DE"))[0].clone(); Rule::MAX_RULES + 1];
    assert_eq!(errors(&json!(too_many)), [error("rules", "too_many_items")]);
    assert!(parse(&json!(too_many[1..])).is_ok());

    let conditions = |count| rule_when(&json!({ "any": vec![country("DE"); count] }));
    assert!(parse(&conditions(Rule::MAX_CONDITIONS - 1)).is_ok());
    assert_eq!(errors(&conditions(Rule::MAX_CONDITIONS)), [error("rules[0].when.any[99]", "too_many_items")]);

    let nested = |depth| (1..depth).fold(country("DE"), |inner, _| json!({ "not": inner }));
    assert!(parse(&rule_when(&nested(Rule::MAX_DEPTH))).is_ok());
    let too_deep = errors(&rule_when(&nested(Rule::MAX_DEPTH + 1)));
    assert_eq!(too_deep.len(), 1);
    assert_eq!(too_deep[0].1, "too_deep");

    let destinations = vec![json!({ "url": "https://example.com/" }); Rule::MAX_DESTINATIONS + 1];
    let value = json!([{ "when": country("DE"), "destinations": destinations }]);
    assert_eq!(errors(&value), [error("rules[0].destinations", "too_many_items")]);
}

#[test]
fn stored_rules_are_read_without_the_policy_but_not_without_the_rules() {
    let private = json!({ "when": country("DE"), "destinations": [{ "url": "http://localhost/" }] });
    assert!(serde_json::from_value::<Rule>(private).is_ok());
    let wrong = serde_json::from_value::<Rule>(json!({ "when": country("DE") })).unwrap_err();
    assert!(wrong.to_string().contains("destinations"), "{wrong}");
}

/// JSON made of the words that rules are made of.
fn like_rules() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<i64>().prop_map(|number| json!(number)),
        prop_oneof![Just("country"), Just("in"), Just("not_in"), Just("DE"), Just("https://example.com/")]
            .prop_map(|text| json!(text)),
        Just(country("DE")),
    ];
    leaf.prop_recursive(8, 64, 4, |inner| {
        let name = prop_oneof![
            Just("when"),
            Just("destinations"),
            Just("all"),
            Just("any"),
            Just("not"),
            Just("type"),
            Just("op"),
            Just("value"),
            Just("url"),
            Just("weight"),
            Just("x"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|values| json!(values)),
            proptest::collection::btree_map(name, inner.clone(), 0..4).prop_map(|fields| json!(fields)),
            (inner.clone(), inner).prop_map(|(when, to)| json!([{ "when": when, "destinations": to }])),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in like_rules()) {
        match Rule::parse_list(&value, "rules", &DestinationPolicy::stored()) {
            Ok(rules) => {
                let written = serde_json::to_value(&rules).unwrap();
                prop_assert_eq!(serde_json::from_value::<Vec<Rule>>(written).unwrap(), rules);
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                prop_assert!(errors.iter().all(|error| error.path.starts_with("rules")));
            }
        }
    }
}

#[test]
fn backups_of_a_rule_are_others_than_its_destinations() {
    let rule = |backups: Value| {
        json!([{
            "when": { "type": "country", "op": "in", "value": ["DE"] },
            "destinations": [{ "url": "https://example.com/a" }, { "url": "https://example.com/b" }],
            "backups": backups,
        }])
    };
    assert_eq!(
        errors(&rule(json!(["https://example.com/c", "https://example.com/b", "https://example.com/c", 7]))),
        [error("rules[0].backups[2]", "duplicate_backup"), error("rules[0].backups[3]", "type_mismatch")]
    );
    assert_eq!(
        errors(&rule(json!(["https://example.com/c", "https://example.com/b"]))),
        [error("rules[0].backups[1]", "backup_is_primary")]
    );
}
