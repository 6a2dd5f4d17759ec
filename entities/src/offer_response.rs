//! What customers did with offers that they were shown, as their behaviors tell it.

use sea_orm::entity::prelude::*;

use crate::ids::{BehaviorId, CustomerId, DecisionId, OfferId};
use crate::timestamp::Timestamp;
use crate::values::OfferResponse;

/// One behavior that speaks of an offer. An offer that is named need not exist: behaviors come from outside.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_responses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub behavior_id: BehaviorId,
    /// Whom it was recorded for; a merge does not move it.
    pub customer_id: CustomerId,
    pub offer_id: OfferId,
    pub kind: OfferResponse,
    /// When we heard of it. Limits count by our clock: that of a device may be wrong, or turned.
    pub received_at: Timestamp,
    /// By which decision it was shown, when the device says so. Figures count a decision once, limits what was told.
    pub decision_id: Option<DecisionId>,
    /// Which variant the decision showed; none when nothing was tried, or the decision is not known (yet).
    pub variant: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
