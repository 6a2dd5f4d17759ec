//! How much of an offer is taken. Apart from `offers`, so that using an offer and changing it do not wait for each
//! other.

use sea_orm::entity::prelude::*;

use crate::ids::OfferId;

/// What redemptions that are held or redeemed add up to; no row: nothing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_budgets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: OfferId,
    /// How many.
    pub taken: i64,
    /// How much they take off, in minor units of the offer's `limit_currency`.
    pub taken_minor: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
