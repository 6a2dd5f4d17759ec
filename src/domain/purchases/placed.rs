//! The rows of a purchase that is made of a cart.

use std::collections::BTreeMap;

use entities::ids::{Id, OfferId, ProductId, PurchaseId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::{ProductKind, PurchaseStatus, RedemptionStatus};
use entities::{entitlement, line_discount, purchase, purchase_line, redemption};
use sea_orm::ConnectionTrait;

use crate::db::bulk::insert_all;
use crate::db::columnar::ColumnarInsert;
use crate::domain::purchases::cart::view::{CartView, LineView};
use crate::domain::purchases::expiry::expiry;
use crate::domain::purchases::lines;
use crate::domain::purchases::order::{COMPLETED, Item, Order};
use crate::domain::purchases::payment::Payment;
use crate::domain::purchases::selling::Selling;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// Where purchases come from that are made here.
pub const SOURCE: &str = "cart";
const DAY: i64 = 86_400_000;
/// Letters of a purchase's number: 50 random bits.
const NUMBER: usize = 10;

/// How many of each product the stock lacks by a purchase.
pub type Taken = BTreeMap<ProductId, i64>;

/// A purchase with all that belongs to it.
#[derive(Debug)]
pub struct Placed {
    pub purchase: purchase::Model,
    pub lines: Vec<purchase_line::Model>,
    pub redemptions: Vec<redemption::Model>,
    discounts: Vec<line_discount::Model>,
    entitlements: Vec<entitlement::Model>,
}

impl Placed {
    /// Without a payment that is confirmed the purchase waits for one, unless there is nothing to pay.
    pub fn of(
        ids: &Ids,
        selling: &Selling<'_>,
        payment: &Payment,
        view: &CartView,
        mut stock: Taken,
    ) -> Self {
        let (now, place, customer_id) = (selling.caller.now, &selling.place, view.customer);
        let is_paid = payment.settles(view.total_minor);
        let id: PurchaseId = ids.next(now);
        let purchase = purchase::Model {
            id,
            number: number(id),
            customer_id,
            status: if is_paid { PurchaseStatus::Paid } else { PurchaseStatus::Pending },
            channel: place.channel,
            touchpoint_id: place.touchpoint,
            currency: view.cart.currency.code().to_owned(),
            total_minor: view.total_minor,
            discount_minor: view.subtotal_minor - view.total_minor,
            placed_at: now,
            source: SOURCE.to_owned(),
            // A cart is bought once: the table refuses a second purchase of it.
            external_id: view.cart.id.to_string(),
            payment_reference: payment.confirmed().map(str::to_owned),
            claimed_payment_reference: payment.claimed().map(str::to_owned),
            expires_at: (!is_paid).then(|| expiry(now, selling.pending_minutes)),
            refunded_minor: 0,
        };
        let redemptions: Vec<redemption::Model> = view
            .discounts
            .iter()
            .map(|discount| redemption::Model {
                id: ids.next(now),
                customer_id,
                purchase_id: Some(id),
                offer_id: discount.offer,
                status: if is_paid { RedemptionStatus::Redeemed } else { RedemptionStatus::Held },
                amount_minor: discount.amount_minor,
                currency: purchase.currency.clone(),
                created_at: now,
                returned_minor: 0,
                code: discount.code.clone(),
            })
            .collect();
        let lines: Vec<purchase_line::Model> = (1..)
            .zip(&view.lines)
            .map(|(position, line)| purchase_line::Model {
                id: ids.next(now),
                customer_id,
                purchase_id: id,
                position,
                product_id: line.product.id,
                quantity: line.quantity,
                unit_minor: line.unit_minor,
                total_minor: line.total_minor,
                stock_taken: stock.remove(&line.product.id).unwrap_or_default(),
                refunded_quantity: 0,
                refunded_minor: 0,
            })
            .collect();
        let discounts = discounts(&view.lines, &lines, &redemptions);
        let digital = view.lines.iter().map(|line| (line.product.kind, line.product.access_days));
        let entitlements = match is_paid {
            true => entitlements(ids, now, lines.iter().zip(digital)),
            false => Vec::new(),
        };
        Self { purchase, lines, redemptions, discounts, entitlements }
    }

    pub async fn write(&self, transaction: &impl ConnectionTrait) -> Result<()> {
        insert_all(transaction, vec![self.purchase.clone()]).await?;
        lines::write(transaction, &self.lines).await?;
        insert_all(transaction, self.redemptions.clone()).await?;
        self.write_discounts(transaction).await?;
        insert_all(transaction, self.entitlements.clone()).await
    }

    /// One statement, for there are as many as lines times offers.
    async fn write_discounts(&self, transaction: &impl ConnectionTrait) -> Result<()> {
        let rows = &self.discounts;
        ColumnarInsert::into("line_discounts", rows.len())
            .uuids("purchase_line_id", rows.iter().map(|row| row.purchase_line_id.uuid()))
            .uuids("redemption_id", rows.iter().map(|row| row.redemption_id.uuid()))
            .uuids("customer_id", rows.iter().map(|row| row.customer_id.uuid()))
            .integers("amount_minor", rows.iter().map(|row| row.amount_minor))
            .integers("returned_minor", rows.iter().map(|row| row.returned_minor))
            .run(transaction)
            .await?;
        Ok(())
    }

    /// What is told of it once it is paid.
    pub fn order(&self, view: &CartView) -> Option<Order> {
        let purchase = &self.purchase;
        let items = view.lines.iter().map(|line| Item {
            sku: line.product.sku.clone(),
            name: line.product.name.clone(),
            unit_minor: line.unit_minor,
            quantity: line.quantity,
        });
        (purchase.status == PurchaseStatus::Paid).then(|| Order {
            name: COMPLETED,
            message_id: purchase.id.to_string(),
            customer: purchase.customer_id,
            number: purchase.number.clone(),
            channel: purchase.channel,
            touchpoint: purchase.touchpoint_id,
            currency: Currency::parse(&purchase.currency).unwrap_or_default(),
            total_minor: purchase.total_minor,
            discount_minor: purchase.discount_minor,
            coupons: view.discounts.iter().filter_map(|discount| discount.code.clone()).collect(),
            items: items.collect(),
            occurred_at: purchase.placed_at,
        })
    }
}

/// What each line bears of each redemption.
fn discounts(
    carts: &[LineView],
    lines: &[purchase_line::Model],
    redemptions: &[redemption::Model],
) -> Vec<line_discount::Model> {
    let by_offer: BTreeMap<OfferId, RedemptionId> =
        redemptions.iter().map(|row| (row.offer_id, row.id)).collect();
    let of_line = |(view, line): (&LineView, &purchase_line::Model)| {
        let (line_id, customer_id) = (line.id, line.customer_id);
        let row = |allocation: &crate::domain::purchases::pricing::Allocation| {
            Some(line_discount::Model {
                purchase_line_id: line_id,
                redemption_id: *by_offer.get(&allocation.offer)?,
                customer_id,
                amount_minor: allocation.amount_minor,
                returned_minor: 0,
            })
        };
        view.allocations.iter().filter_map(row).collect::<Vec<_>>()
    };
    carts.iter().zip(lines).flat_map(of_line).collect()
}

/// What paid lines of digital products give.
pub fn entitlements<'l>(
    ids: &Ids,
    now: Timestamp,
    lines: impl Iterator<Item = (&'l purchase_line::Model, (ProductKind, Option<i64>))>,
) -> Vec<entitlement::Model> {
    let digital = lines.filter(|(_, (kind, _))| *kind == ProductKind::Digital);
    digital
        .map(|(line, (_, days))| entitlement::Model {
            id: ids.next(now),
            customer_id: line.customer_id,
            product_id: line.product_id,
            purchase_id: line.purchase_id,
            purchase_line_id: line.id,
            granted_at: now,
            expires_at: days.map(|days| Timestamp(now.millis().saturating_add(days.saturating_mul(DAY)))),
            revoked_at: None,
        })
        .collect()
}

/// The number on the receipt, from the random part of the id.
fn number(id: PurchaseId) -> String {
    let digits = id.digits();
    let last = &digits[digits.len() - NUMBER..];
    std::str::from_utf8(last).unwrap_or_default().to_ascii_uppercase()
}
