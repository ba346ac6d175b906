//! How the owner of a link wants its destinations watched, and what a click is worth to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FieldError;

/// How a link's destinations are watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Monitor {
    /// Whether they are checked.
    #[schema(required = false, default = true)]
    pub enabled: bool,
    /// How many seconds pass between two checks by schedule; null lets the service decide.
    #[schema(required = false, minimum = 60, maximum = 604_800)]
    pub interval: Option<u32>,
    /// Words on the page that decide, beside those the service knows.
    #[schema(required = false)]
    pub phrases: MonitorPhrases,
}

/// Words on a page that decide, beside those the service knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MonitorPhrases {
    /// Seen only where what the page offers is there.
    #[schema(required = false, max_items = 20)]
    pub available: Vec<String>,
    /// Seen only where it is not.
    #[schema(required = false, max_items = 20)]
    pub unavailable: Vec<String>,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { enabled: true, interval: None, phrases: MonitorPhrases::default() }
    }
}

impl Monitor {
    /// The shortest interval, in seconds.
    pub const MIN_INTERVAL: u32 = 60;
    /// The longest interval, in seconds: a week.
    pub const MAX_INTERVAL: u32 = 604_800;

    /// Everything that is wrong with it, each at its own path below `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let (least, most) = (Self::MIN_INTERVAL, Self::MAX_INTERVAL);
        if self.interval.is_some_and(|seconds| !(least..=most).contains(&seconds)) {
            let message = format_args!("An interval is from {least} to {most} seconds; null lets the service decide.");
            errors.push(FieldError::new(FieldError::join(path, "interval"), "out_of_range", message));
        }
        let path = FieldError::join(path, "phrases");
        for (name, phrases) in [("available", &self.phrases.available), ("unavailable", &self.phrases.unavailable)] {
            MonitorPhrases::check(phrases, &FieldError::join(&path, name), &mut errors);
        }
        errors
    }
}

impl MonitorPhrases {
    /// The most phrases of one kind.
    pub const MAX: usize = 20;
    /// The longest phrase, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.available.is_empty() && self.unavailable.is_empty()
    }

    fn check(phrases: &[String], path: &str, errors: &mut Vec<FieldError>) {
        let (most, longest) = (Self::MAX, Self::MAX_LENGTH);
        if phrases.len() > most {
            errors.push(FieldError::new(
                path,
                "too_many_items",
                format_args!("There are at most {most} phrases of a kind."),
            ));
        }
        for (index, phrase) in phrases.iter().enumerate() {
            let length = phrase.trim().chars().count();
            if !(2..=longest).contains(&length) {
                let message = format_args!("A phrase has from 2 to {longest} characters.");
                errors.push(FieldError::new(FieldError::index(path, index), "invalid_length", message));
            }
        }
    }
}

/// What a click is worth to the owner of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClickValue {
    /// In the smallest unit of the currency: 250 are 2.50 EUR.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub minor: u32,
    /// The currency by its three letters, as ISO 4217 has them.
    #[schema(pattern = "^[A-Z]{3}$", example = "EUR")]
    pub currency: String,
}

impl ClickValue {
    /// The most a click can be worth, in the smallest unit.
    pub const MAX_MINOR: u32 = 1_000_000_000;

    /// Everything that is wrong with it, each at its own path below `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !(1..=Self::MAX_MINOR).contains(&self.minor) {
            let message =
                format_args!("A click is worth from 1 to {} of the smallest unit; null is no value.", Self::MAX_MINOR);
            errors.push(FieldError::new(FieldError::join(path, "minor"), "out_of_range", message));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = "A currency has three capital letters, such as EUR.";
            errors.push(FieldError::new(FieldError::join(path, "currency"), "invalid_currency", message));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_is_on_unless_said_otherwise() {
        let monitor: Monitor = serde_json::from_str("{}").unwrap();
        assert_eq!(monitor, Monitor::default());
        assert!(monitor.enabled && monitor.check("monitor").is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let phrases = MonitorPhrases { available: vec!["x".to_owned()], unavailable: vec!["sold".to_owned(); 21] };
        let monitor = Monitor { enabled: true, interval: Some(5), phrases };
        let paths: Vec<_> = monitor.check("monitor").into_iter().map(|error| (error.path, error.code)).collect();
        let expected = [
            ("monitor.interval", "out_of_range"),
            ("monitor.phrases.available[0]", "invalid_length"),
            ("monitor.phrases.unavailable", "too_many_items"),
        ];
        assert_eq!(paths, expected.map(|(path, code)| (path.to_owned(), code)));
        let value = ClickValue { minor: 0, currency: "euro".to_owned() };
        let paths: Vec<_> = value.check("clickValue").into_iter().map(|error| error.path).collect();
        assert_eq!(paths, ["clickValue.minor", "clickValue.currency"]);
    }
}
