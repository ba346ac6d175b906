//! Domains: the hosts links live on. One belongs to the instance and is open to every workspace.

pub(crate) mod entity;
mod find;
mod instance;

pub(crate) use find::find_usable;
pub use find::{all_domains, find_domain, list_domains};
pub use instance::{EnsureInstanceDomainError, ensure_instance_domain};

use crate::database::DatabaseError;
use crate::types::{DomainId, Host, Timestamp, WorkspaceId};

/// A host that serves links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// The host.
    pub host: Host,
    /// Whose it is; `None` for the instance's own.
    pub workspace_id: Option<WorkspaceId>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl TryFrom<entity::Model> for Domain {
    type Error = DatabaseError;

    fn try_from(row: entity::Model) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: DomainId::from_uuid(row.id),
            host: Host::parse(&row.host).map_err(|error| DatabaseError::stored("domain host", error))?,
            workspace_id: row.workspace_id.map(WorkspaceId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
