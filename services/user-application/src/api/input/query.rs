//! Query parameters.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::refusal;
use crate::api::{failure::ApiError, workspace_choice};

/// Query parameters. Empty ones count as absent; `workspaceId` is read with the credentials and left out here.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let given = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, value)| name != workspace_choice::PARAMETER && !value.is_empty());
    let kept = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(kept.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        refusal::data(&path, &error.into_inner().to_string()).into()
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Sample {
        page_size: Option<u32>,
        search: Option<String>,
        order: Option<Order>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Order {
        Asc,
        Desc,
    }

    fn refusal(query: &str) -> (String, String) {
        let error = parse::<Sample>(query).expect_err(query);
        let field = error.fields.first().expect("a field");
        (field.path.clone(), field.code.to_owned())
    }

    #[test]
    fn empty_parameters_and_the_workspace_are_passed_over() {
        let sample: Sample = parse("search=&pageSize=5&workspaceId=acme&order=asc").expect("good parameters");
        assert!(matches!(sample, Sample { page_size: Some(5), search: None, order: Some(Order::Asc) }));
        let sample: Sample = parse("search=a%26b+c&order=desc").expect("good parameters");
        assert_eq!(sample.search.as_deref(), Some("a&b c"));
        assert!(matches!(sample.order, Some(Order::Desc)));
    }

    #[test]
    fn wrong_parameters_are_named() {
        assert_eq!(refusal("pageSize=x"), ("pageSize".into(), "invalid_value".into()));
        assert_eq!(refusal("pagesize=1"), ("pagesize".into(), "unknown_field".into()));
        assert_eq!(refusal("order=up"), ("order".into(), "unknown_value".into()));
        assert_eq!(refusal("search=a&search=b"), ("search".into(), "duplicate_field".into()));
    }
}
