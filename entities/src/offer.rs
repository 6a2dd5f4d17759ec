//! What the brand offers.

use sea_orm::entity::prelude::*;

use crate::ids::{OfferId, ProductId};
use crate::timestamp::Timestamp;
use crate::values::{BenefitKind, BenefitScope, CodeKind, ConsentPurpose, OfferStatus, Stacking};

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
    /// What a customer must have allowed to be offered it.
    pub consent: Option<ConsentPurpose>,
    /// From when on it counts; from the start when absent.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, exclusive; for ever when absent.
    pub ends_at: Option<Timestamp>,
    /// From which day on it counts, `YYYY-MM-DD` in the zone of the touchpoint.
    pub starts_on: Option<String>,
    /// The last day on which it counts, in the same zone.
    pub ends_on: Option<String>,
    /// On which days of the week it counts: an array of ISO numbers, 1 is Monday; empty means all.
    pub weekdays: Json,
    /// From which minute of the local day on it counts.
    pub from_minute: Option<i32>,
    /// Until which minute of the local day it counts, exclusive. Not after `from_minute`: of the day after the one
    /// it began on.
    pub until_minute: Option<i32>,
    /// How often it may be redeemed in all.
    pub limit_total: Option<i64>,
    /// How much it may take off in all, in minor units.
    pub limit_minor: Option<i64>,
    /// ISO 4217 code of `limit_minor`.
    pub limit_currency: Option<String>,
    /// How often one customer may redeem it.
    pub limit_per_customer: Option<i64>,
    /// How often one customer may redeem it within `limit_period`.
    pub limit_per_period: Option<i64>,
    /// An ISO 8601 duration of days or hours, back from now.
    pub limit_period: Option<String>,
    /// How often it is shown to one customer within `limit_shown_period`.
    pub limit_shown: Option<i64>,
    /// An ISO 8601 duration of days or hours, back from now.
    pub limit_shown_period: Option<String>,
    /// How long it is not shown to a customer who sent it away.
    pub dismissal_period: Option<String>,
    /// With what codes it is redeemed; absent: without any.
    pub code_kind: Option<CodeKind>,
    /// The code of all, for SHARED.
    pub code: Option<String>,
    /// The name from which, with the customer, the bucket is reckoned; offers with the same share it.
    pub experiment: Option<String>,
    /// The share of customers who are never shown it, in hundredths of a percent.
    pub holdout_basis_points: i32,
    /// Which variants there are, since when: an array of `{from, variants: [{key, weight, content?}]}`, oldest
    /// first. Empty: there are none.
    pub allocations: Json,
    /// Counts changes, so that a writer notices it was overtaken.
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What its benefit goes together with.
    pub stacking: Stacking,
    /// What its benefit is taken off from.
    pub benefit_scope: BenefitScope,
    /// Which products its benefit is taken off, and what is part of them: an array of ids. Empty: all.
    pub benefit_products: Json,
}

impl Model {
    /// An offer nobody has said anything about yet: for everybody, everywhere, at any time, giving nothing.
    pub fn draft(id: OfferId, key: &str, created_at: Timestamp) -> Self {
        let none = Json::Array(Vec::new());
        Self {
            id,
            key: key.to_owned(),
            name: key.to_owned(),
            status: OfferStatus::Draft,
            placements: none.clone(),
            channels: none.clone(),
            content: Json::Object(serde_json::Map::new()),
            eligibility: "true".to_owned(),
            rank: None,
            priority: 0,
            benefit_kind: None,
            benefit_basis_points: None,
            benefit_minor: None,
            benefit_currency: None,
            benefit_product_id: None,
            consent: None,
            starts_at: None,
            ends_at: None,
            starts_on: None,
            ends_on: None,
            weekdays: none.clone(),
            from_minute: None,
            until_minute: None,
            limit_total: None,
            limit_minor: None,
            limit_currency: None,
            limit_per_customer: None,
            limit_per_period: None,
            limit_period: None,
            limit_shown: None,
            limit_shown_period: None,
            dismissal_period: None,
            code_kind: None,
            code: None,
            experiment: None,
            holdout_basis_points: 0,
            allocations: none.clone(),
            version: 1,
            created_at,
            updated_at: created_at,
            stacking: Stacking::Stack,
            benefit_scope: BenefitScope::AcrossLines,
            benefit_products: none,
        }
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
