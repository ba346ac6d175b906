//! Destinations by country.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Ref, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{CountryCode, DestinationPolicy, DestinationUrl, DestinationUrlError, FieldError};

/// A destination for each of some countries; visitors from elsewhere go to the link's own destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct GeoTargets(BTreeMap<CountryCode, DestinationUrl>);

impl GeoTargets {
    /// The most countries one link can name: all of them.
    pub const MAX: usize = CountryCode::COUNT;

    /// No targets.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The destination for visitors from `country`.
    #[must_use]
    pub fn get(&self, country: CountryCode) -> Option<&DestinationUrl> {
        self.0.get(&country)
    }

    /// The targets in the order of the country codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (CountryCode, &DestinationUrl)> {
        self.0.iter().map(|(country, url)| (*country, url))
    }

    /// How many countries have a destination of their own.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no country has a destination of its own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the `geo` field of a request; `null` means no targets.
    ///
    /// # Errors
    /// Every wrong entry, each at its own path such as `geo.DE`, or `type_mismatch` when it is not an object.
    pub fn parse_value(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Self, Vec<FieldError>> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Object(entries) => Self::parse(entries, path, policy),
            other => Err(vec![FieldError::type_mismatch(path, "an object from country codes to URLs", other)]),
        }
    }

    /// Reads targets from country codes and JSON values.
    ///
    /// # Errors
    /// Every wrong entry, each at its own path such as `geo.DE`.
    pub fn parse<'a>(
        entries: impl IntoIterator<Item = (&'a String, &'a Value)>,
        path: &str,
        policy: &DestinationPolicy<'_>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut targets = BTreeMap::new();
        let mut errors = Vec::new();
        for (code, value) in entries {
            let path = FieldError::join(path, code);
            let url = DestinationUrl::parse_value(value, &path, policy).map_err(|error| errors.push(error));
            let country =
                CountryCode::parse(code).map_err(|error| errors.push(FieldError::new(&path, error.code(), error)));
            if let (Ok(country), Ok(url)) = (country, url)
                && targets.insert(country, url).is_some()
            {
                errors.push(FieldError::new(
                    &path,
                    "duplicate_country",
                    format_args!("{} has more than one destination; keep one.", country.name()),
                ));
            }
        }
        if errors.is_empty() { Ok(Self(targets)) } else { Err(errors) }
    }
}

impl FromIterator<(CountryCode, DestinationUrl)> for GeoTargets {
    fn from_iter<I: IntoIterator<Item = (CountryCode, DestinationUrl)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// Reads what was stored: it was checked when it came in, and there may be a million of them to load.
impl<'de> Deserialize<'de> for GeoTargets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

        let stored = BTreeMap::<CountryCode, Text<'de>>::deserialize(deserializer)?;
        let targets = stored.into_iter().map(|(country, Text(url))| Ok((country, DestinationUrl::from_stored(&url)?)));
        targets.collect::<Result<_, DestinationUrlError>>().map(Self).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for GeoTargets {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(Schema::Object(CountryCode::SPEC.object())))
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::Ref(Ref::from_schema_name(
                "DestinationUrl",
            )))))
            .description(Some(
                "A destination for each of some countries, by two-letter code; visitors from elsewhere go to `url`.",
            ))
            .examples([serde_json::json!({ "DE": "https://example.com/de" })])
            .into()
    }
}

impl ToSchema for GeoTargets {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((DestinationUrl::name().into_owned(), DestinationUrl::schema()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<GeoTargets, Vec<(String, &'static str)>> {
        GeoTargets::parse_value(value, "geo", &DestinationPolicy::new(false, &[]))
            .map_err(|errors| errors.into_iter().map(|error| (error.path, error.code)).collect())
    }

    #[test]
    fn countries_are_sorted_and_destinations_normalised() {
        let targets = parse(&json!({ "us": "https://example.com", "DE": "https://example.com/de" })).unwrap();
        assert_eq!(targets.len(), 2);
        assert_eq!(
            serde_json::to_string(&targets).unwrap(),
            r#"{"DE":"https://example.com/de","US":"https://example.com/"}"#
        );
        let back: GeoTargets = serde_json::from_value(serde_json::to_value(&targets).unwrap()).unwrap();
        assert_eq!(back, targets);
        assert!(targets.get(CountryCode::parse("US").unwrap()).is_some());
    }

    #[test]
    fn null_means_no_targets() {
        assert_eq!(parse(&json!(null)), Ok(GeoTargets::new()));
        assert_eq!(parse(&json!({})), Ok(GeoTargets::new()));
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let errors = parse(&json!({
            "AT": 5,
            "DE": "javascript:alert(1)",
            "UK": "https://example.com/",
            "ZZ": "",
        }))
        .unwrap_err();
        let wanted = [
            ("geo.AT", "type_mismatch"),
            ("geo.DE", "scheme_not_allowed"),
            ("geo.UK", "unknown_country"),
            ("geo.ZZ", "empty"),
            ("geo.ZZ", "unknown_country"),
        ];
        assert_eq!(errors, wanted.map(|(path, code)| (path.to_owned(), code)));
        assert_eq!(parse(&json!([])).unwrap_err(), [("geo".to_owned(), "type_mismatch")]);
    }

    #[test]
    fn a_country_can_only_be_named_once() {
        let value = json!({ "DE": "https://example.com/1", "de": "https://example.com/2" });
        assert_eq!(parse(&value).unwrap_err(), [("geo.de".to_owned(), "duplicate_country")]);
    }

    #[test]
    fn stored_targets_are_read_without_the_policy() {
        let stored = json!({ "DE": "http://localhost:8080/" });
        assert!(parse(&stored).is_err());
        assert!(serde_json::from_value::<GeoTargets>(stored).is_ok());
        assert!(serde_json::from_value::<GeoTargets>(json!({ "DE": "ftp://a/" })).is_err());
    }
}
