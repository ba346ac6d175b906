//! `PATCH /api/links/{linkId}`

use data_ops::{
    links::{LinkChange, update_link},
    types::{
        ClickValue, DestinationPolicy, DestinationUrl, ExternalId, FieldError, GeoBackups, GeoTargets, Host,
        LinkComments, LinkTitle, Monitor, Rule, Slug,
    },
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    announce,
    fields::Fields,
    own_hosts, reference,
    view::{LinkView, load_counters},
};
use crate::api::{
    access::{Authorized, permission::LinksWrite},
    failure::ApiError,
    input::{Json, PathId, not_null, nullable},
    responses::{AnyFailure, BodyFailure, ConflictFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// What to change in a link: absent fields stay, null empties.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = UpdateLinkRequest)]
pub(crate) struct Input {
    /// Where visitors go whom no rule and no country concerns.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = DestinationUrl, required = false)]
    url: Option<String>,
    /// Moves the link to another host.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Host, required = false)]
    domain: Option<String>,
    /// Moves the link to another path.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Slug, required = false)]
    key: Option<String>,
    /// Replaces all destinations by country.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<GeoTargets>)]
    geo: Option<Value>,
    /// Replaces all rules.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<Vec<Rule>>, max_items = 50)]
    rules: Option<Value>,
    /// Replaces all backups of `url`.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<Vec<DestinationUrl>>, max_items = 5)]
    backup_urls: Option<Value>,
    /// Replaces all backups of destinations by country.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<GeoBackups>)]
    geo_backup_urls: Option<Value>,
    /// Replaces how the link's destinations are watched.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Monitor, required = false)]
    monitor: Option<Monitor>,
    /// What a click is worth, to show what broken destinations cost.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<ClickValue>)]
    click_value: Option<Option<ClickValue>>,
    /// The link's id in another system, unique in the workspace.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<ExternalId>)]
    external_id: Option<Option<String>>,
    /// A title for people.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<LinkTitle>)]
    title: Option<Option<String>>,
    /// Notes for the people of the workspace.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<LinkComments>)]
    comments: Option<Option<String>>,
    /// Archived links keep redirecting; lists leave them out unless asked.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = bool, required = false)]
    archived: Option<bool>,
}

/// Change a link
#[utoipa::path(
    patch,
    path = "/api/links/{linkId}",
    operation_id = "updateLink",
    tag = "links",
    params(WorkspaceChoice, ("linkId" = String, Path, description = "The link's id, or `ext_` and its external id.")),
    request_body = Input,
    responses((status = 200, description = "The link after the change.", body = LinkView), WorkspaceFailure, BodyFailure, ConflictFailure, AnyFailure)
)]
pub(crate) async fn update(
    caller: Authorized<LinksWrite>,
    PathId(id): PathId,
    Json(input): Json<Input>,
) -> Result<Json<LinkView>, ApiError> {
    let services = &caller.services;
    let link = reference::by_path(services, caller.workspace.id, &id).await?;
    let hosts = own_hosts(services).await?;
    let policy = DestinationPolicy::new(services.settings.allow_private_destinations, &hosts);
    let change = input.validate(&policy)?;
    // Read before the change: once it is stored, nothing may fail any more.
    let counters = load_counters(services, &[link.id]).await?;
    let changed =
        update_link(&services.databases.control, caller.workspace.id, link.id, &change, services.now()).await?;
    let (before, after) = changed.ok_or_else(reference::absent)?;
    if before.version != after.version {
        announce(services, [&before, &after]);
    }
    let counter = counters.get(&after.id);
    Ok(Json(LinkView::stored(after, counter, services).await))
}

impl Input {
    fn validate(&self, policy: &DestinationPolicy<'_>) -> Result<LinkChange, Vec<FieldError>> {
        let mut fields = Fields::new("", policy);
        let url = self.url.as_deref().and_then(|text| fields.url(text));
        let domain = self.domain.as_deref().and_then(|text| fields.domain(text));
        let slug = self.key.as_deref().and_then(|text| fields.key(text));
        let geo = self.geo.as_ref().and_then(|value| fields.geo(value));
        let rules = self.rules.as_ref().and_then(|value| fields.rules(value));
        let backup_urls = self.backup_urls.as_ref().and_then(|value| fields.backup_urls(value));
        let geo_backup_urls = self.geo_backup_urls.as_ref().and_then(|value| fields.geo_backup_urls(value));
        let monitor = self.monitor.as_ref().and_then(|monitor| fields.monitor(monitor));
        let click_value =
            self.click_value.as_ref().map(|value| value.as_ref().and_then(|value| fields.click_value(value)));
        let external_id =
            self.external_id.as_ref().map(|text| text.as_deref().and_then(|text| fields.external_id(text)));
        let title = self.title.as_ref().map(|text| fields.title(text.as_deref()).unwrap_or_default());
        let comments = self.comments.as_ref().map(|text| fields.comments(text.as_deref()));
        let archived = self.archived;
        fields.finish(Some(LinkChange {
            domain,
            slug,
            url,
            geo,
            rules,
            backup_urls,
            geo_backup_urls,
            monitor,
            click_value,
            external_id,
            title,
            comments,
            archived,
        }))
    }
}
