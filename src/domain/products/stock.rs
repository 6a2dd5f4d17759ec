//! The stock of products: how many of those there are in all are sold or held. It is taken and given back by
//! conditional updates, and the table itself refuses more than there are.

use std::collections::{BTreeMap, BTreeSet};

use entities::ids::{Id, ProductId};
use entities::product::{Column, Entity};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::db::columnar_update::ColumnarUpdate;
use crate::db::outbox;
use crate::db::topic::Topic;
use crate::domain::customers::idempotency::{Claim, Once};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::kernel::error::{Error, Result};

/// How many of each product.
pub type Quantities = BTreeMap<ProductId, i64>;

/// There are not so many of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    pub product: ProductId,
    /// How many there still are.
    pub left: i64,
}

/// Total and taken of products, which are locked until the transaction ends.
async fn lock(
    transaction: &impl ConnectionTrait,
    products: impl Iterator<Item = ProductId>,
) -> Result<BTreeMap<ProductId, (Option<i64>, i64)>> {
    let rows: Vec<(ProductId, Option<i64>, i64)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::StockTotal, Column::StockTaken])
        .filter(is_any_id(transaction, "id", products.map(Id::uuid)))
        // In the order of ids, so that two writers never wait for each other in a circle.
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().map(|(id, total, taken)| (id, (total, taken))).collect())
}

/// The first of these products of which there is an end, by id.
pub async fn first_with_end(
    connection: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Option<ProductId>> {
    if products.is_empty() {
        return Ok(None);
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(is_any_id(connection, "id", products.iter().map(|id| id.uuid())))
        .filter(Column::StockTotal.is_not_null())
        .order_by_asc(Column::Id)
        .into_tuple()
        .one(connection)
        .await?)
}

/// Takes of stocks (more than nought) and gives back (less), all or, if there are not so many, nothing. The products
/// whose stock was changed: those without end are not counted when they are taken.
pub async fn shift(
    transaction: &impl ConnectionTrait,
    changes: &Quantities,
) -> Result<Result<BTreeSet<ProductId>, Short>> {
    let wanted: Vec<(ProductId, i64)> =
        changes.iter().map(|(id, number)| (*id, *number)).filter(|(_, number)| *number != 0).collect();
    if wanted.is_empty() {
        return Ok(Ok(BTreeSet::new()));
    }
    let stocks = lock(transaction, wanted.iter().map(|(id, _)| *id)).await?;
    let mut counted = Quantities::new();
    for (product, number) in wanted {
        let Some((total, taken)) = stocks.get(&product) else {
            return Err(Error::internal(format!("{product} is gone")));
        };
        match total {
            Some(total) if number > 0 && taken.saturating_add(number) > *total => {
                return Ok(Err(Short { product, left: (total - taken).max(0) }));
            }
            None if number > 0 => {}
            _ => drop(counted.insert(product, number)),
        }
    }
    let changed = ColumnarUpdate::of("products", counted.len())
        .uuids("product_id", counted.keys().map(|id| id.uuid()))
        .integers("number", counted.values().copied())
        .set(
            transaction,
            r#""stock_taken" = t."stock_taken" + u.number"#,
            r#"t."id" = u.product_id AND (u.number < 0 OR t."stock_taken" + u.number <= t."stock_total")"#,
        )
        .await?;
    if changed != counted.len() as u64 {
        return Err(Error::Contended("the stock was changed meanwhile".to_owned()));
    }
    outbox::announce(transaction, counted.keys().copied().map(Topic::Stock)).await?;
    Ok(Ok(counted.into_keys().collect()))
}

/// Gives back what was taken.
pub async fn give_back(transaction: &impl ConnectionTrait, taken: &Quantities) -> Result<()> {
    let changes = taken.iter().map(|(id, number)| (*id, -number)).collect();
    match shift(transaction, &changes).await? {
        Ok(_) => Ok(()),
        Err(short) => Err(Error::internal(format!("giving back {short:?}"))),
    }
}

/// How a stock is adjusted.
#[derive(Clone, Debug)]
pub enum Adjustment {
    /// So many in all, sold and held ones among them; none: without end.
    Total(Option<i64>),
    /// So many more, or less; not again if it is sent again.
    By(i64, Once),
}

/// Adjusts how many there are in all. It is never less than what is sold or held. The same request does it once.
pub async fn adjust(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    product: ProductId,
    adjustment: &Adjustment,
) -> Result<ProductId, Rejection> {
    if let Adjustment::By(_, once) = adjustment
        && let Claim::Done(product) = once.claim(transaction).await?
    {
        return Ok(product);
    }
    let Some((total, taken)) = lock(transaction, [product].into_iter()).await?.remove(&product) else {
        let message = format!("There is no product `{product}`.");
        return Err(Refusal::new(Reason::NotFound, "productId", message).into());
    };
    let (path, wanted) = match (adjustment, total) {
        (Adjustment::Total(wanted), _) => ("total", *wanted),
        (Adjustment::By(more, _), Some(total)) => ("by", Some(total.saturating_add(*more))),
        (Adjustment::By(..), None) => {
            let message = "There is no end of it; say the `total` first.";
            return Err(Refusal::new(Reason::Conflict, "by", message).into());
        }
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted < taken) {
        let message = format!("{taken} are sold or held; there cannot be {wanted} in all.");
        return Err(Refusal::new(Reason::Conflict, path, message).into());
    }
    Entity::update_many()
        .col_expr(Column::StockTotal, sea_orm::sea_query::Expr::value(wanted))
        .filter(is_any_id(transaction, "id", [product.uuid()].into_iter()))
        .exec(transaction)
        .await?;
    if let Adjustment::By(_, once) = adjustment {
        once.done(transaction, None, product, now).await?;
    }
    outbox::announce(transaction, [Topic::Product(product)]).await?;
    Ok(product)
}
