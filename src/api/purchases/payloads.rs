//! What mutations of carts and purchases answer.

use std::slice;

use async_graphql::SimpleObject;
use entities::ids::{CustomerId, PurchaseId};

use crate::api::payload::{UserError, settle_refusal};
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::purchases::batches::PurchaseById;
use crate::api::purchases::cart::{Cart, CartOf};
use crate::api::purchases::types::Purchase;
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::domain::customers::rejection::Rejection;
use crate::domain::purchases::cart::merge::{LineChange, Merged};
use crate::domain::purchases::cart::told;
use crate::graph::{Batch, Batched, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;

/// A cart in a payload: any selection on it is read after the change.
pub type CartField = Batched<Option<Cart>>;
/// A purchase in a payload.
pub type PurchaseField = Batched<Option<Purchase>>;

/// The purchase with this id, if there is one to show.
pub fn purchase(id: Option<PurchaseId>) -> PurchaseField {
    Batched::by_viewer(move |_: &Reads| id.map(PurchaseById))
}

/// The cart as it is now, if there is one.
pub fn cart(customer: Option<CustomerId>) -> CartField {
    Batched::by_viewer(move |reads: &Reads| reads.meant(customer).map(CartOf))
}

/// The same after it was changed: which offers apply is told by it, and remembered.
fn changed_cart(customer: Option<CustomerId>) -> CartField {
    Batched::read(move |reads: &Reads, _| {
        Box::pin(async move {
            let Some(key) = reads.meant(customer).map(CartOf) else { return Ok(None) };
            let want = Want { columns: Columns::ALL, arguments: &() };
            let view = Batch::load(reads, slice::from_ref(&key), want).await?.remove(&key);
            if let Some(view) = &view
                && let Err(error) = told::remember(&reads.db, view).await
            {
                // The change is done: only a later warning is lost.
                tracing::warn!(%error, "what was told of a cart could not be written down");
            }
            Ok(view)
        })
    })
}

/// What payloads of changes of carts have in common.
pub struct CartPart {
    pub cart: CartField,
    pub user_errors: Vec<UserError>,
}

/// The cart as it is now, also when nothing was done: so that who was overtaken sees it at once.
pub fn cart_part(
    reads: &Reads,
    customer: Option<CustomerId>,
    done: Result<(), Rejection>,
) -> async_graphql::Result<CartPart> {
    Ok(match settle_refusal(reads, done)? {
        Ok(()) => CartPart { cart: changed_cart(customer), user_errors: Vec::new() },
        Err(user_errors) => CartPart { cart: cart(customer), user_errors },
    })
}

/// What became of `cartLinesAdd`.
#[derive(SimpleObject)]
pub struct CartLinesAddPayload {
    /// The cart as it is now, also if nothing was added; null when there is none.
    pub cart: CartField,
    /// Why nothing was added; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `cartLinesUpdate`.
#[derive(SimpleObject)]
pub struct CartLinesUpdatePayload {
    /// The cart as it is now, also if nothing was changed; null when there is none.
    pub cart: CartField,
    /// Why nothing was changed; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `cartLinesRemove`.
#[derive(SimpleObject)]
pub struct CartLinesRemovePayload {
    /// The cart as it is now, also if nothing was taken out; null when there is none.
    pub cart: CartField,
    /// Why nothing was taken out; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `cartCodesUpdate`.
#[derive(SimpleObject)]
pub struct CartCodesUpdatePayload {
    /// The cart as it is now, also if nothing was changed; null when there is none.
    pub cart: CartField,
    /// Why nothing was changed; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `cartMerge`.
#[derive(SimpleObject)]
pub struct CartMergePayload {
    /// The cart that was kept, or as it is now if nothing was done; null when there is none.
    pub cart: CartField,
    /// What was in the other cart, and what became of it: show it to the customer. Empty when there was none.
    pub changes: Vec<CartLineChange>,
    /// Codes of the other cart that this one does not have, in capital letters: those of a cart that was not kept, or
    /// more than a cart may have.
    pub dropped_codes: Vec<String>,
    /// Why nothing was done; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of a product that was in the cart that was not kept.
#[derive(SimpleObject)]
pub struct CartLineChange {
    /// Which product.
    pub product: Batched<Option<Product>>,
    /// How many there were in the cart that was kept.
    pub quantity_before: i32,
    /// How many there were in the other one.
    pub quantity_other: i32,
    /// How many there are now.
    pub quantity: i32,
}

impl CartMergePayload {
    pub fn merged(merged: Merged) -> Self {
        let changes = merged.changes.into_iter().map(CartLineChange::from).collect();
        Self {
            cart: changed_cart(Some(merged.customer)),
            changes,
            dropped_codes: merged.dropped_codes,
            user_errors: Vec::new(),
        }
    }

    pub fn refused(customer: Option<CustomerId>, user_errors: Vec<UserError>) -> Self {
        Self { cart: cart(customer), changes: Vec::new(), dropped_codes: Vec::new(), user_errors }
    }
}

impl From<LineChange> for CartLineChange {
    fn from(change: LineChange) -> Self {
        Self {
            product: Batched::by_key(ProductById(change.product)),
            quantity_before: count(change.before),
            quantity_other: count(change.other),
            quantity: count(change.after),
        }
    }
}

/// What became of `cartCheckout`.
#[derive(SimpleObject)]
pub struct CartCheckoutPayload {
    /// What was bought; null when there are `userErrors`.
    pub purchase: PurchaseField,
    /// The cart as it is now: null when it was bought, else what is still in it.
    pub cart: CartField,
    /// The same request had been done before: this is its purchase, nothing was bought again.
    pub replayed: bool,
    /// Why nothing was bought; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `purchasePay`.
#[derive(SimpleObject)]
pub struct PurchasePayPayload {
    /// The purchase as it is now, also if it could not be paid any more (CONFLICT); null with other `userErrors`.
    pub purchase: PurchaseField,
    /// Why nothing was done; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `purchaseCancel`.
#[derive(SimpleObject)]
pub struct PurchaseCancelPayload {
    /// The purchase as it is now; null when there are `userErrors`.
    pub purchase: PurchaseField,
    /// Why nothing was done; empty when it was, or had been before.
    pub user_errors: Vec<UserError>,
}

/// What became of `purchaseRefund`.
#[derive(SimpleObject)]
pub struct PurchaseRefundPayload {
    /// The purchase as it is now; null when there are `userErrors`.
    pub purchase: PurchaseField,
    /// Why nothing was done; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What became of `purchaseImport`.
#[derive(SimpleObject)]
pub struct PurchaseImportPayload {
    /// The purchase; null when there are `userErrors`, and when its customer has been erased since it was imported.
    pub purchase: PurchaseField,
    /// The same purchase had been imported before: it is not recorded again, but a later `status` was followed. Do not
    /// send it again. With a `purchase` that is null its customer was erased: nothing is shown of it, and nobody is made
    /// anew.
    pub known: bool,
    /// Why it was not imported; empty when it was.
    pub user_errors: Vec<UserError>,
}
