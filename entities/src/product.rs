//! What can be bought.

use sea_orm::entity::prelude::*;

use crate::ids::ProductId;
use crate::timestamp::Timestamp;
use crate::values::ProductKind;

/// Something that can be bought.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    /// The brand's own code of it, unique.
    pub sku: String,
    pub name: String,
    pub kind: ProductKind,
    /// Price of one, in minor units.
    pub price_minor: i64,
    /// ISO 4217 code of the price.
    pub currency: String,
    /// How many there are in all; unlimited when absent.
    pub stock_total: Option<i64>,
    /// How many of them are sold or held.
    pub stock_taken: i64,
    /// What it is an instance of: the film of a showing.
    pub part_of: Option<ProductId>,
    /// What else is known about it: an object.
    pub attributes: Json,
    /// When it takes place.
    pub starts_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// For how many days a paid one may be used, of a digital product; for ever when absent.
    pub access_days: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
