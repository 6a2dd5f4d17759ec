//! The mutations of carts: arguments in, a use case called, a payload out.

use async_graphql::{Context, ID, Object};
use entities::ids::CustomerId;

use crate::api::callers::CallerName;
use crate::api::inputs::parse_id;
use crate::api::payload::{reads, settle_refusal};
use crate::api::purchases::inputs::{
    CartCheckoutInput, CartCodesUpdateInput, CartLineAddInput, CartLinesAddInput, CartLinesRemoveInput,
    CartLinesUpdateInput, CartMergeInput,
};
use crate::api::purchases::payloads::{
    CartCheckoutPayload, CartCodesUpdatePayload, CartLinesAddPayload, CartLinesRemovePayload,
    CartLinesUpdatePayload, CartMergePayload, CartPart, cart, cart_part, purchase,
};
use crate::api::reads::Reads;
use crate::api::scalars::CurrencyCode;
use crate::domain::customers::idempotency::Once;
use crate::domain::customers::rejection::Rejection;
use crate::domain::purchases::cart::change::change;
use crate::domain::purchases::cart::edit::{Change, Edit};
use crate::domain::purchases::cart::merge;
use crate::domain::purchases::checkout::{CheckedOut, Checkout, Desk};
use crate::domain::purchases::payment::Payment;
use crate::domain::purchases::selling::Deed;
use crate::kernel::error::Result;
use crate::kernel::viewer::Viewer;

/// Mutations of carts.
#[derive(Default)]
pub struct CartMutations;

#[Object]
impl CartMutations {
    /// Puts products into the cart of a customer, and begins one if there is none. What there is an end of is held from
    /// then on: `holdsExpireAt` of the cart says until when.
    async fn cart_lines_add(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is added.")] input: CartLinesAddInput,
    ) -> async_graphql::Result<CartLinesAddPayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let CartPart { cart, user_errors } = match added(&input) {
            Ok(edit) => changed(reads, &name, &input.customer_id, input.version, edit).await?,
            Err(error) => cart_part(reads, None, Err(error.into()))?,
        };
        Ok(CartLinesAddPayload { cart, user_errors })
    }

    /// Changes how many of lines there are; what is more is held, what is less is let go.
    async fn cart_lines_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be another.")] input: CartLinesUpdateInput,
    ) -> async_graphql::Result<CartLinesUpdatePayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let lines: Result<Vec<_>> = (0..)
            .zip(&input.lines)
            .map(|(at, line): (usize, _)| {
                Ok((parse_id(&format!("input.lines.{at}.id"), &line.id)?, line.quantity.into()))
            })
            .collect();
        let CartPart { cart, user_errors } = match lines {
            Ok(lines) => {
                changed(reads, &name, &input.customer_id, input.version, Edit::Update(lines)).await?
            }
            Err(error) => cart_part(reads, None, Err(error.into()))?,
        };
        Ok(CartLinesUpdatePayload { cart, user_errors })
    }

    /// Takes lines out of the cart; what was held for them is let go.
    async fn cart_lines_remove(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is taken out.")] input: CartLinesRemoveInput,
    ) -> async_graphql::Result<CartLinesRemovePayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let ids: Result<Vec<_>> = (0..)
            .zip(&input.line_ids)
            .map(|(at, id): (usize, _)| parse_id(&format!("input.lineIds.{at}"), id))
            .collect();
        let CartPart { cart, user_errors } = match ids {
            Ok(ids) => changed(reads, &name, &input.customer_id, input.version, Edit::Remove(ids)).await?,
            Err(error) => cart_part(reads, None, Err(error.into()))?,
        };
        Ok(CartLinesRemovePayload { cart, user_errors })
    }

    /// Says which codes the cart has. One that takes nothing off stays in it with a warning: it may when the cart changes.
    /// New codes are counted, good or not, lest they be guessed: a customer may try 20 in a quarter of an hour on all
    /// devices, a touchpoint other than a till 1,000; then it is RATE_LIMITED.
    async fn cart_codes_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The codes.")] input: CartCodesUpdateInput,
    ) -> async_graphql::Result<CartCodesUpdatePayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let edit = Edit::Codes(input.codes);
        let CartPart { cart, user_errors } =
            changed(reads, &name, &input.customer_id, input.version, edit).await?;
        Ok(CartCodesUpdatePayload { cart, user_errors })
    }

    /// Makes one cart of the two that a customer has after signing in on a device where a cart had been begun: ask for it
    /// when a cart has the warning OTHER_CART. What changed is told.
    async fn cart_merge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is kept.")] input: CartMergeInput,
    ) -> async_graphql::Result<CartMergePayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let done = merged(reads, &name, &input).await;
        Ok(match settle_refusal(reads, done)? {
            Ok(merged) => CartMergePayload::merged(merged),
            Err(user_errors) => {
                let customer = named(input.customer_id.as_ref()).ok().flatten();
                CartMergePayload::refused(customer, user_errors)
            }
        })
    }

    /// Buys what is in the cart: all of it, at the price that it has now, or nothing. Stock, the budgets and limits of
    /// offers and single-use codes are taken in the same instant. It is PAID at once if there is nothing to pay, or if a
    /// till, a call center, a kiosk or staff name the payment; else PENDING until `purchasePay`.
    async fn cart_checkout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is bought.")] input: CartCheckoutInput,
    ) -> async_graphql::Result<CartCheckoutPayload> {
        let reads = reads(context)?;
        let name = CallerName::selling(reads).await?;
        let customer = named(input.customer_id.as_ref()).unwrap_or_default();
        let done = Box::pin(checked_out(reads, &name, &input)).await;
        let cart = cart(customer);
        Ok(match settle_refusal(reads, done)? {
            Ok(CheckedOut { purchase: id, is_replay }) => CartCheckoutPayload {
                purchase: purchase(Some(id)),
                cart,
                replayed: is_replay,
                user_errors: Vec::new(),
            },
            Err(user_errors) => {
                CartCheckoutPayload { purchase: purchase(None), cart, replayed: false, user_errors }
            }
        })
    }
}

pub(super) fn named(id: Option<&ID>) -> Result<Option<CustomerId>> {
    id.map(|id| parse_id("input.customerId", id)).transpose()
}

fn added(input: &CartLinesAddInput) -> Result<Edit> {
    let line = |(at, line): (usize, &CartLineAddInput)| {
        Ok((parse_id(&format!("input.lines.{at}.productId"), &line.product_id)?, line.quantity.into()))
    };
    let lines: Result<Vec<_>> = input.lines.iter().enumerate().map(line).collect();
    Ok(Edit::Add(lines?, input.currency_code.as_ref().map(CurrencyCode::value)))
}

async fn changed(
    reads: &Reads,
    name: &CallerName,
    customer: &Option<ID>,
    version: Option<i32>,
    edit: Edit,
) -> async_graphql::Result<CartPart> {
    let customer = match named(customer.as_ref()) {
        Ok(customer) => customer,
        Err(error) => return cart_part(reads, None, Err(error.into())),
    };
    let done = match Change::new(customer, version.map(Into::into), edit) {
        Ok(wanted) => try_change(reads, name, wanted).await,
        Err(refusal) => Err(refusal.into()),
    };
    cart_part(reads, customer, done)
}

async fn try_change(reads: &Reads, name: &CallerName, wanted: Change) -> Result<(), Rejection> {
    let input = (reads.selling(name).await?, wanted);
    reads
        .db
        .write_retrying(&input, |transaction, (selling, wanted)| {
            Box::pin(change(transaction, selling, wanted))
        })
        .await?;
    Ok(())
}

async fn merged(
    reads: &Reads,
    name: &CallerName,
    input: &CartMergeInput,
) -> Result<merge::Merged, Rejection> {
    let customer = named(input.customer_id.as_ref())?;
    let device = match reads.viewer {
        Viewer::Device { device, .. } => Some(device),
        _ => None,
    };
    let (version, strategy) = (input.version.map(Into::into), input.strategy.into());
    let wanted = merge::Merge { customer, device, version, strategy };
    let input = (reads.selling(name).await?, wanted);
    reads
        .db
        .write_retrying(&input, |transaction, (selling, wanted)| {
            Box::pin(merge::merge(transaction, selling, wanted))
        })
        .await
}

async fn checked_out(
    reads: &Reads,
    name: &CallerName,
    input: &CartCheckoutInput,
) -> Result<CheckedOut, Rejection> {
    let request = Checkout {
        customer: named(input.customer_id.as_ref())?,
        version: input.version.map(Into::into),
        payment: Payment::said(
            input.payment_reference.as_deref(),
            name.seller(reads).may(Deed::TakePayment),
        )?,
        total: input.total.as_ref().map(|total| total.money("input.total")).transpose()?,
    };
    let key = &input.idempotency_key;
    let once = Once::new(reads.principal(), "cartCheckout", key, &request.body())?;
    let desk = Desk {
        selling: reads.selling(name).await?,
        ingest: &reads.services.ingest,
        pricing: reads.pricing().await?,
    };
    Box::pin(desk.check_out(&once, &request)).await
}
