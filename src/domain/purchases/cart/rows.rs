//! What is read of carts, their lines, codes and holds.

use std::collections::HashMap;

use entities::ids::{CartId, CartLineId, CustomerId, HoldId, ProductId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;

use crate::db::Db;
use crate::db::read::{Column, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::customers::store as customers;
use crate::domain::purchases::holds::HoldSettings;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::viewer::CustomerScope;

/// The cart of a customer.
#[derive(Clone, Debug, Default)]
pub struct Cart {
    pub id: CartId,
    pub customer_id: CustomerId,
    pub version: i64,
    pub currency: Currency,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Which of its versions was told, and which offers were in it, see [`crate::domain::purchases::cart::told`].
    pub told_version: Option<i64>,
    pub told_offers: Option<String>,
}

impl Row for Cart {
    const TABLE: &'static str = "carts";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("version", |row, cell| cell.read(&mut row.version)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("touchpoint_id", |row, cell| cell.read(&mut row.touchpoint_id)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
        Column::new("told_version", |row, cell| cell.read(&mut row.told_version)),
        Column::new("told_offers", |row, cell| cell.read(&mut row.told_offers)),
    ];
}

/// So many of one product.
#[derive(Clone, Debug, Default)]
pub struct CartLine {
    pub id: CartLineId,
    pub cart_id: CartId,
    pub product_id: ProductId,
    pub quantity: i64,
    pub unit_minor: i64,
}

impl Row for CartLine {
    const TABLE: &'static str = "cart_lines";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("cart_id", |row, cell| cell.read(&mut row.cart_id)),
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("quantity", |row, cell| cell.read(&mut row.quantity)),
        Column::new("unit_minor", |row, cell| cell.read(&mut row.unit_minor)),
    ];
}

/// A code that was entered.
#[derive(Clone, Debug, Default)]
pub struct CartCode {
    pub cart_id: CartId,
    pub code: String,
}

impl Row for CartCode {
    const TABLE: &'static str = "cart_codes";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("cart_id", |row, cell| cell.read(&mut row.cart_id)),
        Column::new("code", |row, cell| cell.read(&mut row.code)),
    ];
    const TIE: &'static str = "code";
}

/// What is held.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    pub id: HoldId,
    pub cart_id: CartId,
    pub product_id: ProductId,
    pub quantity: i64,
    pub expires_at: Timestamp,
}

impl Row for Hold {
    const TABLE: &'static str = "holds";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("cart_id", |row, cell| cell.read(&mut row.cart_id)),
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("quantity", |row, cell| cell.read(&mut row.quantity)),
        Column::new("expires_at", |row, cell| cell.read(&mut row.expires_at)),
    ];
}

/// For how long something has been held.
#[derive(Clone, Debug, Default)]
pub struct HoldSpan {
    pub product_id: ProductId,
    pub held_at: Timestamp,
    pub over_at: Timestamp,
}

impl Row for HoldSpan {
    const TABLE: &'static str = "hold_spans";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("held_at", |row, cell| cell.read(&mut row.held_at)),
        Column::new("over_at", |row, cell| cell.read(&mut row.over_at)),
    ];
    const TIE: &'static str = "product_id";
}

/// Until when customers may not hold products again, of which they are holding none, for having held them as long as
/// may be.
pub async fn holdable_at(
    db: &Db,
    (scope, settings, now): (CustomerScope, HoldSettings, Timestamp),
    customers: &[CustomerId],
    products: &[ProductId],
) -> Result<HashMap<(CustomerId, ProductId), Timestamp>> {
    if products.is_empty() {
        return Ok(HashMap::new());
    }
    let spans = Select::<HoldSpan>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any("product_id", products)
        .gt_or_null("over_at", now)
        .by_parent(db, "customer_id", customers)
        .await?;
    let mut joined: HashMap<(CustomerId, ProductId), HoldSpan> = HashMap::new();
    for (customer, spans) in spans {
        for span in spans {
            let known = joined.entry((customer, span.product_id)).or_insert_with(|| span.clone());
            known.held_at = known.held_at.min(span.held_at);
            known.over_at = known.over_at.max(span.over_at);
        }
    }
    let over = joined.into_iter().filter(|(_, span)| settings.is_over(span.held_at, now));
    Ok(over.map(|(key, span)| (key, span.over_at)).collect())
}

/// All carts of each of these customers, the one that was changed last first: there are several only between signing
/// in and merging them.
pub async fn carts_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<Cart>>> {
    let mut carts = Select::<Cart>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .by_parent(db, "customer_id", customers)
        .await?;
    for carts in carts.values_mut() {
        carts.sort_unstable_by_key(|cart| std::cmp::Reverse((cart.updated_at, cart.id)));
    }
    Ok(carts)
}

pub async fn carts_by_ids(db: &Db, scope: CustomerScope, ids: &[CartId]) -> Result<Vec<Cart>> {
    Select::<Cart>::of(Columns::ALL).scope("customer_id", scope, MERGING).any("id", ids).rows(db).await
}

/// Whether the customer of each of these carts has another one, in their order.
pub async fn with_others(db: &Db, scope: CustomerScope, carts: &[Cart]) -> Result<Vec<bool>> {
    let owners: Vec<CustomerId> = carts.iter().map(|cart| cart.customer_id).collect();
    let canonical = customers::by_ids(db, scope, &owners, Columns::NONE).await?;
    let customers: Vec<CustomerId> = canonical.values().map(|row| row.id).collect();
    let all = carts_by_customer_ids(db, scope, &customers).await?;
    let has_other =
        |owner| canonical.get(owner).and_then(|row| all.get(&row.id)).is_some_and(|of| of.len() > 1);
    Ok(owners.iter().map(has_other).collect())
}

/// What belongs to each cart: lines, codes, holds.
pub async fn of_carts<R: Row>(
    db: &Db,
    scope: CustomerScope,
    carts: &[CartId],
) -> Result<HashMap<CartId, Vec<R>>> {
    Select::<R>::of(Columns::ALL).scope("customer_id", scope, MERGING).by_parent(db, "cart_id", carts).await
}
