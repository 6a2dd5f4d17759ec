//! Which offers apply by themselves in a cart is written down when whoever changed it is told, so that one that is gone
//! later, be it over, used up or not meant for the customer any more, does not vanish without a word.

use entities::cart::{Column, Entity};
use entities::ids::OfferId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::db::Db;
use crate::domain::purchases::cart::rows::Cart;
use crate::domain::purchases::cart::view::{CartView, DiscountView};
use crate::domain::purchases::cart::warnings::Warning;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Money;

/// An offer that took so much off, in minor units.
type Told = (OfferId, i64);

/// Writes down what is told of a cart, unless it is written, or was changed meanwhile.
pub async fn remember(db: &Db, view: &CartView) -> Result<()> {
    let cart = &view.cart;
    let told: Vec<Told> = by_themselves(&view.discounts).collect();
    if told == of(cart)? {
        return Ok(());
    }
    let pairs: Vec<(String, i64)> = told.iter().map(|(offer, minor)| (offer.to_string(), *minor)).collect();
    let text = serde_json::to_string(&pairs).map_err(Error::internal)?;
    db.write(async |transaction| {
        Entity::update_many()
            .col_expr(Column::ToldVersion, Expr::value(cart.version))
            .col_expr(Column::ToldOffers, Expr::value(text))
            .filter(Column::Id.eq(cart.id))
            .filter(Column::Version.eq(cart.version))
            .exec(transaction)
            .await?;
        Ok(())
    })
    .await
}

/// What of that does not apply any more.
pub fn gone(cart: &Cart, discounts: &[DiscountView]) -> Result<Vec<Warning>> {
    let still = |told: &Told| by_themselves(discounts).any(|(offer, _)| offer == told.0);
    let gone = of(cart)?.into_iter().filter(|told| !still(told));
    Ok(gone.map(|(offer, minor)| Warning::of_offer(offer, Money::new(minor, cart.currency))).collect())
}

/// Those without a code: a code that takes nothing off has a warning of its own.
fn by_themselves(discounts: &[DiscountView]) -> impl Iterator<Item = Told> {
    let automatic = discounts.iter().filter(|discount| discount.code.is_none());
    automatic.map(|discount| (discount.offer, discount.amount_minor))
}

/// What was told of the cart as it is; nothing, if it was changed since.
fn of(cart: &Cart) -> Result<Vec<Told>> {
    let Some(text) = cart.told_offers.as_ref().filter(|_| cart.told_version == Some(cart.version)) else {
        return Ok(Vec::new());
    };
    let pairs: Vec<(String, i64)> = serde_json::from_str(text).map_err(Error::internal)?;
    pairs.into_iter().map(|(offer, minor)| Ok((offer.parse().map_err(Error::internal)?, minor))).collect()
}
