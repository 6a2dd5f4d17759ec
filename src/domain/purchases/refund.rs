//! What becomes of a purchase that is not wanted any more: it is called off before it is paid, or refunded, all of it or
//! so many pieces of a line.

use entities::ids::{CustomerId, PurchaseId};
use entities::purchase;
use entities::timestamp::Timestamp;
use entities::values::{PurchaseStatus, RedemptionStatus, TextEnum};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::catalogue;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::idempotency::{Claim, Once};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, judgement};
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::back::{Budgets, Pieces, Sale};
use crate::domain::purchases::order::REFUNDED;
use crate::domain::purchases::placed;
use crate::domain::purchases::refund_request::Refund;
use crate::domain::purchases::spans::{self, Span};
use crate::domain::purchases::told::{Story, Teller};
use crate::kernel::error::Result;

/// Who changes purchases, and with what.
#[derive(Clone, Copy)]
pub struct Clerk<'a> {
    pub caller: Caller<'a>,
    pub ingest: &'a Ingest,
}

impl<'a> Clerk<'a> {
    pub(super) fn teller(&self) -> Teller<'a> {
        Teller { ids: self.caller.ids, now: self.caller.now, ingest: Some(self.ingest) }
    }
}

/// Calls a purchase off that is not paid yet.
pub async fn cancel(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
) -> Result<PurchaseId, Rejection> {
    let Locked { customer, row, .. } = lock(transaction, clerk, id).await?;
    if clerk.caller.own.is_some() && row.source != placed::SOURCE {
        let message = "This purchase was made elsewhere; who sold it calls it off.";
        return Err(Refusal::new(Reason::Conflict, "purchaseId", message).into());
    }
    if row.status == PurchaseStatus::Canceled {
        // The answer to the same request may have been lost.
        return Ok(id);
    }
    check_status(&row, &[PurchaseStatus::Pending], "called off; one that is paid is refunded")?;
    call_off(transaction, clerk.caller.now, customer, row).await?.give_back(transaction).await?;
    Ok(id)
}

/// Calls off a purchase that waits, which is locked; what is to be given back of budgets. What it had taken was as good
/// as held.
pub async fn call_off(
    transaction: &DatabaseTransaction,
    now: Timestamp,
    customer: CustomerId,
    row: purchase::Model,
) -> Result<Budgets> {
    let (id, placed_at) = (row.id, row.placed_at);
    let sale = Sale::read(transaction, row).await?;
    let rest = sale.rest();
    let taken = sale.lines.iter().filter(|line| line.stock_taken > 0);
    let held: Vec<_> =
        taken.map(|line| (line.customer_id, line.product_id, Span::ending(placed_at, now))).collect();
    let back = sale.give_back(transaction, now, &rest, RedemptionStatus::Released).await?;
    spans::leave(transaction, held.into_iter()).await?;
    set_status(transaction, id, PurchaseStatus::Canceled, 0).await?;
    judgement::due(transaction, now, [customer]).await?;
    Ok(back.budgets)
}

/// Gives money back, and with it what the purchase had taken. The same request does it once.
pub async fn refund(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    once: &Once,
    refund: &Refund,
) -> Result<PurchaseId, Rejection> {
    if let Claim::Done(purchase) = once.claim(transaction).await? {
        return Ok(purchase);
    }
    let Locked { customer, row, .. } = lock(transaction, clerk, refund.purchase).await?;
    let refundable = [PurchaseStatus::Paid, PurchaseStatus::PartiallyRefunded];
    check_status(&row, &refundable, "refunded; one that is not paid is called off")?;
    let sale = Sale::read(transaction, row.clone()).await?;
    let pieces = refund.pieces_of(&sale)?;
    once.done(transaction, row.customer_id, row.id, clerk.caller.now).await?;
    let budgets = take_back(transaction, &clerk.teller(), customer, sale, &pieces).await?;
    budgets.give_back(transaction).await?;
    Ok(row.id)
}

/// Takes pieces of a purchase back, which is locked and of which there are so many left; what is to be given back of
/// budgets.
pub(super) async fn take_back(
    transaction: &DatabaseTransaction,
    teller: &Teller<'_>,
    customer: CustomerId,
    sale: Sale,
    pieces: &Pieces,
) -> Result<Budgets> {
    let (row, lines) = (sale.purchase.clone(), sale.lines.clone());
    let back = sale.give_back(transaction, teller.now, pieces, RedemptionStatus::RolledBack).await?;
    let status = if back.is_all { PurchaseStatus::Refunded } else { PurchaseStatus::PartiallyRefunded };
    set_status(transaction, row.id, status, back.minor).await?;
    let before: i64 = lines.iter().map(|line| line.refunded_quantity).sum();
    let story = Story {
        name: REFUNDED,
        message_id: format!("{}-refund-{before}", row.id),
        total_minor: back.minor,
        coupons: Vec::new(),
        pieces: lines.iter().filter_map(|line| Some((line, *pieces.get(&line.id)?))).collect(),
    };
    teller.tell(transaction, &row, story).await?;
    judgement::due(transaction, teller.now, [customer]).await?;
    Ok(back.budgets)
}

/// A purchase that nobody else changes until the transaction ends.
pub(super) struct Locked {
    /// Who the customer turned out to be.
    pub customer: CustomerId,
    /// The customer was erased: what the purchase had taken is given back all the same, but nothing is given any more.
    pub is_erased: bool,
    pub row: purchase::Model,
}

/// Locks the customer, the definitions and the purchase.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
) -> Result<Locked, Rejection> {
    let unknown = || Refusal::new(Reason::NotFound, "purchaseId", "There is no such purchase.");
    let row = purchase::Entity::find_by_id(id).one(transaction).await?.ok_or_else(unknown)?;
    let canonical = family::canonical(transaction, [row.customer_id]).await?;
    let customer = canonical.get(&row.customer_id).copied().unwrap_or(row.customer_id);
    if clerk.caller.own.is_some_and(|own| own != customer) {
        return Err(unknown().into());
    }
    let customers = family::lock_canonical(transaction, [customer]).await?;
    family::still_leads(transaction, row.customer_id, customer).await?;
    catalogue::share(transaction).await?;
    let row = purchase::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    let is_erased = customers.iter().any(|row| row.erased_at.is_some());
    Ok(Locked { customer, is_erased, row: row.ok_or_else(unknown)? })
}

fn check_status(row: &purchase::Model, from: &[PurchaseStatus], done: &str) -> Result<(), Refusal> {
    if from.contains(&row.status) {
        return Ok(());
    }
    let message = format!("The purchase is {}; it cannot be {done}.", row.status.text());
    Err(Refusal::new(Reason::Conflict, "purchaseId", message))
}

async fn set_status(
    transaction: &impl ConnectionTrait,
    id: PurchaseId,
    status: PurchaseStatus,
    refunded: i64,
) -> Result<()> {
    let sum = Expr::col(purchase::Column::RefundedMinor).add(refunded);
    purchase::Entity::update_many()
        .col_expr(purchase::Column::Status, Expr::value(status.text()))
        .col_expr(purchase::Column::RefundedMinor, sum)
        .col_expr(purchase::Column::ExpiresAt, Expr::value(None::<i64>))
        .filter(purchase::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(())
}
