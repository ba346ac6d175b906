//! The OpenAPI document: what the API is, once for all operations.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::failure::ErrorEnvelope;

/// What the document says besides the operations, which `routes()` adds.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hashroute",
        description = "Smart links: short addresses that send each visitor to the right place.\n\n\
            Programs send an API key as `Authorization: Bearer hr_…`; the web application uses a session cookie and names the \
            workspace with `X-Workspace-Id` or `?workspaceId=`.\n\n\
            Every failed request is answered with one envelope, `{\"error\": {\"code\", \"message\", \"doc_url\", \"errors\"}}`. \
            Times are ISO 8601 in UTC with milliseconds, ids are strings with a prefix, lists are bare arrays.\n\n\
            Every answer carries `X-Request-Id`, and authenticated ones `X-RateLimit-Limit`, `X-RateLimit-Remaining` and \
            `X-RateLimit-Reset` (the Unix time in seconds at which the whole allowance is back).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact()
    ),
    servers((url = "/", description = "This server")),
    components(schemas(ErrorEnvelope)),
    security(("apiKey" = []), ("session" = [])),
    tags(
        (name = "links", description = "Short addresses and where they lead."),
        (name = "destinations", description = "The URLs links lead to, how they are, and where visitors go while they are broken."),
        (name = "evaluations", description = "Checks of destinations: what they found, and what shows it."),
        (name = "analytics", description = "Clicks over time and by where they came from."),
        (name = "domains", description = "The hosts short links live on."),
        (name = "workspaces", description = "Who owns links, keys and analytics together."),
        (name = "apiKeys", description = "How programs act in a workspace."),
        (name = "auth", description = "Accounts and sessions."),
        (name = "admin", description = "Looking after the instance: queues, dead letters, workflows, objects, schedules. For \
            people signed in who are admins of the instance; API keys belong to workspaces and cannot do this.")
    ),
    modifiers(&SecuritySchemes)
)]
pub(super) struct Document;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("hr_…")
            .description(Some("An API key; it belongs to one workspace and has scopes."))
            .build();
        let session = ApiKeyValue::with_description(
            "hashroute_session",
            "The session of a person signed in. Over HTTPS the cookie is called `__Host-hashroute_session`.",
        );
        components.add_security_scheme("apiKey", SecurityScheme::Http(key));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    }
}
