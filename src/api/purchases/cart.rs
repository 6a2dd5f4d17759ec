//! The field tables of carts, and how they are loaded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use entities::ids::{CartId, CustomerId};

use crate::api::customers::batches::CustomerById;
use crate::api::customers::types::Customer;
use crate::api::enums::Channel;
use crate::api::money::Money;
use crate::api::purchases::cart_line::{CartLine, LineRow};
use crate::api::purchases::cart_warnings::CartWarning;
use crate::api::purchases::discount::{self, Discount};
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::domain::purchases::cart::promotions::Pricing;
use crate::domain::purchases::cart::rows::{self, carts_by_customer_ids, carts_by_ids, with_others};
use crate::domain::purchases::cart::view::{CartView, read};
use crate::graph::{Batch, EnumLeaf, FieldTable, GraphType, Identifier, Want};
use crate::kernel::error::Result;
use crate::kernel::money;

/// What is this customer about to buy?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CartOf(pub CustomerId);

/// Which cart has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CartById(pub CartId);

impl Batch<CartOf> for Reads {
    type Arguments = ();
    type Value = Arc<CartView>;

    async fn load(&self, keys: &[CartOf], _: Want<'_, ()>) -> Result<HashMap<CartOf, Arc<CartView>>> {
        let customers: Vec<CustomerId> = keys.iter().map(|key| key.0).collect();
        let mut owned = HashMap::new();
        let mut carts = Vec::new();
        for (customer, of_customer) in carts_by_customer_ids(&self.db, self.scope(), &customers).await? {
            let has_other = of_customer.len() > 1;
            if let Some(cart) = of_customer.into_iter().next() {
                owned.insert(cart.id, customer);
                carts.push((cart, has_other));
            }
        }
        let views = self.views(carts).await?.into_iter();
        Ok(views.filter_map(|(id, view)| Some((CartOf(*owned.get(&id)?), view))).collect())
    }
}

impl Batch<CartById> for Reads {
    type Arguments = ();
    type Value = Arc<CartView>;

    async fn load(&self, keys: &[CartById], _: Want<'_, ()>) -> Result<HashMap<CartById, Arc<CartView>>> {
        let ids: Vec<CartId> = keys.iter().map(|key| key.0).collect();
        let carts = carts_by_ids(&self.db, self.scope(), &ids).await?;
        let others = with_others(&self.db, self.scope(), &carts).await?;
        let views = self.views(carts.into_iter().zip(others).collect()).await?;
        Ok(views.into_iter().map(|(id, view)| (CartById(id), view)).collect())
    }
}

impl Reads {
    /// What carts are priced with for who asks, where they ask.
    pub(super) async fn pricing(&self) -> Result<Pricing<'_>> {
        Ok(Pricing {
            db: &self.db,
            scope: self.scope(),
            facts: &self.facts,
            deciding: &self.services.deciding,
            segments: self.services.ingest.segments.catalogue.current(),
            place: self.place(None).await?,
            holds: self.services.holds,
            now: self.clock.now(),
        })
    }

    async fn views(&self, carts: Vec<(rows::Cart, bool)>) -> Result<HashMap<CartId, Arc<CartView>>> {
        if carts.is_empty() {
            return Ok(HashMap::new());
        }
        let pricing = self.pricing().await?;
        // Boxed: it lies below every root that shows a customer.
        Box::pin(read(&pricing, carts)).await
    }
}

/// What a customer is about to buy.
pub struct Cart;

impl GraphType for Cart {
    type Row = Arc<CartView>;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Cart".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer is about to buy: one cart for all devices, priced here and now. It is gone when it is checked \
         out; what was bought is a purchase."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The cart's id: `crt_…`.", &[], |row| Identifier(row.cart.id));
        t.calc(
            "version",
            "Counts changes. Send it with the next change: if another device was quicker you are told, and get the \
             cart as it is now.",
            &[],
            |row| count(row.cart.version),
        );
        t.leaf("currencyCode", "In what it is paid, ISO 4217: `EUR`.", &[], |row| &row.cart.currency);
        t.calc("channel", "Through which channel it was last changed.", &[], |row| {
            EnumLeaf(Channel::from(row.cart.channel))
        });
        t.link::<Customer, _>("customer", "Whose it is.", &[], |row| CustomerById(row.customer));
        t.embed::<Vec<CartLine>>("lines", "What is in it, in the order in which it was added.", &[], |row| {
            (0..row.lines.len()).map(|at| LineRow { cart: Arc::clone(row), at }).collect()
        });
        t.calc(
            "codes",
            "The codes that were entered, in capital letters; those that take nothing off have a warning.",
            &[],
            |row| row.codes.clone(),
        );
        t.embed::<Vec<Discount>>(
            "discounts",
            "What is taken off, and by which offers, in the order in which they apply.",
            &[],
            |row| {
                let off = row.discounts.iter();
                off.map(|discount| discount::of_cart(row, discount.offer, discount.amount_minor)).collect()
            },
        );
        t.embed::<Money>("subtotal", "What all lines cost before discounts.", &[], |row| {
            money::Money::new(row.subtotal_minor, row.cart.currency)
        });
        t.embed::<Money>("totalDiscount", "What is taken off in all: in sum the `discounts`.", &[], |row| {
            money::Money::new(row.subtotal_minor.saturating_sub(row.total_minor), row.cart.currency)
        });
        t.embed::<Money>("total", "What is to be paid, discounts taken off.", &[], |row| {
            money::Money::new(row.total_minor, row.cart.currency)
        });
        t.leaf(
            "holdsExpireAt",
            "Until when all that is held for the cart is held: show it as a countdown. A change of a line holds that line \
             anew; null when nothing in it is of a limited number.",
            &[],
            |row| &row.holds_expire_at,
        );
        t.embed::<Vec<CartWarning>>(
            "warnings",
            "What the customer should be told before paying; empty when all is as it was.",
            &[],
            |row| row.warnings.clone(),
        );
        t.leaf("createdAt", "When it was begun.", &[], |row| &row.cart.created_at);
        t.leaf("updatedAt", "When it was last changed.", &[], |row| &row.cart.updated_at);
    }
}
