//! `GET /api/links`

use data_ops::{
    links::{LinkFilter, Page, SortOrder, list_links},
    types::{FieldError, Host, LinkId},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::LinkView;
use crate::api::{
    access::{Authorized, permission::LinksRead},
    failure::ApiError,
    input::{Json, Mistakes, Query, parse_at},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

const MAX_PAGE_SIZE: u32 = 100;

/// Which links to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only links on this host.
    #[param(nullable = false)]
    domain: Option<String>,
    /// Only links whose key, destination, title or external id contains this.
    #[param(nullable = false)]
    search: Option<String>,
    /// Include archived links.
    #[param(nullable = false, default = false)]
    show_archived: Option<bool>,
    /// The page, from 1; cursors are faster on long lists.
    #[param(nullable = false, minimum = 1, default = 1)]
    page: Option<u32>,
    /// How many links at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only links after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
    /// Only links before the one with this id, in the order of the list.
    #[param(nullable = false)]
    ending_before: Option<String>,
    /// What to sort by.
    #[param(nullable = false, inline)]
    #[expect(dead_code, reason = "there is only one value; reading it checks that it is that one")]
    sort_by: Option<SortBy>,
    /// Newest first (`desc`) or oldest first (`asc`).
    #[param(nullable = false, inline)]
    sort_order: Option<SortDirection>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(default = "createdAt")]
pub(crate) enum SortBy {
    CreatedAt,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(default = "desc")]
pub(crate) enum SortDirection {
    Asc,
    Desc,
}

/// List links
#[utoipa::path(
    get,
    path = "/api/links",
    operation_id = "listLinks",
    tag = "links",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "The links.", body = [LinkView]), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn list(
    caller: Authorized<LinksRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<LinkView>>, ApiError> {
    let services = &caller.services;
    let (filter, page) = parameters.validate()?;
    let links = list_links(&services.databases.control, caller.workspace.id, &filter, &page).await?;
    LinkView::load_all(services, links).await.map(Json)
}

impl Parameters {
    fn validate(&self) -> Result<(LinkFilter, Page), Vec<FieldError>> {
        let mut mistakes = Mistakes::default();
        let filter = mistakes.check(filter(self.search.as_deref(), self.domain.as_deref(), self.show_archived));
        let size = mistakes.check(in_range("pageSize", self.page_size, 1, MAX_PAGE_SIZE, MAX_PAGE_SIZE));
        let number = mistakes.check(in_range("page", self.page, 1, u32::MAX, 1));
        let mut cursor = |text: &Option<String>, path| {
            text.as_deref().and_then(|text| {
                let id = LinkId::parse(text);
                mistakes.check(id.map_err(|error| FieldError::new(path, "invalid_id", error)))
            })
        };
        let after = cursor(&self.starting_after, "startingAfter");
        let before = cursor(&self.ending_before, "endingBefore");
        if after.is_some() && before.is_some() {
            let message = "Give either startingAfter or endingBefore.";
            let _noted: Option<()> = mistakes.check(Err(FieldError::new("endingBefore", "ambiguous", message)));
        }
        let order = match self.sort_order {
            Some(SortDirection::Asc) => SortOrder::Ascending,
            Some(SortDirection::Desc) | None => SortOrder::Descending,
        };
        let page = size.zip(number).map(|(size, number)| Page { size, number, after, before, order });
        mistakes.finish(filter.zip(page))
    }
}

/// The filter that lists and counts share.
pub(super) fn filter(
    search: Option<&str>,
    domain: Option<&str>,
    show_archived: Option<bool>,
) -> Result<LinkFilter, FieldError> {
    Ok(LinkFilter {
        search: search.map(str::to_owned),
        domain: domain.map(|domain| parse_at!(Host, domain, "domain")).transpose()?,
        archived: (!show_archived.unwrap_or_default()).then_some(false),
        ..LinkFilter::default()
    })
}

fn in_range(path: &str, given: Option<u32>, min: u32, max: u32, default: u32) -> Result<u32, FieldError> {
    match given {
        None => Ok(default),
        Some(number) if (min..=max).contains(&number) => Ok(number),
        Some(_) => Err(FieldError::new(path, "out_of_range", format_args!("Use a number from {min} to {max}."))),
    }
}
