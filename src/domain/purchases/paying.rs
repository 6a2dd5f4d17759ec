//! Noting that a purchase which waits is paid for: by whoever took the money, who is told if it is to be sent back.

use entities::ids::{CustomerId, PurchaseId};
use entities::values::{PurchaseStatus, RedemptionStatus, TextEnum};
use entities::{purchase, redemption};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::db::bulk::insert_all;
use crate::domain::customers::judgement;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::purchases::back::Sale;
use crate::domain::purchases::order::COMPLETED;
use crate::domain::purchases::payment::PaymentReference;
use crate::domain::purchases::placed::entitlements;
use crate::domain::purchases::refund::{Clerk, Locked, lock};
use crate::domain::purchases::told::{self, Story, Teller};
use crate::kernel::error::Result;

/// Notes that a purchase was paid for.
pub async fn pay(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
    reference: &PaymentReference,
) -> Result<PurchaseId, Rejection> {
    let Locked { customer, is_erased, row } = lock(transaction, clerk, id).await?;
    let was_paid = !matches!(row.status, PurchaseStatus::Pending | PurchaseStatus::Canceled);
    if was_paid && row.payment_reference.as_deref() == Some(reference.text()) {
        // It was paid by this payment, and the answer may have been lost. What was refunded since stays refunded.
        return Ok(id);
    }
    check_payable(&row, is_erased)?;
    settle(transaction, &clerk.teller(), customer, row, Some(reference)).await?;
    Ok(id)
}

/// Gives what is bought by a purchase that waited, which is locked. One that was paid elsewhere may have no reference.
pub(super) async fn settle(
    transaction: &DatabaseTransaction,
    teller: &Teller<'_>,
    customer: CustomerId,
    row: purchase::Model,
    reference: Option<&PaymentReference>,
) -> Result<()> {
    let (id, now) = (row.id, teller.now);
    purchase::Entity::update_many()
        .col_expr(purchase::Column::Status, Expr::value(PurchaseStatus::Paid.text()))
        .col_expr(purchase::Column::PaymentReference, Expr::value(reference.map(PaymentReference::text)))
        .col_expr(purchase::Column::ExpiresAt, Expr::value(None::<i64>))
        .filter(purchase::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    redemption::Entity::update_many()
        .col_expr(redemption::Column::Status, Expr::value(RedemptionStatus::Redeemed.text()))
        .filter(redemption::Column::PurchaseId.eq(id))
        .filter(redemption::Column::Status.eq(RedemptionStatus::Held))
        .exec(transaction)
        .await?;
    let sale = Sale::read(transaction, row.clone()).await?;
    let products = told::products(transaction, &sale.lines).await?;
    let kind = |line: &entities::purchase_line::Model| {
        products.iter().find(|row| row.id == line.product_id).map(|row| (row.kind, row.access_days))
    };
    let kinds: Vec<_> = sale.lines.iter().filter_map(|line| Some((line, kind(line)?))).collect();
    insert_all(transaction, entitlements(teller.ids, now, kinds.into_iter())).await?;
    let story = Story {
        name: COMPLETED,
        message_id: id.to_string(),
        total_minor: row.total_minor,
        coupons: sale.codes(),
        pieces: sale.lines.iter().map(|line| (line, line.quantity)).collect(),
    };
    teller.tell(transaction, &row, story).await?;
    judgement::due(transaction, now, [customer]).await
}

/// Says of one that cannot be paid what became of it, and of the money.
fn check_payable(row: &purchase::Model, is_erased: bool) -> Result<(), Refusal> {
    let is_named = row.payment_reference.is_some();
    let message = match row.status {
        PurchaseStatus::Pending if is_erased => {
            "The customer of the purchase was erased: nothing is given for it any more. Send the money of this payment \
             back."
        }
        PurchaseStatus::Pending => return Ok(()),
        PurchaseStatus::Canceled => {
            "The purchase is CANCELED: it was called off or not paid in time, and what it had taken may be somebody \
             else's by now. Send the money of this payment back."
        }
        // What payments were called is forgotten with the customer.
        _ if is_erased => {
            "The purchase was paid, and its customer erased since, with what the payment was called. Send the money of \
             this payment back, if it is another one."
        }
        PurchaseStatus::Paid if is_named => {
            "The purchase is PAID already, by another payment: `paymentReference` of the purchase names it. Send the \
             money of this one back."
        }
        PurchaseStatus::Paid => {
            "The purchase is PAID already: there was nothing to be paid, or whoever sold it said so. Send the money of \
             this payment back, if it is another one."
        }
        PurchaseStatus::PartiallyRefunded | PurchaseStatus::Refunded if is_named => {
            "The purchase was paid by another payment, which `paymentReference` of the purchase names, and refunded \
             since. Send the money of this one back."
        }
        PurchaseStatus::PartiallyRefunded | PurchaseStatus::Refunded => {
            "The purchase was paid and refunded since; it is not paid again. Send the money of this payment back, if \
             it is another one than that of then."
        }
    };
    Err(Refusal::new(Reason::Conflict, "purchaseId", message))
}
