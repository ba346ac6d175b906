//! Permissions as types, so that an operation states in its signature what it needs.

use data_ops::types::Permission;

/// A permission as a type.
pub(crate) trait Needs: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => {
        $(
            #[doc = concat!("[`Permission::", stringify!($name), "`] as a type.")]
            pub(crate) struct $name;

            impl Needs for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

permissions!(
    LinksRead,
    LinksWrite,
    AnalyticsRead,
    EvaluationsRead,
    EvaluationsWrite,
    DestinationsRead,
    DestinationsWrite,
    DomainsRead,
    ApiKeysRead,
    ApiKeysManage,
    WorkspaceRead,
    WorkspaceManage,
);

/// How an error message names a permission.
pub(crate) fn describe(permission: Permission) -> &'static str {
    match permission {
        Permission::LinksRead => "read links",
        Permission::LinksWrite => "change links",
        Permission::AnalyticsRead => "read analytics",
        Permission::EvaluationsRead => "read evaluations",
        Permission::EvaluationsWrite => "have destinations checked",
        Permission::DestinationsRead => "read the health of destinations",
        Permission::DestinationsWrite => "decide about destinations",
        Permission::DomainsRead => "read domains",
        Permission::ApiKeysRead => "see API keys",
        Permission::ApiKeysManage => "create and revoke API keys",
        Permission::WorkspaceRead => "see the workspace",
        Permission::WorkspaceManage => "change the workspace",
        Permission::BillingManage => "manage billing",
    }
}
