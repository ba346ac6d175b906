//! What was kept of a page: read from the store, and sent so that it stays a foreign thing.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use data_ops::{evaluations::Evaluation, types::WorkspaceId};
use http::{HeaderMap, HeaderValue, header};

use super::{by_path, view::ArtifactKind, watching};
use crate::{api::failure::ApiError, services::Services};

/// It never changes; but it is for the caller only.
const CACHED: HeaderValue = HeaderValue::from_static("private, max-age=3600, immutable");

/// The evaluation that a path names, and what was kept of it. What retention has removed since is as absent as what never was.
pub(super) async fn read(
    services: &Services,
    workspace: WorkspaceId,
    evaluation: &str,
    kind: ArtifactKind,
) -> Result<(Evaluation, Bytes), ApiError> {
    let (stored, name) = kind.names();
    let evaluation = by_path(services, workspace, evaluation).await?;
    let absent = || ApiError::not_found(name);
    let artifact = evaluation.artifacts.iter().find(|kept| kept.kind == stored).ok_or_else(absent)?;
    let content = watching(services)?.artifact(&artifact.key).await?.ok_or_else(absent)?;
    Ok((evaluation, content))
}

/// An answer that is what was kept.
pub(super) fn answer(content: Bytes, content_type: &'static str) -> Response {
    let headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, CACHED),
    ]);
    (headers, Body::from(content)).into_response()
}
