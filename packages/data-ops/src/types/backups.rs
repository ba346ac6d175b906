//! Where visitors go while a destination is down.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Ref, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{CountryCode, DestinationPolicy, DestinationUrl, FieldError, GeoTargets};

/// The most backups one place of a link can have.
pub const MAX_BACKUPS: usize = 5;

/// Reads a list of backups; `null` means none.
///
/// # Errors
/// Everything that is wrong, each at its own path such as `backupUrls[1]`.
pub fn parse_backups(
    value: &Value,
    path: &str,
    policy: &DestinationPolicy<'_>,
) -> Result<Vec<DestinationUrl>, Vec<FieldError>> {
    let values = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(values) => values,
        other => return Err(vec![FieldError::type_mismatch(path, "an array of URLs", other)]),
    };
    if values.len() > MAX_BACKUPS {
        let message = format_args!("There are at most {MAX_BACKUPS} backups.");
        return Err(vec![FieldError::new(path, "too_many_items", message)]);
    }
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    let mut backups = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let path = FieldError::index(path, index);
        match DestinationUrl::parse_value(value, &path, policy) {
            Ok(url) if seen.insert(url.clone()) => backups.push(url),
            Ok(_) => {
                errors.push(FieldError::new(path, "duplicate_backup", "This backup is in the list already; keep one."))
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(backups) } else { Err(errors) }
}

/// What is wrong with backups of these destinations: none of them can be its own backup.
#[must_use]
pub fn own_backups<'a>(
    backups: &[DestinationUrl],
    primaries: impl IntoIterator<Item = &'a DestinationUrl> + Clone,
    path: &str,
) -> Vec<FieldError> {
    let is_primary = |backup: &DestinationUrl| primaries.clone().into_iter().any(|primary| primary == backup);
    let own = backups.iter().enumerate().filter(|(_, backup)| is_primary(backup));
    own.map(|(index, _)| {
        let message = "A destination cannot be its own backup; give another URL.";
        FieldError::new(FieldError::index(path, index), "backup_is_primary", message)
    })
    .collect()
}

/// Backups of a link's destinations by country. No list is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct GeoBackups(BTreeMap<CountryCode, Vec<DestinationUrl>>);

impl GeoBackups {
    /// No backups.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The backups of a country's destination, in the order they are tried.
    #[must_use]
    pub fn get(&self, country: CountryCode) -> &[DestinationUrl] {
        self.0.get(&country).map_or(&[], Vec::as_slice)
    }

    /// The backups in the order of the country codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (CountryCode, &[DestinationUrl])> {
        self.0.iter().map(|(country, backups)| (*country, backups.as_slice()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the `geoBackupUrls` field of a request; `null` means none.
    ///
    /// # Errors
    /// Everything that is wrong, each at its own path such as `geoBackupUrls.DE[0]`.
    pub fn parse_value(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Self, Vec<FieldError>> {
        let entries = match value {
            Value::Null => return Ok(Self::new()),
            Value::Object(entries) => entries,
            other => {
                return Err(vec![FieldError::type_mismatch(
                    path,
                    "an object from country codes to lists of URLs",
                    other,
                )]);
            }
        };
        let mut all = BTreeMap::new();
        let mut errors = Vec::new();
        for (code, value) in entries {
            let path = FieldError::join(path, code);
            let backups = parse_backups(value, &path, policy).map_err(|more| errors.extend(more));
            let country =
                CountryCode::parse(code).map_err(|error| errors.push(FieldError::new(&path, error.code(), error)));
            if let (Ok(country), Ok(backups)) = (country, backups) {
                if backups.is_empty() {
                    continue;
                }
                if all.insert(country, backups).is_some() {
                    let message = format_args!("{} has more than one list of backups; keep one.", country.name());
                    errors.push(FieldError::new(&path, "duplicate_country", message));
                }
            }
        }
        if errors.is_empty() { Ok(Self(all)) } else { Err(errors) }
    }

    /// What is wrong with them as backups of these destinations.
    #[must_use]
    pub fn check(&self, geo: &GeoTargets, path: &str) -> Vec<FieldError> {
        let check = |(country, backups): (CountryCode, &[DestinationUrl])| {
            let path = FieldError::join(path, country.as_str());
            match geo.get(country) {
                Some(primary) => own_backups(backups, [primary], &path),
                None => {
                    let message =
                        format_args!("There is no destination for {} to back up; add one to geo.", country.name());
                    vec![FieldError::new(path, "no_destination", message)]
                }
            }
        };
        self.iter().flat_map(check).collect()
    }

    /// Drops what is no backup of these destinations: of countries without one, and a destination itself.
    #[must_use]
    pub fn only_of(mut self, geo: &GeoTargets) -> Self {
        self.0.retain(|country, backups| {
            geo.get(*country).is_some_and(|primary| {
                backups.retain(|backup| backup != primary);
                !backups.is_empty()
            })
        });
        self
    }
}

impl FromIterator<(CountryCode, Vec<DestinationUrl>)> for GeoBackups {
    fn from_iter<I: IntoIterator<Item = (CountryCode, Vec<DestinationUrl>)>>(entries: I) -> Self {
        Self(entries.into_iter().filter(|(_, backups)| !backups.is_empty()).collect())
    }
}

/// Reads what was stored.
impl<'de> Deserialize<'de> for GeoBackups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = BTreeMap::<CountryCode, Vec<DestinationUrl>>::deserialize(deserializer)?;
        Ok(stored.into_iter().collect())
    }
}

/// The schema of a list of backups.
#[must_use]
pub fn backups_schema() -> ArrayBuilder {
    ArrayBuilder::new().items(RefOr::Ref(Ref::from_schema_name("DestinationUrl"))).max_items(Some(MAX_BACKUPS))
}

impl PartialSchema for GeoBackups {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(Schema::Object(CountryCode::SPEC.object())))
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(backups_schema().into()))))
            .description(Some(
                "Where visitors from a country go while its destination in `geo` is down: the first of these that is not.",
            ))
            .examples([serde_json::json!({ "DE": ["https://example.com/de/elsewhere"] })])
            .into()
    }
}

impl ToSchema for GeoBackups {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((DestinationUrl::name().into_owned(), DestinationUrl::schema()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> DestinationPolicy<'static> {
        DestinationPolicy::new(false, &[])
    }

    fn codes(errors: Vec<FieldError>) -> Vec<(String, &'static str)> {
        errors.into_iter().map(|error| (error.path, error.code)).collect()
    }

    fn url(text: &str) -> DestinationUrl {
        DestinationUrl::parse(text).unwrap()
    }

    #[test]
    fn every_wrong_backup_is_named() {
        let parse = |value: Value| parse_backups(&value, "backupUrls", &policy()).map_err(codes);
        assert_eq!(parse(json!(null)), Ok(Vec::new()));
        assert_eq!(parse(json!(["https://example.com"])), Ok(vec![url("https://example.com/")]));
        let wrong = json!(["https://a.example.com", 5, "ftp://b/", "https://a.example.com/"]);
        let expected = [
            ("backupUrls[1]", "type_mismatch"),
            ("backupUrls[2]", "scheme_not_allowed"),
            ("backupUrls[3]", "duplicate_backup"),
        ];
        assert_eq!(parse(wrong), Err(expected.map(|(path, code)| (path.to_owned(), code)).to_vec()));
        let many: Vec<String> = (0..=MAX_BACKUPS).map(|number| format!("https://example.com/{number}")).collect();
        assert_eq!(parse(json!(many)), Err(vec![("backupUrls".to_owned(), "too_many_items")]));
        assert_eq!(parse(json!({})), Err(vec![("backupUrls".to_owned(), "type_mismatch")]));
    }

    #[test]
    fn backups_by_country_need_a_destination_other_than_themselves() {
        let value = json!({ "DE": ["https://example.com/de", "https://example.com/b"], "fr": ["https://example.com/fr"], "US": [] });
        let backups = GeoBackups::parse_value(&value, "geoBackupUrls", &policy()).unwrap();
        let country = |code| CountryCode::parse(code).unwrap();
        let geo = GeoTargets::from_iter([(country("DE"), url("https://example.com/de"))]);
        assert_eq!(
            codes(backups.check(&geo, "geoBackupUrls")),
            [
                ("geoBackupUrls.DE[0]".to_owned(), "backup_is_primary"),
                ("geoBackupUrls.FR".to_owned(), "no_destination")
            ]
        );
        let kept = backups.only_of(&geo);
        assert_eq!(kept.get(country("DE")), [url("https://example.com/b")]);
        assert!(kept.get(country("FR")).is_empty());
        let back: GeoBackups = serde_json::from_value(serde_json::to_value(&kept).unwrap()).unwrap();
        assert_eq!(back, kept);
    }
}
