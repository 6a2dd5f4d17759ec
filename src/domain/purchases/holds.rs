//! Holds: what is taken off the stock for a cart while its customer makes up their mind. Whoever deletes a hold gives
//! back what it held: the cart that lets go of it, the checkout that turns it into a sale, or the sweep once it ran out.

use std::collections::BTreeMap;

use entities::hold::{Column, Entity, Model};
use entities::ids::{CartId, CustomerId, HoldId, Id, ProductId};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::{Db, outbox, overdue};
use crate::domain::products::stock::{self, Quantities, Short};
use crate::domain::purchases::spans;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Holds that one transaction sweeps away.
const CHUNK: u64 = 500;
const MINUTE: i64 = 60_000;
/// For how long something is held, unless settings say another.
pub const DEFAULT_MINUTES: u32 = 15;
/// The longest that anything is held without a break, however often the cart is changed.
pub const MOST_MINUTES: u32 = 120;

const EXTENDED: &str = r#"ON CONFLICT ("cart_id", "product_id") DO UPDATE SET
    "quantity" = excluded."quantity", "held_at" = excluded."held_at", "expires_at" = excluded."expires_at""#;

/// For how long things are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldSettings {
    /// From a change of the cart on.
    pub minutes: u32,
    /// Without a break.
    pub most_minutes: u32,
}

impl Default for HoldSettings {
    fn default() -> Self {
        Self { minutes: DEFAULT_MINUTES, most_minutes: MOST_MINUTES }
    }
}

impl HoldSettings {
    fn expiry(self, held_at: Timestamp, now: Timestamp) -> Timestamp {
        let soon = Timestamp(now.millis() + i64::from(self.minutes) * MINUTE);
        soon.min(self.latest(held_at))
    }

    /// Until when at most something is held that was held since then.
    fn latest(self, held_at: Timestamp) -> Timestamp {
        Timestamp(held_at.millis() + i64::from(self.most_minutes) * MINUTE)
    }

    /// Whether something has been held as long as it may.
    pub fn is_over(self, held_at: Timestamp, now: Timestamp) -> bool {
        self.latest(held_at) <= now
    }
}

/// A cart for which something is held.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    pub cart: CartId,
    pub customer: CustomerId,
    /// All rows of the customer.
    pub members: &'a [CustomerId],
    pub ids: &'a Ids,
    pub now: Timestamp,
    pub settings: HoldSettings,
}

/// The holds of carts, which nobody else gives back until the transaction ends.
pub async fn lock(transaction: &impl ConnectionTrait, carts: &[CartId]) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(is_any_id(transaction, "cart_id", carts.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(transaction)
        .await?)
}

impl Holder<'_> {
    /// Holds so many of each of these products from now on, all lines of the cart together; none lets go of it. Of
    /// products without end nothing is held, nor of what the customer has held as long as it may.
    pub async fn keep(
        &self,
        transaction: &impl ConnectionTrait,
        wanted: &Quantities,
    ) -> Result<Result<(), Short>> {
        let held: BTreeMap<ProductId, Model> =
            lock(transaction, &[self.cart]).await?.into_iter().map(|hold| (hold.product_id, hold)).collect();
        let since = self.since(transaction, &held, wanted).await?;
        let since = |product: &ProductId| since.get(product).copied().unwrap_or(self.now);
        let allowed = |(product, number): (&ProductId, &i64)| {
            (*product, if self.settings.is_over(since(product), self.now) { 0 } else { *number })
        };
        let wanted: Quantities = wanted.iter().map(allowed).collect();
        let before = |product: &ProductId| held.get(product).map_or(0, |hold| hold.quantity);
        let changes: Quantities =
            wanted.iter().map(|(product, number)| (*product, number - before(product))).collect();
        let counted = match stock::shift(transaction, &changes).await? {
            Ok(counted) => counted,
            Err(short) => {
                // What the cart holds already is its own.
                return Ok(Err(Short { left: short.left + before(&short.product), ..short }));
            }
        };
        // Of what has no end any more, a hold stands for what was taken of it while it had one.
        let taken = |product: &ProductId, number: i64| match counted.contains(product) {
            true => number,
            false => number.min(before(product)),
        };
        let kept: Quantities = wanted
            .iter()
            .map(|(product, number)| (*product, taken(product, *number)))
            .filter(|(_, number)| *number > 0)
            .collect();
        let ended = wanted.keys().filter(|product| !kept.contains_key(product));
        let ended: Vec<&Model> = ended.filter_map(|product| held.get(product)).collect();
        end(transaction, &ended, self.now).await?;
        let kept = kept.iter().map(|(product, quantity)| Model {
            id: self.ids.next(self.now),
            cart_id: self.cart,
            product_id: *product,
            customer_id: self.customer,
            quantity: *quantity,
            held_at: since(product),
            expires_at: self.settings.expiry(since(product), self.now),
        });
        write(transaction, kept.collect()).await?;
        Ok(Ok(()))
    }

    /// Since when what is wanted of products has been held without a break that counts.
    async fn since(
        &self,
        transaction: &impl ConnectionTrait,
        held: &BTreeMap<ProductId, Model>,
        wanted: &Quantities,
    ) -> Result<BTreeMap<ProductId, Timestamp>> {
        let products = || wanted.iter().filter(|(_, number)| **number > 0).map(|(product, _)| *product);
        if products().next().is_none() {
            return Ok(BTreeMap::new());
        }
        let spans = spans::open(transaction, self.members, products(), self.now).await?;
        let mut since: BTreeMap<ProductId, Timestamp> =
            held.iter().map(|(product, hold)| (*product, hold.held_at)).collect();
        for (product, span) in spans {
            let held_at = since.entry(product).or_insert(span.held_at);
            *held_at = span.held_at.min(*held_at);
        }
        Ok(since)
    }
}

/// Writes holds, each the only one of its cart and product, in the order of products.
pub async fn write(transaction: &impl ConnectionTrait, holds: Vec<Model>) -> Result<()> {
    ColumnarInsert::into("holds", holds.len())
        .uuids("id", holds.iter().map(|hold| hold.id.uuid()))
        .uuids("cart_id", holds.iter().map(|hold| hold.cart_id.uuid()))
        .uuids("product_id", holds.iter().map(|hold| hold.product_id.uuid()))
        .uuids("customer_id", holds.iter().map(|hold| hold.customer_id.uuid()))
        .integers("quantity", holds.iter().map(|hold| hold.quantity))
        .integers("held_at", holds.iter().map(|hold| hold.held_at.millis()))
        .integers("expires_at", holds.iter().map(|hold| hold.expires_at.millis()))
        .on_conflict(EXTENDED)
        .run(transaction)
        .await?;
    Ok(())
}

/// What holds hold of each product.
pub fn quantities<'h>(holds: impl IntoIterator<Item = &'h Model>) -> Quantities {
    let mut quantities = Quantities::new();
    for hold in holds {
        *quantities.entry(hold.product_id).or_default() += hold.quantity;
    }
    quantities
}

/// Ends holds that are locked; what they held is the caller's to give back, before this.
pub async fn end(transaction: &impl ConnectionTrait, holds: &[&Model], now: Timestamp) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let ids = holds.iter().map(|hold| hold.id.uuid());
    Entity::delete_many().filter(is_any_id(transaction, "id", ids)).exec(transaction).await?;
    spans::leave(transaction, holds.iter().map(|hold| spans::of_hold(hold, now))).await
}

/// Gives back what of the holds ran out; whether there may be more. Every replica does it: what one of them gives
/// back, or a cart takes over at this moment, the others pass over.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<bool> {
    let over = overdue::ended::<Entity>(db, Column::ExpiresAt, now, CHUNK).await?;
    let is_full = over.len() as u64 == CHUNK;
    match give_back(db, now, &over).await {
        Ok(()) => Ok(is_full),
        Err(error) if error.is_passing() => Err(error),
        Err(_) => Ok(give_back_each(db, now, &over).await > 0 && is_full),
    }
}

/// The same one by one, since one of them cannot be given back and the others should not wait for it; how many were.
async fn give_back_each(db: &Db, now: Timestamp, over: &[HoldId]) -> usize {
    let mut given_back = 0;
    for hold in over {
        match give_back(db, now, &[*hold]).await {
            Ok(()) => given_back += 1,
            Err(error) => tracing::error!(%hold, %error, "a hold that ran out cannot be given back"),
        }
    }
    given_back
}

async fn give_back(db: &Db, now: Timestamp, over: &[HoldId]) -> Result<()> {
    // Most of the time there are none; then nothing is locked.
    if over.is_empty() {
        return Ok(());
    }
    db.write(async |transaction| {
        let holds: Vec<Model> = Entity::find()
            .filter(is_any_id(transaction, "id", over.iter().map(|id| id.uuid())))
            .filter(Column::ExpiresAt.lte(now))
            .order_by_asc(Column::Id)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(transaction)
            .await?;
        stock::give_back(transaction, &quantities(&holds)).await?;
        end(transaction, &holds.iter().collect::<Vec<_>>(), now).await?;
        outbox::announce(transaction, holds.iter().map(|hold| hold.customer_id)).await
    })
    .await
}
