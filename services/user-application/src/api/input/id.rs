//! Ids in paths.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

/// The text of the path's parameter. What it means is up to the operation, for which an id that cannot be read is as absent
/// as one that does not exist.
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let [text] = texts(parts, state).await;
        Ok(Self(text))
    }
}

/// The texts of the path's two parameters, in the same sense.
pub(crate) struct PathIds(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let [first, second] = texts(parts, state).await;
        Ok(Self(first, second))
    }
}

/// The first parameters, percent-decoded; empty where there is none, or where it is no text.
async fn texts<const N: usize, S: Send + Sync>(parts: &mut Parts, state: &S) -> [String; N] {
    let path = RawPathParams::from_request_parts(parts, state).await;
    let mut values = path.iter().flatten().map(|(_, value)| value.to_owned());
    std::array::from_fn(|_| values.next().unwrap_or_default())
}
