//! The open cart of a customer within a transaction: found under the lock of the customer, and written.

use std::collections::HashMap;

use entities::cart::{ActiveModel, Column, Entity, Model};
use entities::ids::{CartId, CartLineId, CustomerId, Id, ProductId};
use entities::{cart_code, cart_line, product, product_price};
use sea_orm::sea_query::{Expr, UnionType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set, Unchanged,
};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::domain::customers::caller::Caller;
use crate::domain::customers::family;
use crate::domain::customers::rejection::Rejection;
use crate::domain::purchases::selling::Selling;
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};

const CHANGED: &str = r#"ON CONFLICT ("id") DO UPDATE SET
    "quantity" = excluded."quantity", "unit_minor" = excluded."unit_minor""#;

/// A customer whose carts nobody else changes until the transaction ends.
#[derive(Debug)]
pub struct Opened {
    /// Who they turned out to be.
    pub customer: CustomerId,
    /// All rows of the customer, sorted.
    pub members: Vec<CustomerId>,
    /// The one that was changed last first.
    pub carts: Vec<Model>,
}

/// Locks the customer who is meant, and reads their carts.
pub async fn lock(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    named: Option<CustomerId>,
) -> Result<Opened, Rejection> {
    let customer = caller.must_mean(transaction, named).await?;
    family::lock_living(transaction, [customer]).await?;
    caller.still_means(transaction, named, customer).await?;
    let members = family::family(transaction, customer).await?;
    let carts = Entity::find()
        .filter(is_any_id(transaction, "customer_id", members.iter().map(|id| id.uuid())))
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .all(transaction)
        .await?;
    Ok(Opened { customer, members, carts })
}

/// A cart within the transaction that changes it.
#[derive(Clone, Debug)]
pub enum Current {
    /// Begun by this change, and not written yet.
    New(Model),
    There(Model),
}

impl Current {
    pub fn row(&self) -> &Model {
        match self {
            Self::New(cart) | Self::There(cart) => cart,
        }
    }
}

/// The version that a cart begins with: some number from 1 to 2³⁰ by the random part of its id. So who has read the cart
/// before it does not take it for that one, and there are as many again to count on.
fn first_version(id: CartId) -> i64 {
    let bits = id.uuid().as_u128() & ((1 << 30) - 1);
    bits as i64 + 1
}

/// A cart that is not written yet.
pub fn begin(selling: &Selling<'_>, customer: CustomerId, currency: Currency) -> Model {
    let (ids, now) = (selling.caller.ids, selling.caller.now);
    let id = ids.next(now);
    Model {
        id,
        customer_id: customer,
        version: first_version(id),
        currency: currency.code().to_owned(),
        channel: selling.place.channel,
        touchpoint_id: selling.place.touchpoint,
        created_at: now,
        updated_at: now,
        told_version: None,
        told_offers: None,
    }
}

/// Writes that the cart was changed: a new one as it is, with its first version.
pub async fn save(transaction: &impl ConnectionTrait, selling: &Selling<'_>, cart: Current) -> Result<()> {
    let cart = match cart {
        Current::There(cart) => cart,
        Current::New(cart) => {
            cart.into_active_model().reset_all().insert(transaction).await?;
            return Ok(());
        }
    };
    let changed = ActiveModel {
        id: Unchanged(cart.id),
        version: Set(cart.version + 1),
        currency: Set(cart.currency),
        channel: Set(selling.place.channel),
        touchpoint_id: Set(selling.place.touchpoint),
        updated_at: Set(selling.caller.now),
        ..Default::default()
    };
    changed.update(transaction).await?;
    Ok(())
}

/// The lines of carts, oldest first.
pub async fn lines(transaction: &impl ConnectionTrait, carts: &[CartId]) -> Result<Vec<cart_line::Model>> {
    Ok(cart_line::Entity::find()
        .filter(is_any_id(transaction, "cart_id", carts.iter().map(|id| id.uuid())))
        .order_by_asc(cart_line::Column::Id)
        .all(transaction)
        .await?)
}

/// Writes lines, new ones and those that were changed.
pub async fn write_lines(transaction: &impl ConnectionTrait, lines: &[cart_line::Model]) -> Result<()> {
    ColumnarInsert::into("cart_lines", lines.len())
        .uuids("id", lines.iter().map(|line| line.id.uuid()))
        .uuids("cart_id", lines.iter().map(|line| line.cart_id.uuid()))
        .uuids("customer_id", lines.iter().map(|line| line.customer_id.uuid()))
        .uuids("product_id", lines.iter().map(|line| line.product_id.uuid()))
        .integers("quantity", lines.iter().map(|line| line.quantity))
        .integers("unit_minor", lines.iter().map(|line| line.unit_minor))
        .on_conflict(CHANGED)
        .run(transaction)
        .await?;
    Ok(())
}

pub async fn delete_lines(transaction: &impl ConnectionTrait, lines: &[CartLineId]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let ids = lines.iter().map(|id| id.uuid());
    cart_line::Entity::delete_many().filter(is_any_id(transaction, "id", ids)).exec(transaction).await?;
    Ok(())
}

/// The codes in these are the codes of the cart from now on.
pub async fn write_codes(transaction: &impl ConnectionTrait, cart: &Model, codes: &[String]) -> Result<()> {
    cart_code::Entity::delete_many().filter(cart_code::Column::CartId.eq(cart.id)).exec(transaction).await?;
    ColumnarInsert::into("cart_codes", codes.len())
        .uuids("cart_id", codes.iter().map(|_| cart.id.uuid()))
        .uuids("customer_id", codes.iter().map(|_| cart.customer_id.uuid()))
        .texts("code", codes.iter().cloned())
        .run(transaction)
        .await?;
    Ok(())
}

/// Deletes carts with all that belongs to them but their holds, which are somebody's to give back before.
pub async fn delete(transaction: &impl ConnectionTrait, carts: &[CartId]) -> Result<()> {
    if carts.is_empty() {
        return Ok(());
    }
    let ids = || carts.iter().map(|id| id.uuid());
    let of_carts = is_any_id(transaction, "cart_id", ids());
    cart_code::Entity::delete_many().filter(of_carts.clone()).exec(transaction).await?;
    cart_line::Entity::delete_many().filter(of_carts).exec(transaction).await?;
    Entity::delete_many().filter(is_any_id(transaction, "id", ids())).exec(transaction).await?;
    Ok(())
}

/// What each of these products costs, in all its currencies, the first one first; none of a product that is not there.
/// One statement, so that it is of one moment.
pub async fn prices(
    transaction: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<Money>>> {
    let ids = || products.iter().map(|id| id.uuid());
    let mut all = product::Entity::find()
        .select_only()
        .columns([product::Column::Id, product::Column::PriceMinor, product::Column::Currency])
        .expr_as(Expr::val(0_i32), "place")
        .filter(is_any_id(transaction, "id", ids()));
    let others = product_price::Entity::find()
        .select_only()
        .column_as(product_price::Column::ProductId, "id")
        .columns([product_price::Column::PriceMinor, product_price::Column::Currency])
        .expr_as(Expr::val(1_i32), "place")
        .filter(is_any_id(transaction, "product_id", ids()));
    QuerySelect::query(&mut all).union(UnionType::All, others.into_query());
    let mut rows: Vec<(ProductId, i64, String, i32)> = all.into_tuple().all(transaction).await?;
    rows.sort_by_key(|(_, _, _, place)| *place);
    let mut prices: HashMap<ProductId, Vec<Money>> = HashMap::new();
    for (product, minor, code, _) in rows {
        let money = Currency::parse(&code).map(|currency| Money::new(minor, currency));
        prices.entry(product).or_default().extend(money);
    }
    Ok(prices)
}

/// What one of a product costs in a currency, if it is sold in it.
pub fn price_in(prices: &HashMap<ProductId, Vec<Money>>, product: ProductId, currency: &str) -> Option<i64> {
    let price = prices.get(&product)?.iter().find(|price| price.currency.code() == currency);
    price.map(|price| price.minor)
}
