//! What the nouns that can be imported have in common, and what a run knows that their rows do not say.

use std::collections::{BTreeMap, HashMap};

use entities::ids::{OfferId, ProductId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;
use entities::{offer, product, touchpoint};
use sea_orm::{EntityTrait, QuerySelect};
use sha2::{Digest, Sha256};

use super::layout::FieldList;
use super::map::Dates;
use super::rows::Cells;
use super::values::{Field, FieldError, Values};
use crate::db::Db;
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// A noun that can be imported: reads a row into a record, writes records in bulk.
pub trait Noun {
    type Record: Clone;
    const FIELDS: FieldList;

    fn read(context: &mut Context, values: Values<'_>) -> Field<Self::Record>;
    async fn write(context: &Context, records: &[Self::Record]) -> Result<Batch>;
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    /// It was there, and something of it is new.
    Updated,
    Known,
    Refused(String),
}

/// What became of the rows of one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
    /// What the purchases recorded come to, in minor units by currency.
    pub totals: BTreeMap<String, i64>,
}

/// What a run knows that the rows do not say.
pub struct Context {
    pub db: Db,
    pub ingest: Ingest,
    pub ids: Ids,
    pub now: Timestamp,
    pub source: String,
    /// Stands before the file's customer ids.
    pub namespace: String,
    pub dates: Dates,
    pub currency: Option<Currency>,
    /// What customers did by their purchases is recorded with them.
    pub has_behaviors: bool,
    pub references: References,
    pub seen: Occurrences,
}

/// What rows may name: touchpoints and offers by key, products by SKU.
#[derive(Debug, Default)]
pub struct References {
    touchpoints: HashMap<String, (TouchpointId, Channel)>,
    products: HashMap<String, ProductId>,
    offers: HashMap<String, OfferId>,
}

impl References {
    pub async fn load(db: &Db) -> Result<Self> {
        let touchpoints = touchpoint::Entity::find().all(db.connection()).await?;
        let products: Vec<(String, ProductId)> = product::Entity::find()
            .select_only()
            .columns([product::Column::Sku, product::Column::Id])
            .into_tuple()
            .all(db.connection())
            .await?;
        let offers: Vec<(String, OfferId)> = offer::Entity::find()
            .select_only()
            .columns([offer::Column::Key, offer::Column::Id])
            .into_tuple()
            .all(db.connection())
            .await?;
        Ok(Self {
            offers: offers.into_iter().collect(),
            touchpoints: touchpoints.into_iter().map(|row| (row.key, (row.id, row.channel))).collect(),
            products: products.into_iter().collect(),
        })
    }

    pub fn offer(&self, field: &'static str, key: &str) -> Field<OfferId> {
        self.offers.get(key).copied().ok_or_else(|| {
            FieldError::new(
                field,
                format!("`{key}` is the key of no offer; add the offer first, or correct it"),
            )
        })
    }

    pub fn product(&self, field: &'static str, sku: &str) -> Field<ProductId> {
        self.products.get(sku).copied().ok_or_else(|| {
            FieldError::new(
                field,
                format!("`{sku}` is the SKU of no product; add the product first, or correct it"),
            )
        })
    }

    /// The touchpoint and the channel of a row: what the row says, else the touchpoint's, else OTHER.
    pub fn place(&self, values: Values<'_>) -> Field<(Option<TouchpointId>, Channel)> {
        let channel = values.one_of("channel")?;
        let Some(key) = values.text("touchpoint")? else {
            return Ok((None, channel.unwrap_or(Channel::Other)));
        };
        let Some((id, own_channel)) = self.touchpoints.get(key.as_ref()) else {
            return Err(FieldError::new(
                "touchpoint",
                format!("`{key}` is the key of no touchpoint; add the touchpoint first, or correct it"),
            ));
        };
        Ok((Some(*id), channel.unwrap_or(*own_channel)))
    }
}

/// Gives rows without an id of their own one that is the same at every run: a hash of the row and how often
/// that row has occurred in the file, so that equal rows each count. Holds some 40 bytes a distinct row.
#[derive(Debug, Default)]
pub struct Occurrences(HashMap<[u8; 16], u32>);

impl Occurrences {
    pub fn id(&mut self, cells: &Cells) -> String {
        let mut hash = Sha256::new();
        match cells {
            Cells::Columns(columns) => {
                for column in columns {
                    hash.update(column.trim());
                    hash.update([0]);
                }
            }
            Cells::Object(object) => hash.update(serde_json::Value::Object(object.clone()).to_string()),
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        let count = self.0.entry(key).or_default();
        *count += 1;
        format!("{:032x}-{count}", u128::from_be_bytes(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_have_ids_of_their_own_that_another_run_repeats() {
        let row = |text: &str| Cells::Columns(vec![text.to_owned()]);
        let run = || {
            let mut seen = Occurrences::default();
            ["a", "a", "b"].map(|text| seen.id(&row(text)))
        };
        let ids = run();
        assert_ne!(ids[0], ids[1]);
        assert_ne!(ids[0], ids[2]);
        assert_eq!(ids, run());
    }
}
