//! Slugs that links had before: kept for their link, so that nobody else is handed an address that still circulates.
//!
//! Two transactions cannot both win a slug, on either database, because of the unique index over the domain and slug of
//! `links` and the order of steps: *take first, look here afterwards*. A row here is written by the transaction that vacates
//! the slug in `links`. Whoever inserts or updates a link to that slug waits at the index until this transaction has ended
//! (on SQLite there is one writer anyway), so once the slug is theirs, every row here about it is committed, and a statement
//! begun after that sees it (PostgreSQL's default, READ COMMITTED, takes a new snapshot for each statement; a stricter level
//! would break this). They then give the slug back if a row names another link. Looking before taking gives the better
//! answer in the usual case, and decides nothing.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, Statement};

use super::entity as links;
use crate::database::DatabaseError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_slugs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub link_id: Uuid,
    pub workspace_id: Uuid,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The link a slug is kept for.
pub(super) async fn former_holder(
    connection: &impl ConnectionTrait,
    domain_id: Uuid,
    slug: &str,
) -> Result<Option<Uuid>, DatabaseError> {
    let row = Entity::find_by_id((domain_id, slug.to_owned())).one(connection).await?;
    Ok(row.map(|row| row.link_id))
}

/// Keeps the slug a link had, after the link was stored with another, at the moment the database noted for that.
pub(super) async fn keep(transaction: &DatabaseTransaction, before: &links::Model) -> Result<(), DatabaseError> {
    const KEEP: &str = "INSERT INTO former_slugs (domain_id, slug, link_id, workspace_id, updated_at) \
        SELECT $1, $2, id, workspace_id, changed_at FROM links WHERE id = $3 \
        ON CONFLICT (domain_id, slug) DO UPDATE SET \
        link_id = excluded.link_id, workspace_id = excluded.workspace_id, updated_at = excluded.updated_at";
    let values = [before.domain_id.into(), before.slug.clone().into(), before.id.into()];
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), KEEP, values);
    transaction.execute_raw(statement).await?;
    Ok(())
}

/// Strikes the slug a link has from its former ones, after the link was stored with it. `false`: it is kept for another.
pub(super) async fn take_back(transaction: &DatabaseTransaction, after: &links::Model) -> Result<bool, DatabaseError> {
    match former_holder(transaction, after.domain_id, &after.slug).await? {
        None => Ok(true),
        Some(holder) if holder == after.id => {
            Entity::delete_by_id((after.domain_id, after.slug.clone())).exec(transaction).await?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}
