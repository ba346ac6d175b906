//! The instance's own domain follows the public URL in the configuration.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{Domain, entity};
use crate::database::{Database, DatabaseError, Unique, row_id, unique_violation};
use crate::types::{Host, Timestamp};

/// Why the instance has no domain.
#[derive(Debug, thiserror::Error)]
pub enum EnsureInstanceDomainError {
    /// A workspace has this host: it cannot be the instance's as well.
    #[error("the host of the public URL is already the domain of a workspace")]
    HostTaken,
    /// The database failed.
    #[error("the instance's domain could not be stored")]
    Database(#[from] DatabaseError),
}

/// Makes sure the one instance domain exists and has this host. Links keep their domain when its host changes.
pub async fn ensure_instance_domain(
    db: &Database,
    host: &Host,
    now: Timestamp,
) -> Result<Domain, EnsureInstanceDomainError> {
    match ensure(db, host, now).await {
        Ok(Some(domain)) => Ok(domain),
        Ok(None) => Err(EnsureInstanceDomainError::HostTaken),
        Err(error) if unique_violation(&error) == Some(Unique::DomainHost) => Err(EnsureInstanceDomainError::HostTaken),
        Err(error) => Err(error.into()),
    }
}

/// `None`: the insert gave way to a workspace's domain with this host, and there was no row to change.
async fn ensure(db: &Database, host: &Host, now: Timestamp) -> Result<Option<Domain>, DatabaseError> {
    let transaction = db.begin().await?;
    let row = entity::ActiveModel {
        id: Set(row_id(now)),
        workspace_id: Set(None),
        host: Set(host.as_str().to_owned()),
        created_at: Set(now.as_millis()),
    };
    // Two replicas that start together: the second waits here, and finds the row of the first.
    entity::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&transaction)
        .await?;
    entity::Entity::update_many()
        .col_expr(entity::Column::Host, Expr::value(host.as_str()))
        .filter(entity::Column::WorkspaceId.is_null())
        .filter(entity::Column::Host.ne(host.as_str()))
        .exec(&transaction)
        .await?;
    let row = entity::Entity::find().filter(entity::Column::WorkspaceId.is_null()).one(&transaction).await?;
    transaction.commit().await?;
    row.map(Domain::try_from).transpose()
}
