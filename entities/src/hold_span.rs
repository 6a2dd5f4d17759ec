//! For how long customers have held products.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, ProductId};
use crate::timestamp::Timestamp;

/// Since when a customer has held something of a product, left by a hold that ended. It outlives the hold and its cart,
/// so that who takes a product out and puts it back goes on holding it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hold_spans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// Since when something of it was held without a break that counts.
    pub held_at: Timestamp,
    /// Who holds it again before this has made no break.
    pub over_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
