//! Making one cart of those that a customer has after signing in: the account's own, and the one begun before on a device
//! that nobody had signed in to. What changes is told.

use std::collections::BTreeMap;

use entities::ids::{CartId, CustomerId, DeviceId, ProductId};
use entities::timestamp::Timestamp;
use entities::{cart, cart_code, cart_line, device, hold};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::db::outbox;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::products::stock::{self, Quantities};
use crate::domain::purchases::cart::change::check_version;
use crate::domain::purchases::cart::limits::{MAX_CODES, check_held, check_quantity, check_size};
use crate::domain::purchases::cart::open::{self, Current, price_in};
use crate::domain::purchases::holds;
use crate::domain::purchases::selling::Selling;
use crate::kernel::error::Result;

/// What becomes of two carts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// What is in either, quantities added.
    Merge,
    /// The one that was begun on the device at hand.
    KeepMine,
    /// The other: that of the account.
    KeepTheirs,
}

/// A merge of the carts of a customer.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    /// Whose carts; absent: the caller's own.
    pub customer: Option<CustomerId>,
    /// The device that asks, if it has a token of its own.
    pub device: Option<DeviceId>,
    /// The version of the cart at hand that the caller has read; absent: whatever it is.
    pub version: Option<i64>,
    pub strategy: Strategy,
}

/// A line of the cart that was kept, or would have been, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChange {
    pub product: ProductId,
    /// How many there were in the cart that was kept.
    pub before: i64,
    pub after: i64,
    /// How many there were in the other.
    pub other: i64,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub customer: CustomerId,
    pub changes: Vec<LineChange>,
    /// Codes of the others that the cart does not have.
    pub dropped_codes: Vec<String>,
}

/// Makes one cart of all that the customer has. With one, or none, nothing is done.
pub async fn merge(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    wanted: &Merge,
) -> Result<Merged, Rejection> {
    let opened = open::lock(transaction, &selling.caller, wanted.customer).await?;
    check_version(wanted.version, opened.carts.first())?;
    let (customer, strategy) = (opened.customer, wanted.strategy);
    if opened.carts.len() < 2 {
        return Ok(Merged { customer, changes: Vec::new(), dropped_codes: Vec::new() });
    }
    let own_row = begun_by(transaction, wanted.device).await?;
    let (kept, others) = choose(opened.carts, customer, own_row, strategy);
    let ids: Vec<CartId> = others.iter().map(|cart| cart.id).collect();
    let all: Vec<CartId> = ids.iter().copied().chain([kept.id]).collect();
    let lines = open::lines(transaction, &all).await?;
    let held = holds::lock(transaction, &all).await?;
    let changes = match strategy {
        Strategy::Merge => unite(transaction, selling, &kept, &lines, &held).await?,
        Strategy::KeepMine | Strategy::KeepTheirs => {
            let of_others: Vec<&hold::Model> = held.iter().filter(|hold| hold.cart_id != kept.id).collect();
            stock::give_back(transaction, &holds::quantities(of_others.iter().copied())).await?;
            holds::end(transaction, &of_others, selling.caller.now).await?;
            report(&kept, &lines, |before, _| before)
        }
    };
    let dropped_codes = settle_codes(transaction, &kept, &all, strategy).await?;
    open::delete(transaction, &ids).await?;
    // Beyond the versions of both, so that who has read the one that goes does not take this one for it.
    let version = others.iter().map(|cart| cart.version).fold(kept.version, i64::max);
    let kept = Current::There(cart::Model { version, ..kept });
    open::save(transaction, selling, kept).await?;
    outbox::announce(transaction, [customer]).await?;
    Ok(Merged { customer, changes, dropped_codes })
}

/// The row of the customer that a device had before anybody signed in to it: what was begun there is that row's.
async fn begun_by(
    transaction: &impl ConnectionTrait,
    device: Option<DeviceId>,
) -> Result<Option<CustomerId>> {
    let Some(device) = device else { return Ok(None) };
    Ok(device::Entity::find_by_id(device).one(transaction).await?.map(|row| row.customer_id))
}

/// The cart that stays, and the others, of two or more of which the one that was changed last is first.
///
/// The one at hand is that of the device that asks; of who has no device's token, the last that is not the account's own.
/// The account's is the other: its own if there is one, else what was begun on another device before.
fn choose(
    mut carts: Vec<cart::Model>,
    account: CustomerId,
    own_row: Option<CustomerId>,
    strategy: Strategy,
) -> (cart::Model, Vec<cart::Model>) {
    let place = |is_it: &dyn Fn(&cart::Model) -> bool| carts.iter().position(is_it);
    let of_account = place(&|cart| cart.customer_id == account);
    let at_hand = own_row.and_then(|row| place(&|cart| cart.customer_id == row));
    let at_hand = at_hand.or_else(|| place(&|cart| cart.customer_id != account)).unwrap_or_default();
    let other = usize::from(at_hand == 0);
    let at = match strategy {
        Strategy::KeepMine => at_hand,
        Strategy::KeepTheirs => of_account.filter(|at| *at != at_hand).unwrap_or(other),
        Strategy::Merge => of_account.unwrap_or(other),
    };
    let kept = carts.remove(at);
    (kept, carts)
}

/// How many of each product there are in the cart that is kept, and in the others.
fn numbers(kept: &cart::Model, lines: &[cart_line::Model]) -> BTreeMap<ProductId, (i64, i64)> {
    let mut numbers: BTreeMap<ProductId, (i64, i64)> = BTreeMap::new();
    for line in lines {
        let (before, other) = numbers.entry(line.product_id).or_default();
        *(if line.cart_id == kept.id { before } else { other }) += line.quantity;
    }
    numbers
}

/// How many of each product there are in the cart that has most of it.
fn most_of_each(lines: &[cart_line::Model]) -> Quantities {
    let mut most = Quantities::new();
    for line in lines {
        let number = most.entry(line.product_id).or_default();
        *number = line.quantity.max(*number);
    }
    most
}

fn report(
    kept: &cart::Model,
    lines: &[cart_line::Model],
    after: impl Fn(i64, i64) -> i64,
) -> Vec<LineChange> {
    let change = |(product, (before, other)): (ProductId, (i64, i64))| LineChange {
        product,
        before,
        after: after(before, other),
        other,
    };
    let changes = numbers(kept, lines).into_iter().map(change);
    changes.filter(|change| change.other > 0).collect()
}

/// Puts what is in the others into the cart that is kept; what is held for them is held for it. Products that are not
/// sold in its currency are left out.
async fn unite(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    kept: &cart::Model,
    lines: &[cart_line::Model],
    held: &[hold::Model],
) -> Result<Vec<LineChange>, Rejection> {
    let products: Vec<ProductId> = numbers(kept, lines).into_keys().collect();
    let prices = open::prices(transaction, &products).await?;
    let is_sold = |product: ProductId| price_in(&prices, product, &kept.currency).is_some();
    let changes: Vec<LineChange> = report(kept, lines, |before, other| before + other)
        .into_iter()
        .map(|change| match is_sold(change.product) {
            true => change,
            false => LineChange { after: change.before, ..change },
        })
        .collect();
    let mut written = Vec::new();
    for change in changes.iter().filter(|change| change.after != change.before) {
        let own = lines.iter().find(|line| line.cart_id == kept.id && line.product_id == change.product);
        let Some(line) = own.or_else(|| lines.iter().find(|line| line.product_id == change.product)) else {
            continue;
        };
        let unit_minor = price_in(&prices, change.product, &kept.currency).unwrap_or(line.unit_minor);
        check_quantity(change.after, "strategy")
            .map_err(|refusal| Refusal { reason: Reason::LimitReached, ..refusal })?;
        written.push(cart_line::Model { quantity: change.after, unit_minor, ..line.clone() });
    }
    let own = lines.iter().filter(|line| line.cart_id == kept.id);
    let is_written = |line: &&cart_line::Model| written.iter().any(|new| new.product_id == line.product_id);
    let united: Vec<&cart_line::Model> = own.filter(|line| !is_written(line)).chain(&written).collect();
    check_size(united.into_iter()).map_err(|refusal| Refusal { path: "strategy".to_owned(), ..refusal })?;
    let most = most_of_each(lines);
    check_held(transaction, selling, &most, &written, |_| "strategy".to_owned()).await?;
    move_holds(transaction, selling.caller.now, kept, held, &is_sold).await?;
    // A line of another cart becomes one of this.
    let moved: Vec<_> = written.iter().filter(|line| line.cart_id != kept.id).map(|line| line.id).collect();
    open::delete_lines(transaction, &moved).await?;
    let (cart_id, customer_id) = (kept.id, kept.customer_id);
    let written: Vec<_> =
        written.into_iter().map(|line| cart_line::Model { cart_id, customer_id, ..line }).collect();
    open::write_lines(transaction, &written).await?;
    Ok(changes)
}

async fn move_holds(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    kept: &cart::Model,
    held: &[hold::Model],
    is_sold: &(impl Fn(ProductId) -> bool + Sync),
) -> Result<()> {
    let others: Vec<&hold::Model> = held.iter().filter(|hold| hold.cart_id != kept.id).collect();
    let (moved, dropped): (Vec<&hold::Model>, Vec<&hold::Model>) =
        others.iter().copied().partition(|hold| is_sold(hold.product_id));
    stock::give_back(transaction, &holds::quantities(dropped)).await?;
    holds::end(transaction, &others, now).await?;
    let mut sums: BTreeMap<ProductId, hold::Model> = BTreeMap::new();
    for hold in held.iter().filter(|hold| hold.cart_id == kept.id).chain(moved.iter().copied()) {
        sums.entry(hold.product_id)
            .and_modify(|sum| {
                sum.quantity += hold.quantity;
                sum.held_at = sum.held_at.min(hold.held_at);
                sum.expires_at = sum.expires_at.min(hold.expires_at);
            })
            .or_insert_with(|| hold::Model {
                cart_id: kept.id,
                customer_id: kept.customer_id,
                ..hold.clone()
            });
    }
    let is_moved = |hold: &hold::Model| moved.iter().any(|moved| moved.product_id == hold.product_id);
    holds::write(transaction, sums.into_values().filter(is_moved).collect()).await
}

/// Gives the cart that is kept the codes of the others too if they are united, its own first; those that it does not get.
async fn settle_codes(
    transaction: &impl ConnectionTrait,
    kept: &cart::Model,
    all: &[CartId],
    strategy: Strategy,
) -> Result<Vec<String>> {
    let rows = cart_code::Entity::find()
        .filter(cart_code::Column::CartId.is_in(all.iter().copied()))
        .order_by_asc(cart_code::Column::Code)
        .all(transaction)
        .await?;
    let (own, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.cart_id == kept.id);
    let mut codes: Vec<String> = own.into_iter().map(|row| row.code).collect();
    let room = if strategy == Strategy::Merge { MAX_CODES } else { codes.len() };
    let mut dropped = Vec::new();
    for code in others.into_iter().map(|row| row.code) {
        if codes.contains(&code) || dropped.contains(&code) {
            continue;
        }
        if codes.len() < room { &mut codes } else { &mut dropped }.push(code);
    }
    open::write_codes(transaction, kept, &codes).await?;
    Ok(dropped)
}
