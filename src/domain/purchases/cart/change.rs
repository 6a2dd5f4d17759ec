//! Changing the lines and codes of a cart, one transaction a change: what is added is held, what is taken out is let go.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entities::ids::{CartId, CartLineId, CustomerId, ProductId};
use entities::{cart, cart_line};
use sea_orm::ConnectionTrait;

use crate::db::outbox;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::products::stock::{Quantities, Short};
use crate::domain::purchases::cart::edit::{Change, Edit};
use crate::domain::purchases::cart::limits::{check_held, check_quantity, check_size, sums};
use crate::domain::purchases::cart::open::{self, Current, Opened};
use crate::domain::purchases::guessing;
use crate::domain::purchases::holds::Holder;
use crate::domain::purchases::selling::Selling;
use crate::kernel::money::Currency;

/// Changes the cart; whose it is.
pub async fn change(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    change: &Change,
) -> Result<CustomerId, Rejection> {
    let opened = open::lock(transaction, &selling.caller, change.customer).await?;
    let current = opened.carts.first().cloned();
    check_version(change.version, current.as_ref())?;
    match change.edit() {
        Edit::Add(wanted, currency) => {
            add(transaction, selling, &opened, current, wanted, *currency).await?;
        }
        Edit::Update(wanted) => {
            let paths = |at: usize| format!("lines.{at}");
            update(transaction, selling, &opened, there(current)?, wanted, paths).await?;
        }
        Edit::Remove(ids) => {
            let wanted: Vec<(CartLineId, i64)> = ids.iter().map(|id| (*id, 0)).collect();
            let paths = |at: usize| format!("lineIds.{at}");
            update(transaction, selling, &opened, there(current)?, &wanted, paths).await?;
        }
        Edit::Codes(codes) => {
            guessing::check(transaction, selling, &opened, codes).await?;
            let begin =
                || open::begin(selling, opened.customer, selling.place.currency.unwrap_or(Currency::EUR));
            let cart = current.map_or_else(|| Current::New(begin()), Current::There);
            open::save(transaction, selling, cart.clone()).await?;
            open::write_codes(transaction, cart.row(), codes).await?;
        }
    }
    outbox::announce(transaction, [opened.customer]).await?;
    Ok(opened.customer)
}

/// Refuses who has read another version.
pub fn check_version(read: Option<i64>, current: Option<&cart::Model>) -> Result<(), Refusal> {
    let version = current.map_or(0, |cart| cart.version);
    match read {
        Some(read) if read != version => {
            let message = format!("The cart has the version {version} by now; look at it and ask again.");
            Err(Refusal::new(Reason::Stale, "version", message))
        }
        _ => Ok(()),
    }
}

fn there(cart: Option<cart::Model>) -> Result<cart::Model, Refusal> {
    cart.ok_or_else(|| Refusal::new(Reason::NotFound, "", "There is no cart."))
}

async fn add(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    opened: &Opened,
    current: Option<cart::Model>,
    wanted: &[(ProductId, i64)],
    currency: Option<Currency>,
) -> Result<(), Rejection> {
    let more = sums(wanted)?;
    let products: Vec<ProductId> = more.keys().copied().collect();
    let prices = open::prices(transaction, &products).await?;
    let place = Places(wanted);
    let missing = products.iter().find(|product| !prices.contains_key(product));
    if let Some(product) = missing {
        let message = format!("There is no product `{product}`.");
        return Err(Refusal::new(Reason::NotFound, place.path(*product, "productId"), message).into());
    }
    let first = wanted.first().and_then(|(product, _)| prices.get(product)?.first());
    let ids: Vec<CartId> = current.iter().map(|cart| cart.id).collect();
    let lines = open::lines(transaction, &ids).await?;
    let usual = selling.place.currency.or(first.map(|price| price.currency)).unwrap_or(Currency::EUR);
    let current = match current {
        None => Current::New(open::begin(selling, opened.customer, currency.unwrap_or(usual))),
        // One with nothing in it but codes has the currency of what comes first.
        Some(cart) if lines.is_empty() => {
            Current::There(cart::Model { currency: currency.unwrap_or(usual).code().to_owned(), ..cart })
        }
        Some(cart) => Current::There(in_currency(cart, currency)?),
    };
    let cart = current.row();
    let mut by_product: BTreeMap<ProductId, cart_line::Model> =
        lines.into_iter().map(|line| (line.product_id, line)).collect();
    let before: Quantities = by_product.values().map(|line| (line.product_id, line.quantity)).collect();
    let mut changed = Vec::with_capacity(more.len());
    for (product, more) in more {
        let Some(unit_minor) = open::price_in(&prices, product, &cart.currency) else {
            let message = format!("`{product}` is not sold in {}.", cart.currency);
            return Err(Refusal::new(Reason::Invalid, place.path(product, "productId"), message).into());
        };
        let line = by_product.entry(product).or_insert_with(|| cart_line::Model {
            id: selling.caller.ids.next(selling.caller.now),
            cart_id: cart.id,
            customer_id: cart.customer_id,
            product_id: product,
            quantity: 0,
            unit_minor,
        });
        line.quantity = line.quantity.saturating_add(more);
        line.unit_minor = unit_minor;
        check_quantity(line.quantity, &place.path(product, "quantity"))?;
        changed.push(line.clone());
    }
    check_size(by_product.values())?;
    check_held(transaction, selling, &before, &changed, |product| place.path(product, "quantity")).await?;
    // What belongs to a new cart is written behind it.
    open::save(transaction, selling, current.clone()).await?;
    keep(transaction, selling, (opened, cart), &changed, |product| place.path(product, "quantity")).await?;
    Ok(open::write_lines(transaction, &changed).await?)
}

async fn update(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    opened: &Opened,
    cart: cart::Model,
    wanted: &[(CartLineId, i64)],
    path: impl Fn(usize) -> String,
) -> Result<(), Rejection> {
    let mut by_id: HashMap<CartLineId, cart_line::Model> =
        open::lines(transaction, &[cart.id]).await?.into_iter().map(|line| (line.id, line)).collect();
    let before: Quantities = by_id.values().map(|line| (line.product_id, line.quantity)).collect();
    let mut asked = BTreeSet::new();
    for (at, (id, quantity)) in wanted.iter().enumerate() {
        let Some(line) = by_id.get_mut(id) else {
            let message = format!("The cart has no line `{id}`.");
            return Err(Refusal::new(Reason::NotFound, path(at), message).into());
        };
        asked.insert(*id);
        line.quantity = *quantity;
    }
    let changed: Vec<cart_line::Model> = asked.iter().filter_map(|id| by_id.get(id)).cloned().collect();
    let products: Vec<ProductId> = changed.iter().map(|line| line.product_id).collect();
    let prices = open::prices(transaction, &products).await?;
    let (mut kept, gone): (Vec<_>, Vec<_>) = changed.iter().cloned().partition(|line| line.quantity > 0);
    for line in &mut kept {
        // What is not sold in this currency any more keeps the price that was told.
        line.unit_minor = open::price_in(&prices, line.product_id, &cart.currency).unwrap_or(line.unit_minor);
        by_id.insert(line.id, line.clone());
    }
    check_size(by_id.values())?;
    let place = |product: ProductId| {
        let line = changed.iter().find(|line| line.product_id == product).map(|line| line.id);
        let at = wanted.iter().position(|(id, _)| Some(*id) == line).unwrap_or_default();
        format!("{}.quantity", path(at))
    };
    check_held(transaction, selling, &before, &changed, place).await?;
    keep(transaction, selling, (opened, &cart), &changed, place).await?;
    let gone: Vec<CartLineId> = gone.iter().map(|line| line.id).collect();
    open::delete_lines(transaction, &gone).await?;
    open::write_lines(transaction, &kept).await?;
    Ok(open::save(transaction, selling, Current::There(cart)).await?)
}

/// The cart, unless it is in another currency than the one that was said.
fn in_currency(cart: cart::Model, said: Option<Currency>) -> Result<cart::Model, Refusal> {
    if said.is_none_or(|said| said.code() == cart.currency) {
        return Ok(cart);
    }
    let message =
        format!("The cart is in {}; leave `currencyCode` out, or take its lines out before.", cart.currency);
    Err(Refusal::new(Reason::Conflict, "currencyCode", message))
}

/// Holds what changed lines want, or says of which there is not enough.
async fn keep(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    (opened, cart): (&Opened, &cart::Model),
    changed: &[cart_line::Model],
    path: impl Fn(ProductId) -> String,
) -> Result<(), Rejection> {
    let wanted: Quantities = changed.iter().map(|line| (line.product_id, line.quantity)).collect();
    let holder = Holder {
        cart: cart.id,
        customer: cart.customer_id,
        members: &opened.members,
        ids: selling.caller.ids,
        now: selling.caller.now,
        settings: selling.holds,
    };
    match holder.keep(transaction, &wanted).await? {
        Ok(()) => Ok(()),
        Err(Short { product, left }) => {
            let message = format!("There are {left} of `{product}` left.");
            Err(Refusal::out_of_stock(path(product), product, left, message).into())
        }
    }
}

/// Where products stand in what was asked for.
struct Places<'w>(&'w [(ProductId, i64)]);

impl Places<'_> {
    fn path(&self, product: ProductId, field: &str) -> String {
        let at = self.0.iter().position(|(id, _)| *id == product).unwrap_or_default();
        format!("lines.{at}.{field}")
    }
}
