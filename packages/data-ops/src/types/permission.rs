//! Who may do what in a workspace.

use super::text::text_enum;

text_enum! {
    /// What a member is in a workspace.
    Role, UnknownRole, "unknown_role" {
        /// May do everything, and cannot be removed by others.
        Owner = "owner",
        /// May do everything but billing.
        Admin = "admin",
        /// Works with links and their destinations, and reads analytics.
        Editor = "editor",
        /// Reads links, analytics and how destinations are.
        Viewer = "viewer",
        /// Handles payment, and sees what is paid for.
        Billing = "billing",
    }
}

/// Something a member or an API key may be allowed to do in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See links.
    LinksRead,
    /// Create, change and delete links.
    LinksWrite,
    /// See clicks and their analytics.
    AnalyticsRead,
    /// See checks of destinations, and what is kept of them.
    EvaluationsRead,
    /// Have destinations checked.
    EvaluationsWrite,
    /// See how destinations are.
    DestinationsRead,
    /// Decide about destinations: where visitors go, and what is right.
    DestinationsWrite,
    /// See the domains of the workspace.
    DomainsRead,
    /// See API keys (never their secrets).
    ApiKeysRead,
    /// Create and revoke API keys.
    ApiKeysManage,
    /// See the workspace.
    WorkspaceRead,
    /// Change the workspace's name and settings.
    WorkspaceManage,
    /// See and change payment.
    BillingManage,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::LinksRead,
        Self::LinksWrite,
        Self::AnalyticsRead,
        Self::EvaluationsRead,
        Self::EvaluationsWrite,
        Self::DestinationsRead,
        Self::DestinationsWrite,
        Self::DomainsRead,
        Self::ApiKeysRead,
        Self::ApiKeysManage,
        Self::WorkspaceRead,
        Self::WorkspaceManage,
        Self::BillingManage,
    ];

    /// Whether this only looks at things.
    #[must_use]
    pub const fn is_read(self) -> bool {
        match self {
            Self::LinksRead
            | Self::AnalyticsRead
            | Self::EvaluationsRead
            | Self::DestinationsRead
            | Self::DomainsRead
            | Self::ApiKeysRead
            | Self::WorkspaceRead => true,
            Self::LinksWrite
            | Self::EvaluationsWrite
            | Self::DestinationsWrite
            | Self::ApiKeysManage
            | Self::WorkspaceManage
            | Self::BillingManage => false,
        }
    }
}

impl Role {
    /// Whether a member with this role may do this.
    #[must_use]
    pub const fn can(self, permission: Permission) -> bool {
        use Permission::{
            AnalyticsRead, BillingManage, DestinationsRead, DestinationsWrite, DomainsRead, EvaluationsRead,
            EvaluationsWrite, LinksRead, LinksWrite, WorkspaceRead,
        };
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(permission, BillingManage),
            Self::Editor => {
                matches!(permission, LinksWrite | EvaluationsWrite | DestinationsWrite) || Self::Viewer.can(permission)
            }
            Self::Viewer => matches!(
                permission,
                LinksRead | AnalyticsRead | EvaluationsRead | DestinationsRead | DomainsRead | WorkspaceRead
            ),
            Self::Billing => matches!(permission, BillingManage | WorkspaceRead),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_exactly_what_it_is_for() {
        let allowed = |role: Role| Permission::ALL.iter().filter(move |permission| role.can(**permission)).count();
        assert_eq!(allowed(Role::Owner), Permission::ALL.len());
        assert!(!Role::Admin.can(Permission::BillingManage));
        assert!(Role::Editor.can(Permission::LinksWrite) && Role::Editor.can(Permission::DestinationsWrite));
        assert!(!Role::Editor.can(Permission::ApiKeysRead));
        assert!(Permission::ALL.iter().all(|one| one.is_read() || !Role::Viewer.can(*one)));
        assert!(!Role::Billing.can(Permission::LinksRead));
    }

    #[test]
    fn roles_are_read_back_from_their_text() {
        for role in Role::VALUES {
            assert_eq!(Role::parse(role.as_str()), Ok(*role));
        }
        assert_eq!(Role::parse("Owner").unwrap_err().code(), "unknown_role");
    }
}
