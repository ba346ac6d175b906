//! Ids in paths.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

/// The text of the path's parameter. What it means is up to the operation, for which an id that cannot be read is as absent
/// as one that does not exist.
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = RawPathParams::from_request_parts(parts, state).await;
        let text = path.iter().flatten().next().map(|(_, value)| value.to_owned());
        Ok(Self(text.unwrap_or_default()))
    }
}
