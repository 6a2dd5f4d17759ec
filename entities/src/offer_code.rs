//! The codes that work once, of offers that are redeemed with such.

use sea_orm::entity::prelude::*;

use crate::ids::{OfferId, RedemptionId};
use crate::timestamp::Timestamp;

/// A code that works once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_codes")]
pub struct Model {
    /// SHA-256 of the code as it was given out: capital letters and digits, no dashes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: Vec<u8>,
    pub offer_id: OfferId,
    /// When it was used.
    pub redeemed_at: Option<Timestamp>,
    /// By which redemption; it is free again when that is given back.
    pub redemption_id: Option<RedemptionId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
