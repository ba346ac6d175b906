//! The table of this feature, as sea-orm sees it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub destination_id: Uuid,
    pub link_id: Option<Uuid>,
    pub url: String,
    pub trigger: String,
    pub attempt: i64,
    pub started_at: i64,
    pub finished_at: i64,
    pub verdict: String,
    pub failure: Option<String>,
    pub reason: String,
    pub confidence: f64,
    pub decided_by: String,
    pub evidence: String,
    pub http_status: Option<i64>,
    pub final_url: Option<String>,
    pub redirects: String,
    pub nav_error: Option<String>,
    pub guard_denied: Option<String>,
    pub title: Option<String>,
    pub lang: Option<String>,
    pub content_hash: Option<String>,
    pub requests: i64,
    pub bytes: i64,
    pub timings: String,
    pub browser_version: Option<String>,
    pub rules_version: Option<String>,
    pub ai: Option<String>,
    pub artifacts: String,
    pub judged: Option<String>,
    pub overridden_by: Option<Uuid>,
    pub overridden_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
