//! Writing products, found by their code.

use entities::ids::ProductId;
use entities::product::{Column, Entity, Model};
use entities::product_price;
use entities::timestamp::Timestamp;
use entities::values::ProductKind;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Map, Value};

use crate::db::bulk::insert_all;
use crate::db::outbox;
use crate::db::topic::Topic;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::kernel::ids::Ids;
use crate::kernel::money::{Currency, Money};

/// The longest code and name, in bytes.
const MAX_TEXT: usize = 255;
/// The most that is known of a product, in bytes of JSON.
const MAX_ATTRIBUTES: usize = 64 * 1024;
/// Where clients begin to miscount whole numbers.
pub const END_MINOR: i64 = 1 << 53;
/// The most currencies.
const MAX_PRICES: usize = 50;
/// The longest use of a digital product: a hundred years.
const MAX_DAYS: i64 = 36_500;

/// What is said of a product. What is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub name: Option<String>,
    pub kind: Option<ProductKind>,
    /// The first is that of the product's first currency.
    pub prices: Option<Vec<Money>>,
    /// Only of a new one: later it is adjusted.
    pub stock_total: Option<i64>,
    pub attributes: Option<Map<String, Value>>,
    pub starts_at: Option<Option<Timestamp>>,
    pub part_of: Option<Option<ProductId>>,
    pub access_days: Option<Option<i64>>,
}

/// Writes a product: the one with this code, or a new one.
pub async fn upsert(
    transaction: &impl ConnectionTrait,
    ids: &Ids,
    now: Timestamp,
    sku: &str,
    parts: Parts,
) -> Result<ProductId, Rejection> {
    check(sku, &parts)?;
    if let Some(Some(whole)) = parts.part_of {
        check_whole(transaction, sku, whole).await?;
    }
    let known =
        Entity::find().filter(Column::Sku.eq(sku)).lock(LockType::NoKeyUpdate).one(transaction).await?;
    let (is_new, mut row) = match known {
        Some(row) => (false, row),
        None => (true, new_row(ids, now, sku, &parts)?),
    };
    if !is_new && parts.stock_total.is_some() {
        let message = "The product is there already; `stockAdjust` changes its stock.";
        return Err(Refusal::new(Reason::Conflict, "stockTotal", message).into());
    }
    let prices = parts.prices.clone();
    apply(&mut row, parts);
    let id = row.id;
    match is_new {
        true => drop(row.into_active_model().reset_all().insert(transaction).await?),
        false => update(transaction, row).await?,
    }
    if let Some(prices) = prices {
        write_other_prices(transaction, id, &prices).await?;
    }
    if !is_new {
        outbox::announce(transaction, [Topic::Product(id)]).await?;
    }
    Ok(id)
}

/// All but the stock, which others change meanwhile.
async fn update(transaction: &impl ConnectionTrait, row: Model) -> Result<(), Rejection> {
    let mut row = row.into_active_model().reset_all();
    row.stock_total = sea_orm::NotSet;
    row.stock_taken = sea_orm::NotSet;
    row.update(transaction).await?;
    Ok(())
}

pub(super) fn invalid(path: &str, message: impl Into<String>) -> Rejection {
    Refusal::new(Reason::Invalid, path, message).into()
}

pub(super) fn check(sku: &str, parts: &Parts) -> Result<(), Rejection> {
    let is_text = |text: &str| !text.trim().is_empty() && text.len() <= MAX_TEXT;
    if !is_text(sku) {
        return Err(invalid("sku", format!("It must have 1 to {MAX_TEXT} bytes.")));
    }
    if parts.name.as_deref().is_some_and(|name| !is_text(name)) {
        return Err(invalid("name", format!("It must have 1 to {MAX_TEXT} bytes.")));
    }
    if let Some(attributes) = &parts.attributes
        && Value::Object(attributes.clone()).to_string().len() > MAX_ATTRIBUTES
    {
        return Err(invalid("attributes", format!("As JSON it has more than {MAX_ATTRIBUTES} bytes.")));
    }
    if parts.stock_total.is_some_and(|total| total < 0) {
        return Err(invalid("stockTotal", "There cannot be less than none."));
    }
    if let Some(Some(days)) = parts.access_days
        && !(1..=MAX_DAYS).contains(&days)
    {
        return Err(invalid("accessDays", format!("It must be 1 to {MAX_DAYS}, or null for ever.")));
    }
    check_prices(parts.prices.as_deref().unwrap_or_default())
}

fn check_prices(prices: &[Money]) -> Result<(), Rejection> {
    if prices.len() > MAX_PRICES {
        return Err(invalid("prices", format!("There are more than {MAX_PRICES}.")));
    }
    for (at, price) in prices.iter().enumerate() {
        if !(0..END_MINOR).contains(&price.minor) {
            let message = "A price is not less than nought, and not more than clients can count.";
            return Err(invalid(&format!("prices.{at}.amount"), message));
        }
        if prices[..at].iter().any(|other| other.currency == price.currency) {
            let message = format!("There is a price in {} already.", price.currency.code());
            return Err(invalid(&format!("prices.{at}.currencyCode"), message));
        }
    }
    Ok(())
}

async fn check_whole(
    transaction: &impl ConnectionTrait,
    sku: &str,
    whole: ProductId,
) -> Result<(), Rejection> {
    match Entity::find_by_id(whole).one(transaction).await? {
        Some(row) if row.sku == sku => Err(invalid("partOfId", "A product is not part of itself.")),
        Some(_) => Ok(()),
        None => {
            Err(Refusal::new(Reason::NotFound, "partOfId", format!("There is no product `{whole}`.")).into())
        }
    }
}

pub(super) fn new_row(ids: &Ids, now: Timestamp, sku: &str, parts: &Parts) -> Result<Model, Rejection> {
    let Some(kind) = parts.kind else {
        return Err(invalid("kind", "Say what kind of thing a new product is."));
    };
    if parts.prices.as_ref().is_none_or(Vec::is_empty) {
        return Err(invalid("prices", "Say what a new product costs."));
    }
    Ok(Model {
        id: ids.next(now),
        sku: sku.to_owned(),
        name: sku.to_owned(),
        kind,
        price_minor: 0,
        currency: Currency::default().code().to_owned(),
        stock_total: parts.stock_total,
        stock_taken: 0,
        part_of: None,
        attributes: Value::Object(Map::new()),
        starts_at: None,
        created_at: now,
        access_days: None,
    })
}

pub(super) fn apply(row: &mut Model, parts: Parts) {
    if let Some(name) = parts.name {
        row.name = name;
    }
    if let Some(kind) = parts.kind {
        row.kind = kind;
    }
    if let Some(first) = parts.prices.as_ref().and_then(|prices| prices.first()) {
        (row.price_minor, row.currency) = (first.minor, first.currency.code().to_owned());
    }
    if let Some(attributes) = parts.attributes {
        row.attributes = Value::Object(attributes);
    }
    row.starts_at = parts.starts_at.unwrap_or(row.starts_at);
    row.part_of = parts.part_of.unwrap_or(row.part_of);
    row.access_days = parts.access_days.unwrap_or(row.access_days);
}

async fn write_other_prices(
    transaction: &impl ConnectionTrait,
    product_id: ProductId,
    prices: &[Money],
) -> Result<(), Rejection> {
    product_price::Entity::delete_many()
        .filter(product_price::Column::ProductId.eq(product_id))
        .exec(transaction)
        .await?;
    let others = prices.iter().skip(1).map(|price| product_price::Model {
        product_id,
        currency: price.currency.code().to_owned(),
        price_minor: price.minor,
    });
    Ok(insert_all(transaction, others.collect()).await?)
}
