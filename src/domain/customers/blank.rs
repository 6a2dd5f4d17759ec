//! A customer of whom nothing is known yet.

use entities::customer;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use serde_json::{Map, Value};

pub(super) fn bare_customer(id: CustomerId, seen_at: Timestamp) -> customer::Model {
    customer::Model {
        id,
        created_at: seen_at,
        updated_at: seen_at,
        first_name: None,
        last_name: None,
        email: None,
        phone: None,
        birth_date: None,
        locale: None,
        traits: Value::Object(Map::new()),
        described_at: None,
        erased_at: None,
        merged_into: None,
    }
}
