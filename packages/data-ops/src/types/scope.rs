//! What an API key may do.

use super::Permission;
use super::text::text_enum;

text_enum! {
    /// What an API key may do. A key has at most the permissions of the person who made it.
    Scope, UnknownScope, "unknown_scope" {
        /// Everything.
        All = "apis.all",
        /// Reading everything.
        ReadAll = "apis.read",
        /// Reading links.
        LinksRead = "links.read",
        /// Reading, creating, changing and deleting links.
        LinksWrite = "links.write",
        /// Reading clicks and analytics.
        AnalyticsRead = "analytics.read",
        /// Reading checks of destinations, and what is kept of them.
        EvaluationsRead = "evaluations.read",
        /// Reading checks of destinations, and having destinations checked.
        EvaluationsWrite = "evaluations.write",
        /// Reading how destinations are.
        DestinationsRead = "destinations.read",
        /// Reading how destinations are, and deciding about them.
        DestinationsWrite = "destinations.write",
        /// Reading domains.
        DomainsRead = "domains.read",
        /// Reading the workspace.
        WorkspacesRead = "workspaces.read",
        /// Reading and changing the workspace.
        WorkspacesWrite = "workspaces.write",
        /// Reading the list of API keys.
        ApiKeysRead = "api-keys.read",
        /// Reading, creating and revoking API keys.
        ApiKeysWrite = "api-keys.write",
    }
}

impl Scope {
    /// Whether a key with this scope may do this. Writing includes reading.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission::{
            AnalyticsRead, ApiKeysManage, ApiKeysRead, DestinationsRead, DestinationsWrite, DomainsRead,
            EvaluationsRead, EvaluationsWrite, LinksRead, LinksWrite, WorkspaceManage, WorkspaceRead,
        };
        match self {
            Self::All => true,
            Self::ReadAll => permission.is_read(),
            Self::LinksRead => matches!(permission, LinksRead),
            Self::LinksWrite => matches!(permission, LinksRead | LinksWrite),
            Self::AnalyticsRead => matches!(permission, AnalyticsRead),
            Self::EvaluationsRead => matches!(permission, EvaluationsRead),
            Self::EvaluationsWrite => matches!(permission, EvaluationsRead | EvaluationsWrite),
            Self::DestinationsRead => matches!(permission, DestinationsRead),
            Self::DestinationsWrite => matches!(permission, DestinationsRead | DestinationsWrite),
            Self::DomainsRead => matches!(permission, DomainsRead),
            Self::WorkspacesRead => matches!(permission, WorkspaceRead),
            Self::WorkspacesWrite => matches!(permission, WorkspaceRead | WorkspaceManage),
            Self::ApiKeysRead => matches!(permission, ApiKeysRead),
            Self::ApiKeysWrite => matches!(permission, ApiKeysRead | ApiKeysManage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scope_for_everything_allows_everything() {
        for permission in Permission::ALL {
            assert!(Scope::All.allows(*permission));
            assert_eq!(Scope::ReadAll.allows(*permission), permission.is_read());
        }
        assert!(!Scope::LinksRead.allows(Permission::LinksWrite));
        assert!(!Scope::LinksWrite.allows(Permission::AnalyticsRead));
    }

    #[test]
    fn scopes_are_read_back_from_their_text() {
        for scope in Scope::VALUES {
            assert_eq!(Scope::parse(scope.as_str()), Ok(*scope));
        }
        assert_eq!(Scope::parse("links").unwrap_err().code(), "unknown_scope");
    }
}
