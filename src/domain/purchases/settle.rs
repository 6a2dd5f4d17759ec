//! The checkout's transaction: a cart becomes a purchase. Whatever is limited is taken by conditional updates; if one of
//! them finds too little, all is rolled back.

use std::collections::HashMap;

use entities::ids::{CustomerId, OfferId, ProductId, PurchaseId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::{PurchaseStatus, RedemptionStatus};
use entities::{hold, purchase, redemption};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::db::catalogue;
use crate::db::columnar::is_any_id;
use crate::domain::customers::idempotency::{Claim, Once};
use crate::domain::customers::judgement;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::ingest::service::Ingest;
use crate::domain::offers::budget::{self, Taking};
use crate::domain::offers::catalogue::OfferCatalogue;
use crate::domain::offers::codes;
use crate::domain::offers::codes::Use;
use crate::domain::offers::decide::Redeemed;
use crate::domain::offers::live::LiveOffer;
use crate::domain::products::stock::{self, Quantities, Short};
use crate::domain::purchases::cart::open::{self, price_in};
use crate::domain::purchases::cart::view::{CartView, LineView};
use crate::domain::purchases::checkout::Checkout;
use crate::domain::purchases::holds;
use crate::domain::purchases::order;
use crate::domain::purchases::placed::{Placed, Taken};
use crate::domain::purchases::selling::Selling;
use crate::domain::purchases::spans;
use crate::kernel::error::Result;

/// Purchases of one customer that may wait to be paid at the same time: each takes of budgets and codes as if it were
/// paid.
pub const MOST_PENDING: usize = 5;

/// What the transaction works with.
pub struct Till<'a> {
    pub selling: Selling<'a>,
    pub ingest: &'a Ingest,
    pub offers: &'a OfferCatalogue,
    pub once: &'a Once,
    pub request: &'a Checkout,
    /// The cart as it was priced.
    pub view: &'a CartView,
}

/// Makes a purchase of the cart; its id, also if the same request did it before.
pub async fn settle(transaction: &DatabaseTransaction, till: &Till<'_>) -> Result<PurchaseId, Rejection> {
    if let Claim::Done(purchase) = till.once.claim(transaction).await? {
        return Ok(purchase);
    }
    let opened = open::lock(transaction, &till.selling.caller, till.request.customer).await?;
    let view = till.view;
    let current = opened.carts.first().filter(|cart| cart.id == view.cart.id);
    if current.is_none_or(|cart| cart.version != view.cart.version) || opened.customer != view.customer {
        return Err(stale());
    }
    let version = catalogue::share(transaction).await?;
    let definitions = till.offers.at(transaction, version).await?;
    if !std::sync::Arc::ptr_eq(&definitions, &view.definitions) {
        return Err(stale());
    }
    check_pending(transaction, till, &opened.members).await?;
    check_caps(transaction, view, &opened.members).await?;
    let stock = take_stock(transaction, till, &opened.members).await?;
    check_prices(transaction, view).await?;
    let (ids, now) = (till.selling.caller.ids, till.selling.caller.now);
    let placed = Placed::of(ids, &till.selling, &till.request.payment, view, stock);
    // What codes and budgets say refers to redemptions that are there.
    placed.write(transaction).await?;
    use_codes(transaction, now, view, &placed).await?;
    open::delete(transaction, &[view.cart.id]).await?;
    till.once.done(transaction, opened.customer, placed.purchase.id, now).await?;
    if let Some(order) = placed.order(view) {
        order::record(transaction, till.ingest, now, &[order]).await?;
    }
    judgement::due(transaction, now, [opened.customer]).await?;
    match budget::take_within(transaction, &placed.redemptions).await? {
        Taking::Done => Ok(placed.purchase.id),
        Taking::TooMuch { of } => Err(exhausted(view, of)),
    }
}

/// The cart is another than the one that was priced. Without a path: it is to be priced anew.
pub fn stale() -> Rejection {
    Refusal::new(Reason::Stale, "", "The cart was changed meanwhile; look at it and ask again.").into()
}

fn exhausted(view: &CartView, offer: Option<OfferId>) -> Rejection {
    let offer = offer.and_then(|id| Some(&view.definitions.offers()[view.definitions.place(id)?]));
    let name = offer.map_or_else(|| "an offer in the cart".to_owned(), |offer| format!("`{}`", offer.key));
    let message = format!("Not enough is left of {name}; look at the cart and ask again.");
    let refusal = Refusal::new(Reason::OfferExhausted, "", message);
    match offer {
        Some(offer) => refusal.about(offer.id),
        None => refusal,
    }
    .into()
}

/// Refuses one more purchase that waits, of a customer of whom as many wait as may: nobody takes all of an offer, time
/// and again, without ever paying. Nobody else buys for this customer meanwhile: the customer is locked.
async fn check_pending(
    transaction: &impl ConnectionTrait,
    till: &Till<'_>,
    members: &[CustomerId],
) -> Result<(), Rejection> {
    if till.request.payment.settles(till.view.total_minor) {
        return Ok(());
    }
    let ends: Vec<Timestamp> = purchase::Entity::find()
        .select_only()
        .column(purchase::Column::ExpiresAt)
        .filter(is_any_id(transaction, "customer_id", members.iter().map(|id| id.0)))
        .filter(purchase::Column::Status.eq(PurchaseStatus::Pending))
        .filter(purchase::Column::ExpiresAt.is_not_null())
        .order_by_asc(purchase::Column::ExpiresAt)
        .limit(MOST_PENDING as u64)
        .into_tuple()
        .all(transaction)
        .await?;
    let Some(first) = ends.first().filter(|_| ends.len() == MOST_PENDING) else { return Ok(()) };
    let message = format!(
        "{MOST_PENDING} purchases of the customer wait to be paid; pay for one of them or call it off, or wait until \
         one runs out."
    );
    // One that has run out is called off within moments.
    let retry_at = till.selling.caller.now.max(*first);
    Err(Refusal::new(Reason::LimitReached, "", message).retry_at(retry_at).into())
}

/// Refuses what the customer has used as often as it may. Nobody else uses anything for this customer meanwhile: the
/// customer is locked.
async fn check_caps(
    transaction: &impl ConnectionTrait,
    view: &CartView,
    members: &[CustomerId],
) -> Result<(), Rejection> {
    let offer = |id: OfferId| view.definitions.place(id).map(|place| &view.definitions.offers()[place]);
    let used = view.discounts.iter().filter_map(|discount| offer(discount.offer));
    let capped: Vec<&LiveOffer> = used.filter(|offer| offer.is_capped()).collect();
    if capped.is_empty() {
        return Ok(());
    }
    let counting = [RedemptionStatus::Held, RedemptionStatus::Redeemed];
    let rows: Vec<(OfferId, Timestamp)> = redemption::Entity::find()
        .select_only()
        .columns([redemption::Column::OfferId, redemption::Column::CreatedAt])
        .filter(is_any_id(transaction, "customer_id", members.iter().map(|id| id.0)))
        .filter(is_any_id(transaction, "offer_id", capped.iter().map(|offer| offer.id.0)))
        .filter(redemption::Column::Status.is_in(counting))
        .into_tuple()
        .all(transaction)
        .await?;
    let mut redeemed = Redeemed::new();
    for (offer, at) in rows {
        redeemed.entry(offer).or_default().push(at);
    }
    let is_full = |offer: &&&LiveOffer| {
        let times = redeemed.get(&offer.id).map_or(&[][..], Vec::as_slice);
        let is_over = offer.per_customer.is_some_and(|most| times.len() as i64 >= most);
        let period = offer.per_period.as_ref();
        is_over || period.and_then(|cap| cap.frees_at(times, &view.moment.calendar)).is_some()
    };
    match capped.iter().find(is_full) {
        None => Ok(()),
        Some(offer) => {
            let message = format!("The customer has used `{}` as often as it may.", offer.key);
            Err(Refusal::new(Reason::OfferCapped, "", message).about(offer.id).into())
        }
    }
}

/// Refuses prices that were changed since the cart was priced. Read when the stock is taken and not locked: one that is
/// changed from here on is one of later purchases, and all who buy popcorn would wait for each other.
async fn check_prices(transaction: &impl ConnectionTrait, view: &CartView) -> Result<(), Rejection> {
    let products: Vec<_> = view.lines.iter().map(|line| line.product.id).collect();
    let prices = open::prices(transaction, &products).await?;
    let currency = view.cart.currency.code();
    let is_current = |line: &LineView| price_in(&prices, line.product.id, currency) == Some(line.unit_minor);
    if view.lines.iter().all(is_current) { Ok(()) } else { Err(stale()) }
}

/// What is not paid waits, and is as good as held. Who has held something as long as it may does not get more of that
/// by buying it without paying, over and over.
async fn check_spans(
    transaction: &impl ConnectionTrait,
    till: &Till<'_>,
    members: &[CustomerId],
    held: &[hold::Model],
) -> Result<(), Rejection> {
    if till.request.payment.settles(till.view.total_minor) {
        return Ok(());
    }
    let Selling { caller, holds, .. } = &till.selling;
    let limited = till.view.lines.iter().filter(|line| line.product.stock_total.is_some());
    let limited: Vec<_> = limited.map(|line| line.product.id).collect();
    let mut spans = spans::open(transaction, members, limited.iter().copied(), caller.now).await?;
    for hold in held {
        let (_, product, span) = spans::of_hold(hold, caller.now);
        spans.entry(product).or_insert(span);
    }
    let is_over =
        |product: &&ProductId| spans.get(product).is_some_and(|span| holds.is_over(span.held_at, caller.now));
    let Some(span) = limited.iter().find(is_over).and_then(|product| spans.get(product)) else {
        return Ok(());
    };
    let message =
        "Something in the cart has been held as long as it may; pay for it at once, or wait a while.";
    Err(Refusal::new(Reason::LimitReached, "", message).retry_at(span.over_at).into())
}

/// What the cart holds is sold; what it lacks is taken now. How many of each product the stock lacks by it.
async fn take_stock(
    transaction: &impl ConnectionTrait,
    till: &Till<'_>,
    members: &[CustomerId],
) -> Result<Taken, Rejection> {
    let view = till.view;
    let holds = holds::lock(transaction, &[view.cart.id]).await?;
    check_spans(transaction, till, members, &holds).await?;
    let held = holds::quantities(&holds);
    let mut wanted = Quantities::new();
    for line in &view.lines {
        *wanted.entry(line.product.id).or_default() += line.quantity;
    }
    let mut changes: Quantities = held.iter().map(|(product, number)| (*product, -number)).collect();
    for (product, number) in &wanted {
        *changes.entry(*product).or_default() += number;
    }
    let counted = match stock::shift(transaction, &changes).await? {
        Ok(counted) => counted,
        Err(Short { product, left }) => {
            let sku = view.lines.iter().find(|line| line.product.id == product);
            let sku = sku.map(|line| line.product.sku.as_str()).unwrap_or_default();
            let left = left + held.get(&product).copied().unwrap_or_default();
            let message = format!("There are {left} of `{sku}` left.");
            return Err(Refusal::out_of_stock("", product, left, message).into());
        }
    };
    holds::end(transaction, &holds.iter().collect::<Vec<_>>(), till.selling.caller.now).await?;
    let number = |(product, number): (_, i64)| {
        let held = held.get(&product).copied().unwrap_or_default();
        (product, if counted.contains(&product) { number } else { held.min(number) })
    };
    Ok(wanted.into_iter().map(number).collect())
}

async fn use_codes(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    view: &CartView,
    placed: &Placed,
) -> Result<(), Rejection> {
    let redemptions: HashMap<OfferId, RedemptionId> =
        placed.redemptions.iter().map(|row| (row.offer_id, row.id)).collect();
    let uses = view.discounts.iter().filter_map(|discount| {
        let redemption = redemptions.get(&discount.offer).copied()?;
        Some(Use { hash: discount.code_hash.clone()?, offer: discount.offer, redemption })
    });
    let uses: Vec<Use> = uses.collect();
    let offers: Vec<OfferId> = uses.iter().map(|used| used.offer).collect();
    if codes::redeem(transaction, now, uses).await? {
        return Ok(());
    }
    let message = "A code in the cart has been used; look at the cart and ask again.";
    let refusal = Refusal::new(Reason::CodeUsed, "", message);
    Err(match offers.as_slice() {
        [offer] => refusal.about(offer),
        _ => refusal,
    }
    .into())
}
