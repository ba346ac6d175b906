//! `POST /api/links`

use data_ops::{
    links::{NewLink, create_link},
    types::{
        ClickValue, DestinationPolicy, DestinationUrl, ExternalId, FieldError, GeoBackups, GeoTargets, Host,
        LinkComments, LinkTitle, Monitor, Rule, Slug, UserId,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{announce, fields::Fields, own_hosts, view::LinkView};
use crate::api::{
    access::{Authorized, permission::LinksWrite},
    failure::ApiError,
    input::Json,
    responses::{AnyFailure, BodyFailure, ConflictFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// A new link. Null means the same as leaving a field out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CreateLinkRequest)]
pub(crate) struct Input {
    /// Where visitors go whom no rule and no country concerns.
    #[schema(value_type = DestinationUrl)]
    url: String,
    /// The host of the short address; the primary domain when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Host>)]
    domain: Option<String>,
    /// The path of the short address, its slug; a random one is made when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Slug>)]
    key: Option<String>,
    /// Destinations by country.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<GeoTargets>)]
    geo: Option<Value>,
    /// Rules in their order; the first that matches decides, before `geo` and `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Rule>>, max_items = 50)]
    rules: Option<Value>,
    /// Where visitors go instead of `url` while that is down: the first of these that is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<DestinationUrl>>, max_items = 5)]
    backup_urls: Option<Value>,
    /// The same for the destinations of countries. Backups of rules are within the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<GeoBackups>)]
    geo_backup_urls: Option<Value>,
    /// How the link's destinations are watched; they are, unless this says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<Monitor>,
    /// What a click is worth, to show what broken destinations cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    click_value: Option<ClickValue>,
    /// The link's id in another system, unique in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ExternalId>)]
    external_id: Option<String>,
    /// A title for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LinkTitle>)]
    title: Option<String>,
    /// Notes for the people of the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LinkComments>)]
    comments: Option<String>,
    /// Archived links keep redirecting; lists leave them out unless asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
}

impl Input {
    /// The link to store, or everything that is wrong with it; `at` is what paths begin with in a bulk request.
    pub(super) fn validate(
        &self,
        at: &str,
        policy: &DestinationPolicy<'_>,
        created_by: Option<UserId>,
    ) -> Result<NewLink, Vec<FieldError>> {
        let mut fields = Fields::new(at, policy);
        let url = fields.url(&self.url);
        let domain = self.domain.as_deref().and_then(|text| fields.domain(text));
        let slug = self.key.as_deref().and_then(|text| fields.key(text));
        let geo = self.geo.as_ref().and_then(|value| fields.geo(value)).unwrap_or_default();
        let rules = self.rules.as_ref().and_then(|value| fields.rules(value)).unwrap_or_default();
        let backup_urls = self.backup_urls.as_ref().and_then(|value| fields.backup_urls(value)).unwrap_or_default();
        let geo_backup_urls =
            self.geo_backup_urls.as_ref().and_then(|value| fields.geo_backup_urls(value)).unwrap_or_default();
        fields.fit(url.as_ref(), &geo, &backup_urls, &geo_backup_urls);
        let monitor = self.monitor.as_ref().and_then(|monitor| fields.monitor(monitor)).unwrap_or_default();
        let click_value = self.click_value.as_ref().and_then(|value| fields.click_value(value));
        let external_id = self.external_id.as_deref().and_then(|text| fields.external_id(text));
        let title = fields.title(self.title.as_deref()).unwrap_or_default();
        let comments = fields.comments(self.comments.as_deref());
        let archived = self.archived.unwrap_or_default();
        let link = url.map(|url| NewLink {
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
            created_by,
        });
        fields.finish(link)
    }
}

/// Create a link
#[utoipa::path(
    post,
    path = "/api/links",
    operation_id = "createLink",
    tag = "links",
    params(WorkspaceChoice),
    request_body = Input,
    responses((status = 200, description = "The link.", body = LinkView), WorkspaceFailure, BodyFailure, ConflictFailure, AnyFailure)
)]
pub(crate) async fn create(
    caller: Authorized<LinksWrite>,
    Json(input): Json<Input>,
) -> Result<Json<LinkView>, ApiError> {
    let services = &caller.services;
    let hosts = own_hosts(services).await?;
    let policy = DestinationPolicy::new(services.settings.allow_private_destinations, &hosts);
    let new = input.validate("", &policy, caller.user_id())?;
    let link = create_link(&services.databases.control, caller.workspace.id, &new, services.now()).await?;
    announce(services, [&link]);
    Ok(Json(LinkView::stored(link, None, services).await))
}
