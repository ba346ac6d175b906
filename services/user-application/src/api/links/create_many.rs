//! `POST /api/links/bulk`

use data_ops::{
    links::{CreateLinkError, Link, NewLink, create_links},
    types::{DestinationPolicy, FieldError, LinkId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    announce,
    create::Input,
    own_hosts,
    view::{LinkView, destinations_after_storing},
};
use crate::api::{
    access::{Authorized, permission::LinksWrite},
    failure::{ApiError, ErrorCode},
    input::{Json, JsonList},
    responses::{AnyFailure, BodyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// The most links one request may create.
const MAX_LINKS: usize = 100;

/// What became of one link of a bulk request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = BulkLinkResult)]
pub(crate) enum Outcome {
    /// It was created.
    Created(Box<LinkView>),
    /// It was not created; the others are not affected.
    Failed(Failure),
}

/// A link of a bulk request that was not created.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkLinkFailure)]
pub(crate) struct Failure {
    /// The link as it was sent.
    #[schema(value_type = Object)]
    link: Box<Input>,
    /// One sentence saying what to change.
    error: String,
    /// The stable reason.
    code: ErrorCode,
    /// Every field that was not acceptable, with paths such as `[3].url`.
    errors: Vec<FieldError>,
}

/// Create up to 100 links
///
/// Every link stands for itself: the answer lists, in the order of the request, the created links and why others were not.
#[utoipa::path(
    post,
    path = "/api/links/bulk",
    operation_id = "createManyLinks",
    tag = "links",
    params(WorkspaceChoice),
    request_body = Vec<Input>,
    responses((status = 200, description = "A link, or why it was not created, for each of the request.", body = [Outcome]), WorkspaceFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn create_many(
    caller: Authorized<LinksWrite>,
    JsonList(inputs): JsonList<Input>,
) -> Result<Json<Vec<Outcome>>, ApiError> {
    let services = &caller.services;
    check_number(inputs.len())?;
    let hosts = own_hosts(services).await?;
    let policy = DestinationPolicy::new(services.settings.allow_private_destinations, &hosts);
    let validated: Vec<Result<NewLink, Vec<FieldError>>> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| input.validate(&FieldError::index("", index), &policy, caller.user_id()))
        .collect();
    let acceptable: Vec<NewLink> = validated.iter().flatten().cloned().collect();
    let stored = create_links(&services.databases.control, caller.workspace.id, &acceptable, services.now()).await?;
    announce(services, stored.iter().flatten());
    let ids: Vec<LinkId> = stored.iter().flatten().map(|link| link.id).collect();
    let destinations = destinations_after_storing(services, caller.workspace.id, &ids).await;

    let mut stored = stored.into_iter();
    let outcomes = inputs.into_iter().zip(validated).enumerate().map(|(index, (input, validated))| {
        let result = match validated {
            Err(mistakes) => Err(ApiError::unprocessable(mistakes)),
            Ok(_) => next_result(&mut stored).map_err(|error| at_index(error, index)),
        };
        match result {
            Ok(link) => {
                let of_link = destinations.get(&link.id).map_or(&[][..], Vec::as_slice);
                Outcome::Created(Box::new(LinkView::new(link, None, of_link, services)))
            }
            Err(error) => Outcome::Failed(Failure {
                link: Box::new(input),
                error: error.message.into_owned(),
                code: error.code,
                errors: error.fields,
            }),
        }
    });
    Ok(Json(outcomes.collect()))
}

fn check_number(links: usize) -> Result<(), FieldError> {
    match links {
        1..=MAX_LINKS => Ok(()),
        0 => Err(FieldError::new("", "empty", "Send at least one link.")),
        _ => {
            let message = format!("Send at most {MAX_LINKS} links at once; these are {links}.");
            Err(FieldError::new("", "too_many_items", message))
        }
    }
}

/// There is one result for every link that was acceptable.
fn next_result(stored: &mut impl Iterator<Item = Result<Link, CreateLinkError>>) -> Result<Link, ApiError> {
    match stored.next() {
        Some(result) => Ok(result?),
        None => Err(ApiError::internal("fewer links were stored than were sent to the database")),
    }
}

/// Paths of a single link, seen from the whole request.
fn at_index(error: ApiError, index: usize) -> ApiError {
    let at = FieldError::index("", index);
    let fields = error
        .fields
        .into_iter()
        .map(|field| FieldError::new(FieldError::join(&at, &field.path), field.code, field.message))
        .collect();
    ApiError { fields, ..error }
}
