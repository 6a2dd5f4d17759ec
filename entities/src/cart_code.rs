//! The codes that customers entered.

use sea_orm::entity::prelude::*;

use crate::ids::{CartId, CustomerId};

/// A code in a cart, whether it is any good or not.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub cart_id: CartId,
    pub customer_id: CustomerId,
    /// Capital letters and digits, no dashes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
