//! JSON bodies.

use axum::{
    Json as AxumJson,
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use super::{object::Object, refusal};
use crate::api::failure::ApiError;

/// A JSON body: an object in requests, anything in answers.
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body that is a list of objects.
pub(crate) struct JsonList<T>(pub(crate) Vec<T>);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        AxumJson(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read(request, state).await?;
        parse(&bytes).map(|Object(value)| Self(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonList<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read(request, state).await?;
        let objects: Vec<Object<T>> = parse(&bytes)?;
        Ok(Self(objects.into_iter().map(|Object(value)| value).collect()))
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    if !is_json(request.headers()) {
        let message = "The body must be JSON: send it with Content-Type: application/json.";
        return Err(ApiError::bad_request(message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Bytes::from_request(request, state).await.map_err(unreadable)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase())
        .is_some_and(|essence| essence == "application/json" || essence.ends_with("+json"))
}

fn unreadable(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::bad_request("The body is larger than 1 MiB. Split it into several requests.")
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    } else {
        ApiError::bad_request("The body ended early. Send it again.")
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() { refusal::data(&path, &error.to_string()).into() } else { malformed(&error) }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::bad_request(format!("The body is not valid JSON: {error}."))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde::Deserialize;

    use super::{Object, parse};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Sample {
        url: String,
        archived: Option<bool>,
        inner: Option<Vec<Inner>>,
        any: Option<serde_json::Value>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Inner {
        weight: u32,
    }

    fn refusal(body: &str) -> (StatusCode, String, String, String) {
        let error = parse::<Object<Sample>>(body.as_bytes()).map(|Object(sample)| sample).expect_err(body);
        let field = error.fields.first();
        (
            error.status,
            field.map(|field| field.path.clone()).unwrap_or_default(),
            field.map(|field| field.code.to_owned()).unwrap_or_default(),
            field.map_or_else(|| error.message.to_string(), |field| field.message.clone()),
        )
    }

    #[test]
    fn malformed_json_is_a_bad_request() {
        let deep = format!("{{\"any\": {}", "[".repeat(500));
        for body in ["", "{", "{\"url\":}", "{\"url\":\"x\"} x", "nul", &deep] {
            let (status, _, _, message) = refusal(body);
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {message}");
            assert!(message.starts_with("The body is not valid JSON: "), "{message}");
        }
    }

    #[test]
    fn wrong_types_are_named_by_their_path() {
        let (status, path, code, message) = refusal(r#"{"url": 5}"#);
        assert_eq!((status, path.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "url"));
        assert_eq!((code.as_str(), message.as_str()), ("type_mismatch", "This must be a string, not integer `5`."));
        let (_, path, ..) = refusal(r#"{"url": "x", "inner": [{"weight": 1}, {"weight": "2"}]}"#);
        assert_eq!(path, "inner[1].weight");
        let (_, path, code, _) = refusal("[]");
        assert_eq!((path.as_str(), code.as_str()), ("", "type_mismatch"));
    }

    #[test]
    fn unknown_fields_name_the_nearest_one() {
        let (status, path, code, message) = refusal(r#"{"url": "x", "archved": true}"#);
        assert_eq!((status, path.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "archved"));
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("unknown_field", "There is no such field. Did you mean \"archived\"?")
        );
        let (_, path, ..) = refusal(r#"{"url": "x", "inner": [{"wieght": 1}]}"#);
        assert_eq!(path, "inner[0].wieght");
    }

    #[test]
    fn missing_fields_are_named() {
        let (status, path, code, _) = refusal(r#"{"inner": []}"#);
        assert_eq!((status, path.as_str(), code.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "url", "missing"));
        let (_, path, code, _) = refusal(r#"{"url": "x", "inner": [{}]}"#);
        assert_eq!((path.as_str(), code.as_str()), ("inner[0].weight", "missing"));
        let (_, path, code, _) = refusal(r#"{"url": "x", "url": "y"}"#);
        assert_eq!((path.as_str(), code.as_str()), ("url", "duplicate_field"));
    }
}
