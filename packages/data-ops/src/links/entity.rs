//! The table of this feature, as sea-orm sees it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub domain_id: Uuid,
    pub slug: String,
    pub url: String,
    pub geo: Option<String>,
    pub rules: Option<String>,
    pub external_id: Option<String>,
    pub title: String,
    pub comments: Option<String>,
    pub archived: bool,
    pub version: i64,
    pub created_by: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
    pub backup_urls: Option<String>,
    pub geo_backup_urls: Option<String>,
    pub monitor_enabled: bool,
    pub monitor_interval_s: Option<i64>,
    pub monitor_phrases: Option<String>,
    pub click_value_minor: Option<i64>,
    pub click_value_currency: Option<String>,
    pub routed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::domains::entity::Entity",
        from = "Column::DomainId",
        to = "crate::domains::entity::Column::Id"
    )]
    Domain,
}

impl Related<crate::domains::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Domain.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
