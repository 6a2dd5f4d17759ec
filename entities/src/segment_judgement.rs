//! Which customers are to be judged anew, and when.

use sea_orm::entity::prelude::*;

use crate::ids::CustomerId;
use crate::timestamp::Timestamp;

/// When a customer's segments may next differ.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_judgements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
    /// At once when something was recorded; else when time alone may change it.
    pub due_at: Timestamp,
    /// Who is judging it; gone when something was recorded meanwhile, and void when it is due again.
    pub claim: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
