//! Requests that must be done once, by the keys that their senders gave them.

use sea_orm::entity::prelude::*;

use crate::ids::CustomerId;
use crate::timestamp::Timestamp;

/// A request that was done. Its row is written with its effect.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of what was asked.
    pub body_hash: Vec<u8>,
    /// For which customer it was done, if for one.
    pub customer_id: Option<CustomerId>,
    /// The id of what came of it: `pur_…`.
    pub result: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
