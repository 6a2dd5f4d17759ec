//! Writing products in bulk, found by their codes: the same file again changes nothing. A batch is one transaction of a
//! number of statements that does not depend on how many products there are in it.

use std::collections::{BTreeMap, HashMap};

use entities::ids::{Id, ProductId};
use entities::product::{Column, Entity, Model};
use entities::product_price;
use entities::timestamp::Timestamp;
use entities::values::TextEnum;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id, is_any_text};
use crate::db::topic::Topic;
use crate::db::{Db, outbox};
use crate::domain::customers::rejection::Rejection;
use crate::domain::products::define::{self, Parts};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use crate::kernel::money::{Currency, Money};

const WRITTEN: &str = r#"ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "kind" = excluded."kind",
    "price_minor" = excluded."price_minor", "currency" = excluded."currency",
    "stock_total" = excluded."stock_total", "part_of" = excluded."part_of",
    "attributes" = excluded."attributes", "starts_at" = excluded."starts_at",
    "access_days" = excluded."access_days""#;

/// What is said of a product. What is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProductRecord {
    pub sku: String,
    /// Without its stock and what it is part of.
    pub parts: Parts,
    /// How many there are in all, sold and held ones among them.
    pub stock_total: Option<i64>,
    /// The code of what it is part of: one that is there, or stands before it.
    pub part_of: Option<String>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused(String),
}

/// Writes products in one transaction; what became of each, in their order.
pub async fn record(db: &Db, ids: &Ids, now: Timestamp, records: &[ProductRecord]) -> Result<Vec<Outcome>> {
    db.write_retrying(&(ids, records), |transaction, (ids, records)| {
        Box::pin(record_within(transaction, ids, now, records.to_vec()))
    })
    .await
}

async fn record_within(
    transaction: &DatabaseTransaction,
    ids: &Ids,
    now: Timestamp,
    records: Vec<ProductRecord>,
) -> Result<Vec<Outcome>> {
    let mut shelf = Shelf::lock(transaction, &records).await?;
    let mut outcomes = Vec::with_capacity(records.len());
    for record in records {
        outcomes.push(match shelf.put(ids, now, record) {
            Ok(outcome) => outcome,
            Err(Rejection::Refused(refusal)) => {
                let path =
                    if refusal.path.is_empty() { String::new() } else { format!("{}: ", refusal.path) };
                Outcome::Refused(format!("{path}{}", refusal.message))
            }
            Err(Rejection::Failed(error)) => return Err(error),
        });
    }
    shelf.store(transaction).await?;
    Ok(outcomes)
}

/// A product as it is to be.
#[derive(Clone, Debug)]
struct Item {
    row: Model,
    /// By the codes of their currencies; without the first, which is in the row.
    other_prices: BTreeMap<String, i64>,
    has_new_row: bool,
    has_new_prices: bool,
}

/// The products of a batch by their codes: those of the database, and those about to be made.
struct Shelf(HashMap<String, Item>);

impl Shelf {
    /// Reads the products that these records name, which nobody else changes until the transaction ends.
    async fn lock(transaction: &impl ConnectionTrait, records: &[ProductRecord]) -> Result<Self> {
        let wholes = records.iter().filter_map(|record| record.part_of.clone());
        let skus = records.iter().map(|record| record.sku.clone()).chain(wholes);
        let rows: Vec<Model> = Entity::find()
            .filter(is_any_text(transaction, "sku", skus))
            // In the order in which all who change stocks lock them.
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(transaction)
            .await?;
        let ids = rows.iter().map(|row| row.id.uuid());
        let mut others: HashMap<ProductId, BTreeMap<String, i64>> = HashMap::new();
        let prices = product_price::Entity::find().filter(is_any_id(transaction, "product_id", ids));
        for price in prices.all(transaction).await? {
            others.entry(price.product_id).or_default().insert(price.currency, price.price_minor);
        }
        let item = |row: Model| {
            let other_prices = others.remove(&row.id).unwrap_or_default();
            (row.sku.clone(), Item { row, other_prices, has_new_row: false, has_new_prices: false })
        };
        Ok(Self(rows.into_iter().map(item).collect()))
    }

    fn put(&mut self, ids: &Ids, now: Timestamp, record: ProductRecord) -> Result<Outcome, Rejection> {
        let ProductRecord { sku, mut parts, stock_total, part_of } = record;
        define::check(&sku, &Parts { stock_total, ..parts.clone() })?;
        if let Some(whole) = part_of {
            parts.part_of = Some(Some(self.whole(&sku, &whole)?));
        }
        let known = self.0.get(&sku).cloned();
        let is_new = known.is_none();
        let mut item = match known {
            Some(item) => item,
            None => Item {
                row: define::new_row(ids, now, &sku, &parts)?,
                other_prices: BTreeMap::new(),
                has_new_row: true,
                has_new_prices: false,
            },
        };
        let before = item.clone();
        if let (false, Some([only])) = (is_new, parts.prices.as_deref()) {
            // One price alone says nothing of the others.
            match only.currency.code() == item.row.currency {
                true => item.row.price_minor = only.minor,
                false => drop(item.other_prices.insert(only.currency.code().to_owned(), only.minor)),
            }
            parts.prices = None;
        }
        if let Some(prices) = &parts.prices {
            let price = |price: &Money| (price.currency.code().to_owned(), price.minor);
            item.other_prices = prices.iter().skip(1).map(price).collect();
        }
        define::apply(&mut item.row, parts);
        if let Some(total) = stock_total {
            if total < item.row.stock_taken {
                let taken = item.row.stock_taken;
                let message = format!("{taken} are sold or held; there cannot be {total} in all.");
                return Err(define::invalid("stock", message));
            }
            item.row.stock_total = Some(total);
        }
        let is_other_row = item.row != before.row;
        let are_other_prices = item.other_prices != before.other_prices;
        item.has_new_row |= is_other_row;
        item.has_new_prices |= are_other_prices;
        self.0.insert(sku, item);
        Ok(match () {
            () if is_new => Outcome::Created,
            () if is_other_row || are_other_prices => Outcome::Updated,
            () => Outcome::Unchanged,
        })
    }

    fn whole(&self, sku: &str, whole: &str) -> Result<ProductId, Rejection> {
        if sku == whole {
            return Err(define::invalid("part_of", "A product is not part of itself."));
        }
        let item = self.0.get(whole).ok_or_else(|| {
            let message =
                format!("`{whole}` is the SKU of no product; put it before this one, or correct it.");
            define::invalid("part_of", message)
        })?;
        Ok(item.row.id)
    }

    async fn store(self, transaction: &impl ConnectionTrait) -> Result<()> {
        let mut items: Vec<Item> = self.0.into_values().collect();
        items.sort_by_key(|item| item.row.id);
        let rows: Vec<&Model> = items.iter().filter(|item| item.has_new_row).map(|item| &item.row).collect();
        write_rows(transaction, &rows).await?;
        let changed = items.iter().filter(|item| item.has_new_row || item.has_new_prices);
        outbox::announce(transaction, changed.map(|item| Topic::Product(item.row.id)).collect::<Vec<_>>())
            .await?;
        let priced: Vec<&Item> = items.iter().filter(|item| item.has_new_prices).collect();
        if priced.is_empty() {
            return Ok(());
        }
        let ids = priced.iter().map(|item| item.row.id.uuid());
        product_price::Entity::delete_many()
            .filter(is_any_id(transaction, "product_id", ids))
            .exec(transaction)
            .await?;
        let prices = priced.iter().flat_map(|item| {
            item.other_prices.iter().map(|(currency, minor)| (item.row.id, currency.clone(), *minor))
        });
        let prices: Vec<(ProductId, String, i64)> = prices.collect();
        ColumnarInsert::into("product_prices", prices.len())
            .uuids("product_id", prices.iter().map(|(id, _, _)| id.uuid()))
            .texts("currency", prices.iter().map(|(_, currency, _)| currency.clone()))
            .integers("price_minor", prices.iter().map(|(_, _, minor)| *minor))
            .run(transaction)
            .await?;
        Ok(())
    }
}

/// Writes new products, and those that are there as they are to be but for what is taken of their stock.
async fn write_rows(transaction: &impl ConnectionTrait, rows: &[&Model]) -> Result<()> {
    if rows.iter().any(|row| Currency::parse(&row.currency).is_none()) {
        return Err(Error::internal("a product without a currency"));
    }
    ColumnarInsert::into("products", rows.len())
        .uuids("id", rows.iter().map(|row| row.id.uuid()))
        .texts("sku", rows.iter().map(|row| row.sku.clone()))
        .texts("name", rows.iter().map(|row| row.name.clone()))
        .texts("kind", rows.iter().map(|row| row.kind.text().to_owned()))
        .integers("price_minor", rows.iter().map(|row| row.price_minor))
        .texts("currency", rows.iter().map(|row| row.currency.clone()))
        .optional_integers("stock_total", rows.iter().map(|row| row.stock_total))
        .integers("stock_taken", rows.iter().map(|row| row.stock_taken))
        .optional_uuids("part_of", rows.iter().map(|row| row.part_of.map(Id::uuid)))
        .jsons("attributes", rows.iter().map(|row| row.attributes.to_string()))
        .optional_integers("starts_at", rows.iter().map(|row| row.starts_at.map(Timestamp::millis)))
        .integers("created_at", rows.iter().map(|row| row.created_at.millis()))
        .optional_integers("access_days", rows.iter().map(|row| row.access_days))
        .on_conflict(WRITTEN)
        .run(transaction)
        .await?;
    Ok(())
}
