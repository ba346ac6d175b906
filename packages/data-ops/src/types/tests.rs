//! What holds for every type: its schema says what its parser does, and nothing makes the parser panic.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::*;

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

/// A text is accepted or refused alike by `parse`, by serde and by `parse_value`, is written as it is read, and the
/// schema does not forbid what the parser accepts.
fn check_text<T, E>(text: &str, spec: &TextSpec, parse: impl Fn(&str) -> Result<T, E>)
where
    T: Serialize + DeserializeOwned + std::fmt::Display + std::fmt::Debug + PartialEq,
    E: std::fmt::Display + std::fmt::Debug,
{
    let by_serde = serde_json::from_value::<T>(json!(text));
    let value = match parse(text) {
        Ok(value) => value,
        Err(error) => {
            let message = error.to_string();
            assert_eq!(by_serde.unwrap_err().to_string(), message);
            assert!(message.ends_with(['.', ')']), "one sentence: {message}");
            return;
        }
    };
    assert_eq!(by_serde.unwrap(), value);
    let written = value.to_string();
    assert_eq!(parse(&written).unwrap(), value, "{text:?} was written as {written:?}");
    assert_eq!(serde_json::to_value(&value).unwrap(), json!(written));

    for text in [text, written.as_str()] {
        let length = text.chars().count();
        assert!(length >= spec.min_length, "{text:?} is shorter than the schema says");
        assert!(length <= spec.max_length, "{text:?} is longer than the schema says");
        if let Some(pattern) = spec.pattern {
            assert!(regex::Regex::new(pattern).unwrap().is_match(text), "{text:?}: {pattern}");
        }
    }
}

macro_rules! text_types {
    ($($module:ident: $name:ident, $like:literal;)+) => {$(
        mod $module {
            use super::*;

            #[test]
            fn the_schema_is_made_from_the_constants_of_the_parser() {
                let (schema, spec) = (schema::<$name>(), $name::SPEC);
                assert_eq!(schema["type"], "string");
                assert_eq!(schema["minLength"], spec.min_length);
                assert_eq!(schema["maxLength"], spec.max_length);
                assert_eq!(schema["pattern"].as_str(), spec.pattern);
                assert_eq!(schema["format"].as_str(), spec.format);
                assert_eq!(schema["description"], spec.description);
                assert!(!spec.description.starts_with(' '));
                let example = schema["examples"][0].as_str().unwrap();
                assert_eq!($name::parse(example).unwrap().to_string(), example);
                assert_eq!(<$name as ToSchema>::name(), stringify!($name));
            }

            proptest! {
                #[test]
                fn any_text_is_read_or_refused(text in any::<String>()) {
                    check_text(&text, &$name::SPEC, $name::parse);
                }

                #[test]
                fn likely_texts_are_read_or_refused(text in $like) {
                    check_text(&text, &$name::SPEC, $name::parse);
                }
            }
        }
    )+};
}

text_types! {
    slug: Slug, "[A-Za-z0-9_.~-]{0,200}|\\PC{1,5}";
    email: Email, " ?[a-zä.+]{1,70}@[a-z0-9ä.-]{1,200} ?";
    host: Host, "([a-zA-Z0-9ä.-]{1,270}|\\[[0-9a-f:]{1,12}\\]|[0-9x.]{1,9})(:[0-9]{1,6})?\\.?";
    country_code: CountryCode, "[A-Za-z]{2}";
    timestamp: Timestamp, "-?[0-9]{4}-[01][0-9]-[0-3][0-9]T[012][0-9](:[0-5][0-9]){1,2}(\\.[0-9]{1,9})?(Z|[+-]0[0-9]:00)";
    workspace_name: WorkspaceName, "\\PC{0,70}";
    person_name: PersonName, "\\PC{0,110}";
    api_key_name: ApiKeyName, "\\PC{0,70}";
    external_id: ExternalId, "\\PC{0,260}";
    link_title: LinkTitle, "\\PC{0,510}";
    link_comments: LinkComments, "[a-z\n\r\t ]{0,2010}";
    workspace_slug: WorkspaceSlug, "[a-z0-9-]{0,60}";
    link_id: LinkId, "link_[0-9a-z]{26}";
    workspace_id: WorkspaceId, "ws_[0-7][0-9a-hjkmnp-tv-z]{25}";
    user_id: UserId, "user_[0-7][0-9a-hjkmnp-tv-z]{25}";
    domain_id: DomainId, "dom_[0-7][0-9a-hjkmnp-tv-z]{25}";
    api_key_id: ApiKeyId, "key_[0-7][0-9a-hjkmnp-tv-z]{25}";
    session_id: SessionId, "ses_[0-7][0-9a-hjkmnp-tv-z]{25}";
    click_id: ClickId, "evt_[0-7][0-9a-hjkmnp-tv-z]{25}";
    destination: DestinationUrl, "(https?://[a-zA-Z0-9ä.-]{1,20}|http://\\[[0-9a-f:]{2,9}\\])(:[0-9]{1,5})?(/\\PC{0,40})?";
}

#[test]
fn the_longest_values_the_schemas_allow_are_accepted_and_longer_ones_are_too_long() {
    let long = |spec: &TextSpec, by: usize| "a".repeat(spec.max_length + by);
    macro_rules! check {
        ($($name:ident)+) => {$(
            assert!($name::parse(&long(&$name::SPEC, 0)).is_ok(), stringify!($name));
            assert_eq!($name::parse(&long(&$name::SPEC, 1)).unwrap_err().code(), "too_long");
        )+};
    }
    check!(Slug WorkspaceName PersonName ApiKeyName ExternalId LinkTitle LinkComments WorkspaceSlug);
}

#[test]
fn enumerations_list_their_values_in_the_schema() {
    assert_eq!(schema::<Role>()["enum"], json!(["owner", "admin", "editor", "viewer", "billing"]));
    assert_eq!(schema::<SetOperator>()["enum"], json!(["in", "not_in"]));
    let scopes: Vec<&str> = Scope::VALUES.iter().map(|scope| scope.as_str()).collect();
    assert_eq!(schema::<Scope>()["enum"], json!(scopes));
}

#[test]
fn the_schemas_of_rules_state_the_limits_of_the_parser() {
    let rule = schema::<Rule>();
    assert_eq!(rule["properties"]["destinations"]["maxItems"], Rule::MAX_DESTINATIONS);
    assert_eq!(rule["properties"]["destinations"]["minItems"], 1);
    assert_eq!(rule["required"], json!(["when", "destinations"]));
    assert_eq!(rule["additionalProperties"], false);
    let example = &rule["examples"][0];
    let parsed = Rule::parse_value(example, "", &DestinationPolicy::new(false, &[])).unwrap();
    assert_eq!(&serde_json::to_value(parsed).unwrap(), example);

    let weight = &schema::<WeightedDestination>()["properties"]["weight"];
    assert_eq!((&weight["minimum"], &weight["maximum"]), (&json!(1), &json!(Rule::MAX_WEIGHT)));
    assert_eq!(schema::<Condition>()["oneOf"].as_array().map(Vec::len), Some(4));
    let geo = schema::<GeoTargets>();
    assert_eq!(geo["propertyNames"]["pattern"].as_str(), CountryCode::SPEC.pattern);
    assert!(serde_json::from_value::<GeoTargets>(geo["examples"][0].clone()).is_ok());
}

#[test]
fn every_schema_that_is_referred_to_is_delivered() {
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Rule, GeoTargets, FieldError)))]
    struct Document;

    let document = serde_json::to_value(<Document as utoipa::OpenApi>::openapi()).unwrap();
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#/components/schemas/").skip(1);
    let names: Vec<&str> = references.filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.contains(&"DestinationUrl") && names.contains(&"SetOperator"), "{names:?}");
    for name in names {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
