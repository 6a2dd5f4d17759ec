//! The mutations of purchases: arguments in, a use case called, a payload out.

use async_graphql::{Context, ID, InputObject, Object};
use entities::ids::PurchaseId;

use crate::api::callers::CallerName;
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, settle_refusal};
use crate::api::purchases::import_inputs::PurchaseImportInput;
use crate::api::purchases::importing::{Imported, import};
use crate::api::purchases::payloads::{
    PurchaseCancelPayload, PurchaseField, PurchaseImportPayload, PurchasePayPayload, PurchaseRefundPayload,
    purchase,
};
use crate::api::reads::Reads;
use crate::domain::customers::idempotency::Once;
use crate::domain::customers::rejection::{Reason, Rejection};
use crate::domain::purchases::paying;
use crate::domain::purchases::payment::PaymentReference;
use crate::domain::purchases::refund::{self, Clerk};
use crate::domain::purchases::refund_request::Refund;
use crate::domain::purchases::selling::Deed;
use crate::kernel::error::Result;

/// Which purchase was paid for.
#[derive(InputObject)]
pub struct PurchasePayInput {
    /// Which purchase: `pur_…`; one that is PENDING.
    pub purchase_id: ID,
    /// What the payment is called by whoever took it: `card-4711`. Sent again, it is the same payment, and nothing is done
    /// again.
    pub payment_reference: String,
}

/// Which purchase is called off.
#[derive(InputObject)]
pub struct PurchaseCancelInput {
    /// Which purchase: `pur_…`; one that is PENDING. Of one that is CANCELED already nothing is done, and no error said.
    pub purchase_id: ID,
}

/// So many of a line of a purchase.
#[derive(InputObject)]
pub struct PurchaseLineRefundInput {
    /// Which line: `pli_…`.
    pub line_id: ID,
    /// How many of them: 1 or more, and no more than are left.
    pub quantity: i32,
}

/// What is refunded.
#[derive(InputObject)]
pub struct PurchaseRefundInput {
    /// Which purchase: `pur_…`; one that is PAID or PARTIALLY_REFUNDED.
    pub purchase_id: ID,
    /// A random id that you make for this refund and send again when you try again: it is done once. It is known for 30
    /// days; sent again after that, it is a new refund.
    pub idempotency_key: String,
    /// How many of which lines, 1 to 1,000; without it, all that is left.
    pub lines: Option<Vec<PurchaseLineRefundInput>>,
}

/// Mutations of purchases.
#[derive(Default)]
pub struct PurchaseMutations;

#[Object]
impl PurchaseMutations {
    /// Notes that a PENDING purchase was paid for; the same payment again is done already, also if it was refunded since.
    /// One that is CANCELED, was paid by another payment, or whose customer was erased, is a CONFLICT: the payload has it
    /// as it is, and the money is to be sent back. For touchpoints with the channel POINT_OF_SALE, CALL_CENTER or KIOSK (a
    /// ticket begun on the phone is finished at the kiosk), and staff with the scope `purchases:write`.
    async fn purchase_pay(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which purchase, and the payment.")] input: PurchasePayInput,
    ) -> async_graphql::Result<PurchasePayPayload> {
        let reads = reads(context)?;
        let name = CallerName::clerk(reads, Deed::TakePayment).await?;
        let done = pay(reads, &name, &input).await;
        let shown = match &done {
            Ok(id) => Some(*id),
            // Who has taken money must see what became of the purchase.
            Err(Rejection::Refused(refusal)) if refusal.reason == Reason::Conflict => {
                parse_id("input.purchaseId", &input.purchase_id).ok()
            }
            Err(_) => None,
        };
        let user_errors = settle_refusal(reads, done)?.err().unwrap_or_default();
        Ok(PurchasePayPayload { purchase: purchase(shown), user_errors })
    }

    /// Calls a PENDING purchase off: the stock, the offers' budgets and the codes it took are there again. One that is
    /// CANCELED already stays so, without an error: send it again when no answer came. For the customer whose it is,
    /// touchpoints with the channel POINT_OF_SALE, CALL_CENTER or KIOSK, and staff with the scope `purchases:write`.
    async fn purchase_cancel(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which purchase.")] input: PurchaseCancelInput,
    ) -> async_graphql::Result<PurchaseCancelPayload> {
        let reads = reads(context)?;
        let name = CallerName::clerk(reads, Deed::CallOff).await?;
        let (purchase, user_errors) = settled(reads, cancel(reads, &name, &input).await)?;
        Ok(PurchaseCancelPayload { purchase, user_errors })
    }

    /// Notes that money was given back, for all of a purchase or so many of its lines: the stock, the offers' budgets and
    /// codes they took are there again, and digital products can no longer be used. For touchpoints with the channel
    /// POINT_OF_SALE or CALL_CENTER, and staff with the scope `purchases:write`; not for kiosks.
    async fn purchase_refund(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is refunded.")] input: PurchaseRefundInput,
    ) -> async_graphql::Result<PurchaseRefundPayload> {
        let reads = reads(context)?;
        let name = CallerName::clerk(reads, Deed::Refund).await?;
        let (purchase, user_errors) = settled(reads, give_back(reads, &name, &input).await)?;
        Ok(PurchaseRefundPayload { purchase, user_errors })
    }

    /// Records a purchase that was made elsewhere, once: sent again, it is known, and a later `status` is followed: PENDING
    /// to PAID or CANCELED, PAID to REFUNDED. What has happened has happened: no stock is taken. For touchpoints with the
    /// channel POINT_OF_SALE or CALL_CENTER, and staff with the scope `purchases:write`.
    async fn purchase_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The purchase.")] input: PurchaseImportInput,
    ) -> async_graphql::Result<PurchaseImportPayload> {
        let reads = reads(context)?;
        let name = CallerName::clerk(reads, Deed::Import).await?;
        Ok(match settle_refusal(reads, import(reads, &name, input).await)? {
            Ok(Imported { id, is_known }) => {
                PurchaseImportPayload { purchase: purchase(id), known: is_known, user_errors: Vec::new() }
            }
            Err(user_errors) => PurchaseImportPayload { purchase: purchase(None), known: false, user_errors },
        })
    }
}

/// The purchase of a payload, or why there is none.
fn settled(
    reads: &Reads,
    done: Result<PurchaseId, Rejection>,
) -> async_graphql::Result<(PurchaseField, Vec<UserError>)> {
    Ok(match settle_refusal(reads, done)? {
        Ok(id) => (purchase(Some(id)), Vec::new()),
        Err(user_errors) => (purchase(None), user_errors),
    })
}

fn clerk<'a>(reads: &'a Reads, name: &'a CallerName) -> Clerk<'a> {
    Clerk { caller: name.caller(reads), ingest: &reads.services.ingest }
}

async fn pay(reads: &Reads, name: &CallerName, input: &PurchasePayInput) -> Result<PurchaseId, Rejection> {
    let id = parse_id("input.purchaseId", &input.purchase_id)?;
    let input = (clerk(reads, name), id, PaymentReference::parse(&input.payment_reference)?);
    let done = reads.db.write_retrying(&input, |transaction, (clerk, id, reference)| {
        Box::pin(paying::pay(transaction, clerk, *id, reference))
    });
    woken(reads, done.await)
}

async fn cancel(
    reads: &Reads,
    name: &CallerName,
    input: &PurchaseCancelInput,
) -> Result<PurchaseId, Rejection> {
    let id = parse_id("input.purchaseId", &input.purchase_id)?;
    let input = (clerk(reads, name), id);
    let done = reads
        .db
        .write_retrying(&input, |transaction, (clerk, id)| Box::pin(refund::cancel(transaction, clerk, *id)));
    woken(reads, done.await)
}

async fn give_back(
    reads: &Reads,
    name: &CallerName,
    input: &PurchaseRefundInput,
) -> Result<PurchaseId, Rejection> {
    let purchase = parse_id("input.purchaseId", &input.purchase_id)?;
    let piece = |(at, line): (usize, &PurchaseLineRefundInput)| {
        Ok((parse_id(&format!("input.lines.{at}.lineId"), &line.line_id)?, line.quantity.into()))
    };
    let pieces = input.lines.as_ref().map(|lines| lines.iter().enumerate().map(piece).collect::<Result<_>>());
    let wanted = Refund::new(purchase, pieces.transpose()?)?;
    let once = Once::new(reads.principal(), "purchaseRefund", &input.idempotency_key, &wanted.body())?;
    let input = (clerk(reads, name), once, wanted);
    let done = reads.db.write_retrying(&input, |transaction, (clerk, once, wanted)| {
        Box::pin(refund::refund(transaction, clerk, once, wanted))
    });
    woken(reads, done.await)
}

/// Who keeps the members of segments looks at once.
fn woken(reads: &Reads, done: Result<PurchaseId, Rejection>) -> Result<PurchaseId, Rejection> {
    if done.is_ok() {
        reads.services.ingest.segments.wake();
    }
    done
}
