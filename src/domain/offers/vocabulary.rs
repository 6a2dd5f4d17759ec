//! What the rules of offers may speak of: all that those of segments may, and where the customer is besides.

use entities::segment;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

use crate::db::catalogue::Definitions;
use crate::domain::attributes::catalogue::AttributeDefinitions;
use crate::domain::offers::cart_facts::KEYS;
use crate::domain::segments::catalogue;
use crate::kernel::error::Result;
use crate::rules::{Kind, Vocabulary};

/// What an offer's rules may speak of, when these attributes and segments are defined. `segments` are the keys of
/// those the customer belongs to; `cart` reads as null where none is priced.
pub fn vocabulary<K: Into<String>>(
    attributes: &AttributeDefinitions,
    segments: impl IntoIterator<Item = K>,
) -> Vocabulary {
    catalogue::vocabulary(attributes)
        .members("segments", segments)
        .value_of("channel", Kind::Text)
        .value_of("placement", Kind::Text)
        .keys_of("cart", KEYS)
}

/// The same, of what is defined in the database.
pub async fn load(connection: &impl ConnectionTrait) -> Result<Vocabulary> {
    let attributes = AttributeDefinitions::load(connection).await?;
    let keys = segment::Entity::find().select_only().column(segment::Column::Key);
    let keys: Vec<String> = keys.into_tuple().all(connection).await?;
    Ok(vocabulary(&attributes, keys))
}
