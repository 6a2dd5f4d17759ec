//! The rows of a purchase that was made elsewhere, and what it says that the customer did.

use std::collections::HashMap;

use entities::ids::{CustomerId, ProductId};
use entities::values::{ProductKind, PurchaseStatus, RedemptionStatus};
use entities::{entitlement, product, purchase, purchase_line, redemption};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::domain::purchases::import::{LineRecord, PurchaseRecord, RedemptionRecord};
use crate::domain::purchases::order::{COMPLETED, Item, Order, REFUNDED};
use crate::domain::purchases::placed::entitlements;
use crate::domain::purchases::pricing::rounding::spread;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// A purchase with all that belongs to it.
#[derive(Debug)]
pub(super) struct Imported {
    pub purchase: purchase::Model,
    pub lines: Vec<purchase_line::Model>,
    pub redemptions: Vec<redemption::Model>,
    pub entitlements: Vec<entitlement::Model>,
}

/// What is to be known of the products in purchases.
#[derive(Debug)]
pub(super) struct Sold {
    sku: String,
    name: String,
    kind: ProductKind,
    access_days: Option<i64>,
}

/// The products of these records.
pub(super) async fn sold(
    connection: &impl ConnectionTrait,
    records: &[PurchaseRecord],
) -> Result<HashMap<ProductId, Sold>> {
    let ids = records.iter().flat_map(|record| &record.lines).map(|line| line.product_id.0);
    let rows: Vec<(ProductId, String, String, ProductKind, Option<i64>)> = product::Entity::find()
        .select_only()
        .columns([
            product::Column::Id,
            product::Column::Sku,
            product::Column::Name,
            product::Column::Kind,
            product::Column::AccessDays,
        ])
        .filter(is_any_id(connection, "id", ids))
        .into_tuple()
        .all(connection)
        .await?;
    let sold = |(id, sku, name, kind, access_days)| (id, Sold { sku, name, kind, access_days });
    Ok(rows.into_iter().map(sold).collect())
}

impl Imported {
    pub fn of(
        ids: &Ids,
        record: PurchaseRecord,
        customer_id: CustomerId,
        sold: &HashMap<ProductId, Sold>,
    ) -> Self {
        let (purchase_id, at, status) = (record.id, record.placed_at, record.status);
        let given: Vec<i64> = record.lines.iter().map(|line| line.total_minor).collect();
        // What was taken off the whole purchase the lines bear, so that a piece gives back what it cost.
        let costs = spread(record.total_minor, &given);
        let refunds = spread(record.refunded_minor, &costs);
        let line = |((position, line), (total_minor, refunded_minor)): ((i32, &LineRecord), (i64, i64))| {
            let is_refunded = status == PurchaseStatus::Refunded;
            purchase_line::Model {
                id: ids.next(at),
                customer_id,
                purchase_id,
                position,
                product_id: line.product_id,
                quantity: line.quantity,
                unit_minor: line.unit_minor,
                total_minor,
                stock_taken: 0,
                refunded_quantity: if is_refunded { line.quantity } else { 0 },
                refunded_minor,
            }
        };
        let lines: Vec<purchase_line::Model> =
            (1..).zip(&record.lines).zip(costs.into_iter().zip(refunds)).map(line).collect();
        let redemption = |used: &RedemptionRecord| redemption::Model {
            id: ids.next(at),
            customer_id,
            purchase_id: Some(purchase_id),
            offer_id: used.offer_id,
            status: redemption_status(status),
            amount_minor: used.amount_minor,
            currency: record.currency.code().to_owned(),
            created_at: at,
            returned_minor: if status == PurchaseStatus::Refunded { used.amount_minor } else { 0 },
            code: None,
        };
        let redemptions = record.redemptions.iter().map(redemption).collect();
        let kinds = lines.iter().filter_map(|line| {
            let sold = sold.get(&line.product_id)?;
            Some((line, (sold.kind, sold.access_days)))
        });
        // What was given back of one that was refunded in part, nobody said by line: what it gave stays.
        let entitlements = match status {
            PurchaseStatus::Paid | PurchaseStatus::PartiallyRefunded => entitlements(ids, at, kinds),
            PurchaseStatus::Pending | PurchaseStatus::Canceled | PurchaseStatus::Refunded => Vec::new(),
        };
        Self { purchase: row(record, customer_id), lines, redemptions, entitlements }
    }

    /// What the customer did by it: one that was refunded had been completed.
    pub fn orders(&self, sold: &HashMap<ProductId, Sold>) -> Vec<Order> {
        let purchase = &self.purchase;
        let names: &[&'static str] = match purchase.status {
            PurchaseStatus::Pending | PurchaseStatus::Canceled => &[],
            PurchaseStatus::Paid => &[COMPLETED],
            PurchaseStatus::PartiallyRefunded | PurchaseStatus::Refunded => &[COMPLETED, REFUNDED],
        };
        let item = |line: &purchase_line::Model| {
            let sold = sold.get(&line.product_id)?;
            let (sku, name) = (sold.sku.clone(), sold.name.clone());
            Some(Item { sku, name, unit_minor: line.unit_minor, quantity: line.quantity })
        };
        let order = |name: &&'static str| {
            let is_refund = *name == REFUNDED;
            let is_of_lines = !is_refund || purchase.status == PurchaseStatus::Refunded;
            Order {
                name,
                message_id: if is_refund {
                    format!("{}-refund-import", purchase.id)
                } else {
                    purchase.id.to_string()
                },
                customer: purchase.customer_id,
                number: purchase.number.clone(),
                channel: purchase.channel,
                touchpoint: purchase.touchpoint_id,
                currency: Currency::parse(&purchase.currency).unwrap_or_default(),
                total_minor: if is_refund { purchase.refunded_minor } else { purchase.total_minor },
                discount_minor: if is_refund { 0 } else { purchase.discount_minor },
                coupons: Vec::new(),
                items: self.lines.iter().filter(|_| is_of_lines).filter_map(item).collect(),
                occurred_at: purchase.placed_at,
            }
        };
        names.iter().map(order).collect()
    }
}

fn redemption_status(status: PurchaseStatus) -> RedemptionStatus {
    match status {
        PurchaseStatus::Pending => RedemptionStatus::Held,
        PurchaseStatus::Paid | PurchaseStatus::PartiallyRefunded => RedemptionStatus::Redeemed,
        PurchaseStatus::Refunded => RedemptionStatus::RolledBack,
        PurchaseStatus::Canceled => RedemptionStatus::Released,
    }
}

fn row(record: PurchaseRecord, customer_id: CustomerId) -> purchase::Model {
    purchase::Model {
        id: record.id,
        number: record.number,
        customer_id,
        status: record.status,
        channel: record.channel,
        touchpoint_id: record.touchpoint_id,
        currency: record.currency.code().to_owned(),
        total_minor: record.total_minor,
        discount_minor: record.discount_minor,
        placed_at: record.placed_at,
        source: record.source,
        external_id: record.external_id,
        payment_reference: None,
        claimed_payment_reference: None,
        // Whoever sold it calls it off.
        expires_at: None,
        refunded_minor: record.refunded_minor,
    }
}
