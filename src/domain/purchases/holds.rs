//! Holds: what is taken off the stock for a cart while its customer makes up their mind. Whoever deletes a hold gives
//! back what it held: the cart that lets go of it, the checkout that turns it into a sale, or the sweep once it ran out.

use std::collections::BTreeMap;

use entities::hold::{Column, Entity, Model};
use entities::ids::{CartId, CustomerId, HoldId, Id, ProductId};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::{Db, outbox};
use crate::domain::products::stock::{self, Quantities, Short};
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
    "quantity" = excluded."quantity", "expires_at" = excluded."expires_at""#;

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
        let after = |from: Timestamp, minutes: u32| Timestamp(from.millis() + i64::from(minutes) * MINUTE);
        after(now, self.minutes).min(after(held_at, self.most_minutes))
    }
}

/// A cart for which something is held.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    pub cart: CartId,
    pub customer: CustomerId,
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
    /// products without end nothing is held.
    pub async fn keep(
        &self,
        transaction: &impl ConnectionTrait,
        wanted: &Quantities,
    ) -> Result<Result<(), Short>> {
        let held: BTreeMap<ProductId, Model> =
            lock(transaction, &[self.cart]).await?.into_iter().map(|hold| (hold.product_id, hold)).collect();
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
        let ended: Vec<HoldId> = ended.filter_map(|product| held.get(product)).map(|hold| hold.id).collect();
        delete(transaction, &ended).await?;
        let since = |product: &ProductId| held.get(product).map_or(self.now, |hold| hold.held_at);
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

/// Deletes holds that are locked; what they held is the caller's to give back.
pub async fn delete(transaction: &impl ConnectionTrait, holds: &[HoldId]) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let ids = holds.iter().map(|id| id.uuid());
    Entity::delete_many().filter(is_any_id(transaction, "id", ids)).exec(transaction).await?;
    Ok(())
}

/// Gives back what of the holds ran out; whether there may be more. Every replica does it: what one of them gives
/// back, or a cart takes over at this moment, the others pass over.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<bool> {
    let over = Entity::find()
        .filter(Column::ExpiresAt.lte(now))
        .order_by_asc(Column::ExpiresAt)
        .order_by_asc(Column::Id);
    // Most of the time there are none; then nothing is locked.
    if over.clone().limit(1).one(db.connection()).await?.is_none() {
        return Ok(false);
    }
    db.write(async |transaction| {
        let holds: Vec<Model> = over
            .clone()
            .limit(CHUNK)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(transaction)
            .await?;
        let ids: Vec<HoldId> = holds.iter().map(|hold| hold.id).collect();
        delete(transaction, &ids).await?;
        stock::give_back(transaction, &quantities(&holds)).await?;
        outbox::announce(transaction, holds.iter().map(|hold| hold.customer_id)).await?;
        Ok(holds.len() as u64 == CHUNK)
    })
    .await
}
