//! For how long a customer has held a product without a break, over the ends of single holds.
//!
//! What is held may be renewed for so long and no longer. A hold alone cannot keep that: who takes a product out and
//! puts it back has a new hold, who checks out without paying and calls it off has a new cart, who signs in has another
//! row. So whatever ends leaves a span behind, by customer and product and not by cart or line, and who holds again is
//! asked for the spans of all rows of the customer. Only a break of a quarter of an hour counts: for so long whoever
//! wants the product could have taken it. Who comes back as somebody else, on a device that nobody knows, is somebody
//! else here as everywhere.

use std::collections::BTreeMap;

use entities::hold;
use entities::hold_span::{Column, Entity};
use entities::ids::{CustomerId, Id, ProductId};
use entities::timestamp::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::{Db, overdue};
use crate::kernel::error::Result;

const MINUTE: i64 = 60_000;
/// A break that counts.
const BREAK: i64 = 15 * MINUTE;
/// For how long spans are kept that are over: a purchase that is called off later has been held too long by itself.
const KEPT: i64 = 24 * 60 * MINUTE;

const JOINED: &str = r#"ON CONFLICT ("customer_id", "product_id") DO UPDATE SET
    "held_at" = CASE WHEN "hold_spans"."over_at" >= excluded."held_at" AND "hold_spans"."held_at" < excluded."held_at"
        THEN "hold_spans"."held_at" ELSE excluded."held_at" END,
    "over_at" = CASE WHEN "hold_spans"."over_at" > excluded."over_at"
        THEN "hold_spans"."over_at" ELSE excluded."over_at" END"#;

/// Since when a product was held, and until when holding it again is holding it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub held_at: Timestamp,
    pub over_at: Timestamp,
}

impl Span {
    /// One that ends then.
    pub fn ending(held_at: Timestamp, ends_at: Timestamp) -> Self {
        Self { held_at, over_at: Timestamp(ends_at.millis().saturating_add(BREAK)) }
    }

    fn join(&mut self, other: Self) {
        self.held_at = self.held_at.min(other.held_at);
        self.over_at = self.over_at.max(other.over_at);
    }
}

/// The spans of these products that are not over, of all rows of a customer together.
pub async fn open(
    transaction: &impl ConnectionTrait,
    members: &[CustomerId],
    products: impl Iterator<Item = ProductId>,
    now: Timestamp,
) -> Result<BTreeMap<ProductId, Span>> {
    let rows = Entity::find()
        .filter(is_any_id(transaction, "customer_id", members.iter().map(|id| id.uuid())))
        .filter(is_any_id(transaction, "product_id", products.map(Id::uuid)))
        .filter(Column::OverAt.gt(now))
        .all(transaction)
        .await?;
    let mut spans: BTreeMap<ProductId, Span> = BTreeMap::new();
    for row in rows {
        let span = Span { held_at: row.held_at, over_at: row.over_at };
        spans.entry(row.product_id).and_modify(|known| known.join(span)).or_insert(span);
    }
    Ok(spans)
}

/// Leaves the spans of what ends now.
pub async fn leave(
    transaction: &impl ConnectionTrait,
    ended: impl Iterator<Item = (CustomerId, ProductId, Span)>,
) -> Result<()> {
    // In the order of the key, so that two writers never wait for each other in a circle.
    let mut spans: BTreeMap<(CustomerId, ProductId), Span> = BTreeMap::new();
    for (customer, product, span) in ended {
        spans.entry((customer, product)).and_modify(|known| known.join(span)).or_insert(span);
    }
    ColumnarInsert::into("hold_spans", spans.len())
        .uuids("customer_id", spans.keys().map(|(customer, _)| customer.uuid()))
        .uuids("product_id", spans.keys().map(|(_, product)| product.uuid()))
        .integers("held_at", spans.values().map(|span| span.held_at.millis()))
        .integers("over_at", spans.values().map(|span| span.over_at.millis()))
        .on_conflict(JOINED)
        .run(transaction)
        .await?;
    Ok(())
}

/// The span that a hold leaves: the break begins when it ran out, if nobody looked until now.
pub fn of_hold(hold: &hold::Model, now: Timestamp) -> (CustomerId, ProductId, Span) {
    (hold.customer_id, hold.product_id, Span::ending(hold.held_at, now.min(hold.expires_at)))
}

/// Sweeps away spans that are long over.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
    overdue::delete::<Entity>(db, Column::OverAt.lt(Timestamp(now.millis() - KEPT))).await
}
