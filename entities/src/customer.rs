//! Customers: known people and anonymous devices.

use sea_orm::entity::prelude::*;

use crate::ids::CustomerId;
use crate::timestamp::Timestamp;

/// A customer, known or an anonymous device.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerId,
    /// When the customer was first seen.
    pub created_at: Timestamp,
    /// When one of the columns last changed.
    pub updated_at: Timestamp,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The address to write to; identities of kind EMAIL are what is matched.
    pub email: Option<String>,
    /// The number to call, as the customer gave it.
    pub phone: Option<String>,
    /// `YYYY-MM-DD`: a day, not an instant.
    pub birth_date: Option<String>,
    /// BCP 47, such as `de-AT`.
    pub locale: Option<String>,
    /// What the brand was told about the customer: an object.
    pub traits: Json,
    /// When the latest of that was said, from `first_name` to `traits`: what was said before and comes late does not
    /// replace it.
    pub described_at: Option<Timestamp>,
    /// When all that told who it was was taken away; nothing is recorded for it from then on.
    pub erased_at: Option<Timestamp>,
    /// The survivor, when this row was merged: always the last one, never a chain.
    pub merged_into: Option<CustomerId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// A customer of whom nothing is known yet.
    pub fn bare(id: CustomerId, seen_at: Timestamp) -> Self {
        Self {
            id,
            created_at: seen_at,
            updated_at: seen_at,
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            birth_date: None,
            locale: None,
            traits: Json::Object(serde_json::Map::new()),
            described_at: None,
            erased_at: None,
            merged_into: None,
        }
    }
}

impl ActiveModelBehavior for ActiveModel {}
