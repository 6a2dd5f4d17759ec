//! What the brand offers.

use sea_orm::entity::prelude::*;

use crate::ids::{OfferId, ProductId};
use crate::timestamp::Timestamp;
use crate::values::{BenefitKind, OfferStatus};

/// Something the brand offers: whom to, where, what it gives and how often.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OfferId,
    /// The name machines use, unique.
    pub key: String,
    /// The name people use.
    pub name: String,
    pub status: OfferStatus,
    /// Where it may be shown: an array of texts.
    pub placements: Json,
    /// In which channels it may be shown: an array of their names; empty means all.
    pub channels: Json,
    /// What is shown: an object from channel name, or `default`, to an object.
    pub content: Json,
    /// Whom it is for, a CEL expression giving a boolean.
    pub eligibility: String,
    /// How well it fits, a CEL expression giving a number.
    pub rank: Option<String>,
    /// Breaks ties of rank, higher first.
    pub priority: i32,
    /// What it gives; the columns below say how much. Absent: it only informs.
    pub benefit_kind: Option<BenefitKind>,
    /// Hundredths of a percent, for PERCENTAGE_OFF.
    pub benefit_basis_points: Option<i32>,
    /// Minor units, for AMOUNT_OFF.
    pub benefit_minor: Option<i64>,
    /// ISO 4217 code, for AMOUNT_OFF.
    pub benefit_currency: Option<String>,
    /// For FREE_PRODUCT.
    pub benefit_product_id: Option<ProductId>,
    /// From when on it counts; from the start when absent.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, exclusive; for ever when absent.
    pub ends_at: Option<Timestamp>,
    /// How often it may be redeemed in all.
    pub limit_total: Option<i64>,
    /// How often one customer may redeem it.
    pub limit_per_customer: Option<i64>,
    /// Counts changes, so that a writer notices it was overtaken.
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
