//! What customers are recognised by.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, CustomerIdentityId};
use crate::timestamp::Timestamp;
use crate::values::IdentityKind;

/// One identity of a customer. A pair of kind and value belongs to one customer only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_identities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerIdentityId,
    pub customer_id: CustomerId,
    pub kind: IdentityKind,
    /// Normalised: an e-mail address in lower case, a telephone number in E.164.
    pub value: String,
    /// Whether the customer has proven it is theirs.
    pub verified: bool,
    /// Whether only a device or browser of the customer has said it. It then leads nobody to the customer, and
    /// becomes another's as soon as somebody else is named by it.
    pub claimed: bool,
    /// When it was first seen.
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
