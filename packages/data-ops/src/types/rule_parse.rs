//! Reads rules from JSON and collects everything that is wrong with them.

use serde_json::{Map, Value};

use super::rule::SetOperator;
use super::{
    Condition, CountryCode, DestinationPolicy, DestinationUrl, FieldError, Rule, WeightedDestination, own_backups,
    parse_backups,
};

type Errors = Vec<FieldError>;

const RULE_FIELDS: &[&str] = &["when", "destinations", "backups"];
const DESTINATION_FIELDS: &[&str] = &["url", "weight"];
const CONDITION_FIELDS: &[&str] = &["all", "any", "not", "type", "op", "value"];

pub(super) fn rules(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Vec<Rule>, Errors> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let mut errors = Errors::new();
    let rules = elements(value, path, 0..=Rule::MAX_RULES, &mut errors, |value, path, errors| {
        rule(value, path, policy).map_err(|more| errors.extend(more)).ok()
    });
    finish(rules, errors)
}

pub(super) fn rule(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Rule, Errors> {
    let mut errors = Errors::new();
    let Some(fields) = object(value, path, RULE_FIELDS, &mut errors) else {
        return Err(errors);
    };
    let when = required(fields, "when", path, &mut errors)
        .and_then(|value| condition(value, &FieldError::join(path, "when")).map_err(|more| errors.extend(more)).ok());
    let destinations = required(fields, "destinations", path, &mut errors).and_then(|value| {
        let path = FieldError::join(path, "destinations");
        elements(value, &path, 1..=Rule::MAX_DESTINATIONS, &mut errors, |value, path, errors| {
            destination(value, path, policy, errors)
        })
    });
    let backups = fields.get("backups").map_or(Some(Vec::new()), |value| {
        let path = FieldError::join(path, "backups");
        parse_backups(value, &path, policy).map_err(|more| errors.extend(more)).ok()
    });
    if let (Some(destinations), Some(backups)) = (&destinations, &backups) {
        let primaries = destinations.iter().map(|destination| &destination.url);
        errors.extend(own_backups(backups, primaries, &FieldError::join(path, "backups")));
    }
    let rule = when.zip(destinations).zip(backups);
    let rule = rule.map(|((when, destinations), backups)| Rule { when, destinations, backups });
    finish(rule, errors)
}

fn destination(
    value: &Value,
    path: &str,
    policy: &DestinationPolicy<'_>,
    errors: &mut Errors,
) -> Option<WeightedDestination> {
    let fields = object(value, path, DESTINATION_FIELDS, errors)?;
    let url = required(fields, "url", path, errors).and_then(|value| {
        DestinationUrl::parse_value(value, &FieldError::join(path, "url"), policy)
            .map_err(|error| errors.push(error))
            .ok()
    });
    let weight = match fields.get("weight") {
        None => Some(1),
        Some(value) => weight(value, &FieldError::join(path, "weight"), errors),
    };
    url.zip(weight).map(|(url, weight)| WeightedDestination { url, weight })
}

fn weight(value: &Value, path: &str, errors: &mut Errors) -> Option<u16> {
    if !value.is_i64() && !value.is_u64() {
        errors.push(FieldError::type_mismatch(path, "a whole number", value));
        return None;
    }
    let weight = value
        .as_u64()
        .and_then(|weight| u16::try_from(weight).ok())
        .filter(|weight| (1..=Rule::MAX_WEIGHT).contains(weight));
    if weight.is_none() {
        errors.push(FieldError::new(
            path,
            "out_of_range",
            format_args!("A weight is from 1 to {}; leave a destination out to send nobody there.", Rule::MAX_WEIGHT),
        ));
    }
    weight
}

pub(super) fn condition(value: &Value, path: &str) -> Result<Condition, Errors> {
    let mut reader = ConditionReader { left: Rule::MAX_CONDITIONS, errors: Errors::new() };
    let condition = reader.read(value, path, 1);
    finish(condition, reader.errors)
}

/// Reads a tree of conditions within the limits on its size and depth.
struct ConditionReader {
    /// How many more conditions may follow.
    left: usize,
    errors: Errors,
}

impl ConditionReader {
    fn read(&mut self, value: &Value, path: &str, depth: usize) -> Option<Condition> {
        if depth > Rule::MAX_DEPTH {
            let most = Rule::MAX_DEPTH;
            return self.refuse(path, "too_deep", format_args!("Conditions nest at most {most} deep."));
        }
        let Some(left) = self.left.checked_sub(1) else {
            let most = Rule::MAX_CONDITIONS;
            return self.refuse(
                path,
                "too_many_items",
                format_args!("A rule has at most {most} conditions; split it into several rules."),
            );
        };
        self.left = left;

        let fields = object(value, path, CONDITION_FIELDS, &mut self.errors)?;
        let of_this_kind = |names: &[&str]| fields.keys().all(|name| names.contains(&name.as_str()));
        if fields.contains_key("type") && of_this_kind(&["type", "op", "value"]) {
            return self.test(fields, path);
        }
        let mut names = fields.keys();
        match (names.next().map(String::as_str), names.next()) {
            (Some("all"), None) => {
                self.several(&fields["all"], path, "all", depth).map(|all| Condition::All { all })
            }
            (Some("any"), None) => {
                self.several(&fields["any"], path, "any", depth).map(|any| Condition::Any { any })
            }
            (Some("not"), None) => self
                .read(&fields["not"], &FieldError::join(path, "not"), depth + 1)
                .map(|not| Condition::Not { not: Box::new(not) }),
            // An unknown field has been named already.
            (Some(name), None) if !CONDITION_FIELDS.contains(&name) => None,
            _ => self.refuse(
                path,
                "invalid_condition",
                format_args!(
                    "A condition has exactly one of \"all\", \"any\" and \"not\", or else \"type\", \"op\" and \"value\"."
                ),
            ),
        }
    }

    fn several(&mut self, value: &Value, path: &str, name: &str, depth: usize) -> Option<Vec<Condition>> {
        let path = FieldError::join(path, name);
        let mut errors = std::mem::take(&mut self.errors);
        let conditions = elements(value, &path, 1..=Rule::MAX_CONDITIONS, &mut errors, |value, path, errors| {
            std::mem::swap(&mut self.errors, errors);
            let condition = self.read(value, path, depth + 1);
            std::mem::swap(&mut self.errors, errors);
            condition
        });
        self.errors = errors;
        conditions
    }

    fn test(&mut self, fields: &Map<String, Value>, path: &str) -> Option<Condition> {
        let at = |name| FieldError::join(path, name);
        let errors = &mut self.errors;
        let kind = FieldError::expect_string(&fields["type"], &at("type"))
            .and_then(|kind| match kind {
                "country" => Ok(()),
                _ => Err(FieldError::new(
                    at("type"),
                    "unknown_condition_type",
                    "There is no such type of condition; the known one is \"country\".",
                )),
            })
            .map_err(|error| errors.push(error));
        let op = required(fields, "op", path, errors)
            .and_then(|value| SetOperator::parse_value(value, &at("op")).map_err(|error| errors.push(error)).ok());
        let value = required(fields, "value", path, errors).and_then(|value| {
            elements(value, &at("value"), 1..=CountryCode::COUNT, errors, |value, path, errors| {
                CountryCode::parse_value(value, path).map_err(|error| errors.push(error)).ok()
            })
        });
        match (kind, op, value) {
            (Ok(()), Some(op), Some(value)) => Some(Condition::Country { op, value }),
            _ => None,
        }
    }

    fn refuse(&mut self, path: &str, code: &'static str, message: impl std::fmt::Display) -> Option<Condition> {
        self.errors.push(FieldError::new(path, code, message));
        None
    }
}

/// The fields of an object that has only `known` ones. Unknown fields are errors, but the known ones are answered all
/// the same, so that one answer names everything that is wrong.
fn object<'a>(value: &'a Value, path: &str, known: &[&str], errors: &mut Errors) -> Option<&'a Map<String, Value>> {
    let Some(fields) = value.as_object() else {
        errors.push(FieldError::type_mismatch(path, "an object", value));
        return None;
    };
    let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
    errors.extend(unknown.map(|name| FieldError::unknown_field(path, name, known)));
    Some(fields)
}

fn required<'a>(fields: &'a Map<String, Value>, name: &str, path: &str, errors: &mut Errors) -> Option<&'a Value> {
    let value = fields.get(name);
    if value.is_none() {
        errors.push(FieldError::missing(&FieldError::join(path, name)));
    }
    value
}

/// Reads every element of an array; `None` when it is no array, has too few or too many, or an element is wrong.
fn elements<T>(
    value: &Value,
    path: &str,
    count: std::ops::RangeInclusive<usize>,
    errors: &mut Errors,
    mut read: impl FnMut(&Value, &str, &mut Errors) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(values) = value.as_array() else {
        errors.push(FieldError::type_mismatch(path, "an array", value));
        return None;
    };
    if values.len() < *count.start() {
        errors.push(FieldError::new(path, "empty", "This needs at least one element."));
        return None;
    }
    if values.len() > *count.end() {
        errors.push(FieldError::new(
            path,
            "too_many_items",
            format_args!("This has at most {} elements.", count.end()),
        ));
        return None;
    }
    let mut read_all = Some(Vec::with_capacity(values.len()));
    for (index, value) in values.iter().enumerate() {
        match (read(value, &FieldError::index(path, index), errors), &mut read_all) {
            (Some(element), Some(all)) => all.push(element),
            _ => read_all = None,
        }
    }
    read_all
}

fn finish<T>(value: Option<T>, errors: Errors) -> Result<T, Errors> {
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests;
