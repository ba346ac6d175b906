//! The table of this feature, as sea-orm sees it: without the columns the database works out itself.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "destinations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub url: String,
    pub state: String,
    pub state_since: i64,
    pub reason: Option<String>,
    pub held: bool,
    pub pin: Option<String>,
    pub pinned_by: Option<Uuid>,
    pub pinned_at: Option<i64>,
    pub last_evaluation_id: Option<Uuid>,
    pub last_checked_at: Option<i64>,
    pub last_verdict: Option<String>,
    pub last_reason: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
