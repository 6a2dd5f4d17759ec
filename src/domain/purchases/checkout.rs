//! Checking a cart out: it is priced, and what was priced becomes a purchase, or nothing does.

use std::sync::Arc;

use entities::ids::{CustomerId, PurchaseId};
use futures_util::future::BoxFuture;

use crate::domain::customers::idempotency::Once;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::cart::limits::check_cost;
use crate::domain::purchases::cart::promotions::Pricing;
use crate::domain::purchases::cart::rows::{carts_by_customer_ids, carts_by_ids};
use crate::domain::purchases::cart::view::{self, CartView};
use crate::domain::purchases::payment::Payment;
use crate::domain::purchases::selling::Selling;
use crate::domain::purchases::settle::{Till, settle, stale};
use crate::kernel::error::Result;
use crate::kernel::money::Money;

/// How often a cart is priced anew that changes meanwhile, or whose commit was not heard of.
const ATTEMPTS: usize = 5;

/// A cart that is to be checked out.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Whose cart; absent: the caller's own.
    pub customer: Option<CustomerId>,
    /// The version that the caller has read; absent: whatever it is.
    pub version: Option<i64>,
    pub payment: Payment,
    /// What the customer was told it costs; absent: whatever it is.
    pub total: Option<Money>,
}

impl Checkout {
    /// What is asked for, the same whenever it is asked for.
    pub fn body(&self) -> String {
        let total = self.total.map(|total| (total.minor, total.currency.code().to_owned()));
        serde_json::json!([
            self.customer.map(|id| id.to_string()),
            self.version,
            self.payment.reference(),
            total
        ])
        .to_string()
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedOut {
    pub purchase: PurchaseId,
    /// The same request had been done before.
    pub is_replay: bool,
}

/// Who checks out, and with what.
pub struct Desk<'a> {
    pub selling: Selling<'a>,
    pub ingest: &'a Ingest,
    pub pricing: Pricing<'a>,
}

impl Desk<'_> {
    /// Makes a purchase of the cart. A request that was done before, by the same key, is answered as it was then, also
    /// if nobody heard of its commit: the key says whether it went through.
    pub async fn check_out(&self, once: &Once, request: &Checkout) -> Result<CheckedOut, Rejection> {
        let mut attempt = 1;
        loop {
            if let Some(purchase) = once.find(self.pricing.db.connection()).await? {
                // Of this very request, if its commit was not heard of.
                return Ok(CheckedOut { purchase, is_replay: attempt == 1 });
            }
            match self.attempt(once, request).await {
                Err(rejection) if attempt < ATTEMPTS && is_worth_another(&rejection) => {
                    self.pricing.deciding.catalogue.refresh(self.pricing.db).await?;
                    attempt += 1;
                }
                Err(rejection) => return Err(rejection),
                Ok(purchase) => return Ok(CheckedOut { purchase, is_replay: false }),
            }
        }
    }

    /// Boxed, as is reading the cart: one within the other they would need a great stack.
    fn attempt<'a>(
        &'a self,
        once: &'a Once,
        request: &'a Checkout,
    ) -> BoxFuture<'a, Result<PurchaseId, Rejection>> {
        Box::pin(self.try_once(once, request))
    }

    async fn try_once(&self, once: &Once, request: &Checkout) -> Result<PurchaseId, Rejection> {
        let Some(view) = self.current(request.customer).await? else {
            // Another request with this key may just have bought it.
            return match once.find(self.pricing.db.connection()).await? {
                Some(purchase) => Ok(purchase),
                None => Err(Refusal::new(Reason::NotFound, "", "There is no cart.").into()),
            };
        };
        if let Err(refusal) = check(request, &view) {
            // What was read while somebody changed the cart, or bought it, is no reason to refuse.
            return match self.is_current(&view).await? {
                true => Err(refusal),
                false => Err(stale()),
            };
        }
        let till = Till {
            selling: self.selling,
            ingest: self.ingest,
            offers: &self.pricing.deciding.catalogue,
            once,
            request,
            view: &view,
        };
        let purchase = self
            .pricing
            .db
            .write_retrying(&till, |transaction, till| Box::pin(settle(transaction, till)))
            .await?;
        self.ingest.segments.wake();
        Ok(purchase)
    }

    async fn is_current(&self, view: &CartView) -> Result<bool> {
        let carts = carts_by_ids(self.pricing.db, self.pricing.scope, &[view.cart.id]).await?;
        Ok(carts.iter().any(|cart| cart.version == view.cart.version))
    }

    fn current(&self, named: Option<CustomerId>) -> BoxFuture<'_, Result<Option<Arc<CartView>>, Rejection>> {
        Box::pin(self.read_current(named))
    }

    /// The cart of a customer as it is now.
    async fn read_current(&self, named: Option<CustomerId>) -> Result<Option<Arc<CartView>>, Rejection> {
        let customer = self.selling.caller.must_mean(self.pricing.db.connection(), named).await?;
        let mut carts = carts_by_customer_ids(self.pricing.db, self.pricing.scope, &[customer]).await?;
        let carts = carts.remove(&customer).unwrap_or_default();
        let has_other = carts.len() > 1;
        let Some(cart) = carts.into_iter().next() else { return Ok(None) };
        let id = cart.id;
        Ok(view::read(&self.pricing, vec![(cart, has_other)]).await?.remove(&id))
    }
}

/// The cart or a definition was changed between pricing and taking, or it was not heard whether a commit went through.
fn is_worth_another(rejection: &Rejection) -> bool {
    match rejection {
        // One that names the version is for the caller to look at.
        Rejection::Refused(refusal) => refusal.reason == Reason::Stale && refusal.path.is_empty(),
        Rejection::Failed(error) => error.is_passing(),
    }
}

/// Refuses what can be seen before anything is taken.
fn check(request: &Checkout, view: &CartView) -> Result<(), Rejection> {
    if let Some(read) = request.version.filter(|read| *read != view.cart.version) {
        let message =
            format!("The cart has the version {}, not {read}; look at it and ask again.", view.cart.version);
        return Err(Refusal::new(Reason::Stale, "version", message).into());
    }
    if view.lines.is_empty() {
        return Err(Refusal::new(Reason::Invalid, "", "The cart is empty.").into());
    }
    if let Some(line) = view.lines.iter().find(|line| !line.is_sold) {
        let message =
            format!("`{}` is not sold in {} any more.", line.product.sku, view.cart.currency.code());
        return Err(Refusal::new(Reason::Invalid, "", message).into());
    }
    check_cost(view.exact_subtotal(), "")?;
    let total = Money::new(view.total_minor, view.cart.currency);
    if request.total.is_some_and(|told| told != total) {
        let message = format!("It costs {} {} by now.", total.amount(), total.currency.code());
        return Err(Refusal::new(Reason::PriceChanged, "total", message).into());
    }
    Ok(())
}
