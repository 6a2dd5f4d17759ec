//! What becomes of a purchase after it was made: it is paid, called off before that, or refunded, all of it or so many
//! pieces of a line.

use entities::ids::{CustomerId, PurchaseId};
use entities::timestamp::Timestamp;
use entities::values::{PurchaseStatus, RedemptionStatus, TextEnum};
use entities::{purchase, redemption};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::bulk::insert_all;
use crate::db::catalogue;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::idempotency::{Claim, Once};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, judgement};
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::back::{Budgets, Pieces, Sale};
use crate::domain::purchases::order::{COMPLETED, REFUNDED};
use crate::domain::purchases::payment::PaymentReference;
use crate::domain::purchases::placed::{self, entitlements};
use crate::domain::purchases::refund_request::Refund;
use crate::domain::purchases::spans::{self, Span};
use crate::domain::purchases::told::{self, Story, Teller};
use crate::kernel::error::Result;

/// Who changes purchases, and with what.
#[derive(Clone, Copy)]
pub struct Clerk<'a> {
    pub caller: Caller<'a>,
    pub ingest: &'a Ingest,
}

impl<'a> Clerk<'a> {
    fn teller(&self) -> Teller<'a> {
        Teller { ids: self.caller.ids, now: self.caller.now, ingest: Some(self.ingest) }
    }
}

/// Calls a purchase off that is not paid yet.
pub async fn cancel(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
) -> Result<PurchaseId, Rejection> {
    let (customer, row) = lock(transaction, clerk, id, Whose::Anybodys).await?;
    if clerk.caller.own.is_some() && row.source != placed::SOURCE {
        let message = "This purchase was made elsewhere; who sold it calls it off.";
        return Err(Refusal::new(Reason::Conflict, "purchaseId", message).into());
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
    let (customer, row) = lock(transaction, clerk, refund.purchase, Whose::Anybodys).await?;
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

/// Notes that a purchase was paid for.
pub async fn pay(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
    reference: &PaymentReference,
) -> Result<PurchaseId, Rejection> {
    let (customer, row) = lock(transaction, clerk, id, Whose::Living).await?;
    if row.status == PurchaseStatus::Paid && row.payment_reference.as_deref() == Some(reference.text()) {
        return Ok(id);
    }
    check_payable(&row)?;
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

/// Whose purchases something may be done to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those of customers who were erased too: what they had taken is given back.
    Anybodys,
    /// Of customers who are still there: it gives them something.
    Living,
}

/// Locks the customer, the definitions and the purchase; who the customer turned out to be.
async fn lock(
    transaction: &DatabaseTransaction,
    clerk: &Clerk<'_>,
    id: PurchaseId,
    whose: Whose,
) -> Result<(CustomerId, purchase::Model), Rejection> {
    let unknown = || Refusal::new(Reason::NotFound, "purchaseId", "There is no such purchase.");
    let row = purchase::Entity::find_by_id(id).one(transaction).await?.ok_or_else(unknown)?;
    let canonical = family::canonical(transaction, [row.customer_id]).await?;
    let customer = canonical.get(&row.customer_id).copied().unwrap_or(row.customer_id);
    if clerk.caller.own.is_some_and(|own| own != customer) {
        return Err(unknown().into());
    }
    match whose {
        Whose::Anybodys => family::lock_canonical(transaction, [customer]).await?,
        Whose::Living => family::lock_living(transaction, [customer]).await?,
    };
    catalogue::share(transaction).await?;
    let row = purchase::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    Ok((customer, row.ok_or_else(unknown)?))
}

fn check_status(row: &purchase::Model, from: &[PurchaseStatus], done: &str) -> Result<(), Refusal> {
    if from.contains(&row.status) {
        return Ok(());
    }
    let message = format!("The purchase is {}; it cannot be {done}.", row.status.text());
    Err(Refusal::new(Reason::Conflict, "purchaseId", message))
}

/// Says of one that cannot be paid any more what became of it, and of the money.
fn check_payable(row: &purchase::Model) -> Result<(), Refusal> {
    let message = match row.status {
        PurchaseStatus::Pending => return Ok(()),
        PurchaseStatus::Canceled => {
            "The purchase is CANCELED: it was called off or not paid in time, and what it had taken may be somebody \
             else's by now. Send the money of this payment back."
        }
        PurchaseStatus::Paid => {
            "The purchase is PAID already, by another payment: `paymentReference` of the purchase names it. Send the \
             money of this one back."
        }
        PurchaseStatus::PartiallyRefunded | PurchaseStatus::Refunded => {
            "The purchase was paid and refunded since; it is not paid again. Send the money of this payment back, if \
             it is another one than that of then."
        }
    };
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
