//! The answers as structs, for serde to write.

use std::collections::HashMap;

use entities::ids::{BehaviorId, CustomerId, Id, OfferId, ProductId, PurchaseId, PurchaseLineId};
use entities::timestamp::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Failure;

#[derive(Serialize)]
pub struct Data<T> {
    pub data: T,
}

#[derive(Serialize)]
pub struct Nodes<T> {
    pub nodes: Vec<T>,
}

// Q1

#[derive(Serialize)]
pub struct OneCustomer {
    pub customer: Option<Customer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    #[serde(serialize_with = "id")]
    pub id: CustomerId,
    #[serde(serialize_with = "time")]
    pub created_at: Timestamp,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub locale: Option<String>,
}

// Q2

#[derive(Serialize)]
pub struct Customers {
    pub customers: Nodes<Buyer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Buyer {
    #[serde(serialize_with = "id")]
    pub id: CustomerId,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub purchases: Nodes<Purchase>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    #[serde(serialize_with = "id")]
    pub id: PurchaseId,
    pub number: String,
    pub status: String,
    pub channel: String,
    #[serde(serialize_with = "time")]
    pub placed_at: Timestamp,
    pub total: Money,
    pub lines: Vec<Line>,
}

#[derive(Serialize)]
pub struct Line {
    #[serde(serialize_with = "id")]
    pub id: PurchaseLineId,
    pub quantity: i64,
    pub total: Money,
    pub product: Product,
}

#[derive(Clone, Serialize)]
pub struct Product {
    #[serde(serialize_with = "id")]
    pub id: ProductId,
    pub sku: String,
    pub name: String,
}

// Q3

#[derive(Serialize)]
pub struct Home {
    pub customer: Option<Visitor>,
    pub offers: Nodes<Offer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Visitor {
    #[serde(serialize_with = "id")]
    pub id: CustomerId,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub traits: Box<RawValue>,
    pub behaviors: Nodes<Behavior>,
    pub purchases: Nodes<Receipt>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Behavior {
    #[serde(serialize_with = "id")]
    pub id: BehaviorId,
    pub name: String,
    pub channel: String,
    #[serde(serialize_with = "time")]
    pub occurred_at: Timestamp,
    pub properties: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    #[serde(serialize_with = "id")]
    pub id: PurchaseId,
    pub number: String,
    pub status: String,
    #[serde(serialize_with = "time")]
    pub placed_at: Timestamp,
    pub total: Money,
    pub lines: Vec<ReceiptLine>,
}

#[derive(Serialize)]
pub struct ReceiptLine {
    #[serde(serialize_with = "id")]
    pub id: PurchaseLineId,
    pub quantity: i64,
    pub total: Money,
}

#[derive(Serialize)]
pub struct Offer {
    #[serde(serialize_with = "id")]
    pub id: OfferId,
    pub key: String,
    pub name: String,
    pub placements: Box<RawValue>,
    pub content: Box<RawValue>,
}

/// The content for a phone, of an offer's content for all kinds of device.
pub fn mobile_content(contents: &str) -> Result<Box<RawValue>, Failure> {
    let contents: HashMap<&str, &RawValue> = serde_json::from_str(contents)?;
    Ok(match contents.get("MOBILE_APP").or_else(|| contents.get("default")) {
        Some(content) => (*content).to_owned(),
        None => RawValue::from_string("{}".to_owned())?,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    #[serde(rename = "amount", serialize_with = "cents")]
    pub minor: i64,
    pub currency_code: String,
}

fn cents<S: Serializer>(minor: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}.{:02}", minor / 100, minor % 100))
}

fn id<I: Id + std::fmt::Display, S: Serializer>(id: &I, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    let text = time.rfc3339();
    serializer.serialize_str(std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
}
