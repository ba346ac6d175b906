//! Rules: conditions on the visitor, and the destinations of those who meet them.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::text::text_enum;
use super::{CountryCode, DestinationPolicy, DestinationUrl, FieldError};

/// Sends the visitors who meet a condition to one of some destinations. The first rule that is met decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Who the rule is for.
    pub when: Condition,
    /// Where they go: one destination, or several that share the visitors by weight. Never empty.
    pub destinations: Vec<WeightedDestination>,
    /// Where they go while their destination is down: the first of these that is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<DestinationUrl>,
}

/// A destination and its share of a rule's visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeightedDestination {
    /// Where to.
    pub url: DestinationUrl,
    /// The share, in relation to the other weights of the rule; at least 1.
    pub weight: u16,
}

/// Something that is true or false of a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these are true. Never empty.
    All {
        /// The conditions.
        all: Vec<Condition>,
    },
    /// At least one of these is true. Never empty.
    Any {
        /// The conditions.
        any: Vec<Condition>,
    },
    /// This is not true.
    Not {
        /// The condition.
        not: Box<Condition>,
    },
    /// Where the visitor is. A visitor whose country is unknown is in no country: `in` is false of them, `not_in` true.
    Country {
        /// Whether the visitor's country has to be among `value`, or must not be.
        op: SetOperator,
        /// The countries. Never empty.
        value: Vec<CountryCode>,
    },
}

text_enum! {
    /// How a property of the visitor is compared with a set of values.
    SetOperator, UnknownSetOperator, "unknown_operator" {
        /// The property is one of the values.
        In = "in",
        /// The property is none of the values.
        NotIn = "not_in",
    }
}

impl Rule {
    /// The most rules one link can have.
    pub const MAX_RULES: usize = 50;
    /// The most destinations one rule can have.
    pub const MAX_DESTINATIONS: usize = 20;
    /// The most conditions one rule can have, those within others included.
    pub const MAX_CONDITIONS: usize = 100;
    /// How deep conditions can be nested.
    pub const MAX_DEPTH: usize = 8;
    /// The largest weight of a destination.
    pub const MAX_WEIGHT: u16 = 1_000;

    /// Reads the `rules` field of a request; `null` means no rules.
    ///
    /// # Errors
    /// Everything that is wrong, each at its own path such as `rules[0].destinations[1].url`.
    pub fn parse_list(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Vec<Self>, Vec<FieldError>> {
        super::rule_parse::rules(value, path, policy)
    }

    /// Reads one rule.
    ///
    /// # Errors
    /// Everything that is wrong, each at its own path such as `destinations[1].url`.
    pub fn parse_value(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Self, Vec<FieldError>> {
        super::rule_parse::rule(value, path, policy)
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Everything that is wrong, each at its own path such as `when.all[0].value[1]`.
    pub fn parse_value(value: &Value, path: &str) -> Result<Self, Vec<FieldError>> {
        super::rule_parse::condition(value, path)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All { all } => one_field(serializer, "all", all),
            Self::Any { any } => one_field(serializer, "any", any),
            Self::Not { not } => one_field(serializer, "not", not),
            Self::Country { op, value } => {
                let mut fields = serializer.serialize_struct("Condition", 3)?;
                fields.serialize_field("type", "country")?;
                fields.serialize_field("op", op)?;
                fields.serialize_field("value", value)?;
                fields.end()
            }
        }
    }
}

fn one_field<S: Serializer>(serializer: S, name: &'static str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Condition", 1)?;
    fields.serialize_field(name, value)?;
    fields.end()
}

/// Reads what was stored: without the policy that new destinations have to follow.
impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse_value(&value, "", &DestinationPolicy::stored())
            .map_err(|errors| serde::de::Error::custom(FieldError::list(&errors)))
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse_value(&value, "").map_err(|errors| serde::de::Error::custom(FieldError::list(&errors)))
    }
}
