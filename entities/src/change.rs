//! The outbox: what changed, for whoever shows it to a connected device.

use sea_orm::entity::prelude::*;

/// What one transaction changed, or a part of it. Rows are kept for as long as readers may need to catch up.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    /// PostgreSQL's id of the transaction; in SQLite they are counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub transaction_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i64,
    /// What changed, separated by spaces; empty when it may be anything.
    pub topics: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
