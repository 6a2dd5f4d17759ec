//! What is read of customers and of what belongs to them.

use entities::ids::{CustomerId, CustomerIdentityId, DeviceId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, ConsentPurpose, ConsentStatus, IdentityKind};

use crate::db::read::{Column, Json, Row};

/// A customer, known or an anonymous device.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    pub id: CustomerId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub birth_date: Option<String>,
    pub locale: Option<String>,
    pub traits: Json,
    pub merged_into: Option<CustomerId>,
}

impl Row for Customer {
    const TABLE: &'static str = "customers";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
        Column::new("first_name", |row, cell| cell.read(&mut row.first_name)),
        Column::new("last_name", |row, cell| cell.read(&mut row.last_name)),
        Column::new("email", |row, cell| cell.read(&mut row.email)),
        Column::new("phone", |row, cell| cell.read(&mut row.phone)),
        Column::new("birth_date", |row, cell| cell.read(&mut row.birth_date)),
        Column::new("locale", |row, cell| cell.read(&mut row.locale)),
        Column::new("traits", |row, cell| cell.read(&mut row.traits)),
        Column::new("merged_into", |row, cell| cell.read(&mut row.merged_into)),
    ];
}

/// Something that tells a customer apart: an e-mail address, a loyalty card.
#[derive(Clone, Debug, Default)]
pub struct CustomerIdentity {
    pub id: CustomerIdentityId,
    pub customer_id: CustomerId,
    pub kind: IdentityKind,
    pub value: String,
    pub verified: bool,
    pub claimed: bool,
    pub created_at: Timestamp,
}

impl Row for CustomerIdentity {
    const TABLE: &'static str = "customer_identities";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("kind", |row, cell| cell.read(&mut row.kind)),
        Column::new("value", |row, cell| cell.read(&mut row.value)),
        Column::new("verified", |row, cell| cell.read(&mut row.verified)),
        Column::new("claimed", |row, cell| cell.read(&mut row.claimed)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
    ];
}

/// A device a customer uses.
#[derive(Clone, Debug, Default)]
pub struct Device {
    pub id: DeviceId,
    pub customer_id: CustomerId,
    pub channel: Channel,
    pub platform: String,
    pub model: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

impl Row for Device {
    const TABLE: &'static str = "devices";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("platform", |row, cell| cell.read(&mut row.platform)),
        Column::new("model", |row, cell| cell.read(&mut row.model)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("last_seen_at", |row, cell| cell.read(&mut row.last_seen_at)),
    ];
}

/// What a customer said about one purpose.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    pub customer_id: CustomerId,
    pub purpose: ConsentPurpose,
    pub status: ConsentStatus,
    pub source: String,
    pub updated_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl Row for Consent {
    const TABLE: &'static str = "consents";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("purpose", |row, cell| cell.read(&mut row.purpose)),
        Column::new("status", |row, cell| cell.read(&mut row.status)),
        Column::new("source", |row, cell| cell.read(&mut row.source)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
        Column::new("expires_at", |row, cell| cell.read(&mut row.expires_at)),
    ];
    /// A customer has one row a purpose.
    const TIE: &'static str = "purpose";
}
