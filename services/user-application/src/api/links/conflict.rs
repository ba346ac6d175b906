//! What stands in the way of storing a link.

use data_ops::{
    links::{CreateLinkError, UpdateLinkError},
    types::FieldError,
};

use crate::api::failure::ApiError;

const SLUG_TAKEN: &str = "Another link has this slug already. Choose another one.";
const SLUG_RETIRED: &str = "This slug belongs to a link that was deleted or renamed. It is not given out again, because old copies of the short address \
     would lead to the new destination. Choose another one.";
const EXTERNAL_ID_TAKEN: &str = "Another link of this workspace has this external id. Choose another one.";

pub(super) fn domain_not_found() -> ApiError {
    let message = "This workspace has no such domain. List the possible ones with GET /api/domains.";
    FieldError::new("domain", "domain_not_found", message).into()
}

impl From<CreateLinkError> for ApiError {
    fn from(error: CreateLinkError) -> Self {
        match error {
            CreateLinkError::SlugTaken => Self::conflict("key", "slug_taken", SLUG_TAKEN),
            CreateLinkError::SlugRetired => Self::conflict("key", "slug_retired", SLUG_RETIRED),
            CreateLinkError::ExternalIdTaken => Self::conflict("externalId", "external_id_taken", EXTERNAL_ID_TAKEN),
            CreateLinkError::DomainNotFound => domain_not_found(),
            CreateLinkError::Database(error) => error.into(),
        }
    }
}

impl From<UpdateLinkError> for ApiError {
    fn from(error: UpdateLinkError) -> Self {
        match error {
            UpdateLinkError::SlugTaken => Self::conflict("key", "slug_taken", SLUG_TAKEN),
            UpdateLinkError::SlugRetired => Self::conflict("key", "slug_retired", SLUG_RETIRED),
            UpdateLinkError::ExternalIdTaken => Self::conflict("externalId", "external_id_taken", EXTERNAL_ID_TAKEN),
            UpdateLinkError::DomainNotFound => domain_not_found(),
            UpdateLinkError::Backups(errors) => errors.into(),
            UpdateLinkError::Database(error) => error.into(),
        }
    }
}
