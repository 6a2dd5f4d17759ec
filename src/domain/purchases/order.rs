//! What a purchase adds to what a customer did: it is recorded as a behavior in the same transaction, so that attributes
//! and segments follow it at once.

use entities::ids::{BehaviorId, CustomerId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;
use futures_util::future::BoxFuture;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::import::CustomerRef;
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};

/// Whose messages these are.
const SOURCE: &str = "encircle";
/// Segment's names.
pub const COMPLETED: &str = "Order Completed";
pub const REFUNDED: &str = "Order Refunded";

/// An order that was completed, or refunded.
#[derive(Clone, Debug)]
pub struct Order {
    pub name: &'static str,
    /// Tells it from others: it is recorded once.
    pub message_id: String,
    pub customer: CustomerId,
    pub number: String,
    pub channel: Channel,
    pub touchpoint: Option<TouchpointId>,
    pub currency: Currency,
    pub total_minor: i64,
    pub discount_minor: i64,
    pub coupons: Vec<String>,
    pub items: Vec<Item>,
    pub occurred_at: Timestamp,
}

/// A product in it.
#[derive(Clone, Debug)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub unit_minor: i64,
    pub quantity: i64,
}

/// Records them, unless the customer refuses that what it does is stored. Boxed: a checkout would else carry all of
/// ingest on its stack.
pub fn record<'a>(
    transaction: &'a DatabaseTransaction,
    ingest: &'a Ingest,
    now: Timestamp,
    orders: &[Order],
) -> BoxFuture<'a, Result<()>> {
    let records: Vec<BehaviorRecord> = orders.iter().map(|order| behavior(ingest, now, order)).collect();
    Box::pin(async move {
        if records.is_empty() {
            return Ok(());
        }
        ingest.record_within(transaction, records).await.map(drop)
    })
}

fn behavior(ingest: &Ingest, now: Timestamp, order: &Order) -> BehaviorRecord {
    let id: BehaviorId = ingest.ids.next(order.occurred_at);
    BehaviorRecord {
        id,
        customer: CustomerRef::Known(order.customer),
        name: order.name.to_owned(),
        channel: order.channel,
        touchpoint_id: order.touchpoint,
        device_id: None,
        properties: properties(order).into(),
        occurred_at: order.occurred_at,
        received_at: now,
        source: SOURCE.to_owned(),
        message_id: order.message_id.clone(),
    }
}

/// In the shape that Segment's e-commerce events have; money that counts is in the purchase.
fn properties(order: &Order) -> Map<String, Value> {
    let amount = |minor| Money::new(minor, order.currency).amount().to_f64();
    let product = |item: &Item| {
        json!({
            "sku": item.sku, "name": item.name, "price": amount(item.unit_minor), "quantity": item.quantity,
        })
    };
    let products: Vec<Value> = order.items.iter().map(product).collect();
    let mut properties = Map::new();
    properties.insert("order_id".to_owned(), json!(order.number));
    properties.insert("total".to_owned(), json!(amount(order.total_minor)));
    properties.insert("currency".to_owned(), json!(order.currency.code()));
    properties.insert("products".to_owned(), Value::Array(products));
    if order.discount_minor > 0 {
        properties.insert("discount".to_owned(), json!(amount(order.discount_minor)));
    }
    if !order.coupons.is_empty() {
        properties.insert("coupon".to_owned(), json!(order.coupons.join(",")));
    }
    properties
}
