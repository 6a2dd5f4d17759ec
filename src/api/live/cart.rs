//! The root field `cartChanged`: one event of it is read like `Customer.cart`.

use std::slice;
use std::sync::Arc;

use async_graphql::{ID, InputObject};

use crate::api::live::shown::Shown;
use crate::api::live::watched;
use crate::api::purchases::cart::{Cart, CartOf};
use crate::api::reads::Reads;
use crate::domain::purchases::cart::view::CartView;
use crate::graph::roots::RootFields;
use crate::graph::{Batch, Batched, Input, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;

#[derive(Clone, Debug, InputObject)]
pub struct CartChangedArguments {
    /// Whose it is: `cus_…`. Without it the customer for whom the token speaks.
    pub customer_id: Option<ID>,
}

pub fn add_to(root: &mut RootFields) {
    root.add(
        "cartChanged",
        "The customer's cart: now, and again, all of it, as soon as it is another, be it by a device, by an offer or a \
         price, by the clock, or because what was held for it ran out. Null when there is none, also as soon as it is \
         checked out: then look at the purchases. Each change is told to every device that is connected, once, to the \
         one that made it too. What is told is the whole cart and replaces what you show, also if you have its \
         `version`: that counts only changes by people, while offers, prices, the clock and holds change a cart without \
         a new one. Ends when the token is no longer good.",
        |Input(arguments)| cart(arguments),
    );
}

fn cart(arguments: CartChangedArguments) -> Batched<Option<Cart>> {
    Batched::read(move |reads: &Reads, _| {
        let named = arguments.customer_id.clone();
        Box::pin(async move {
            let cart = read(reads, named.as_ref()).await;
            reads.shown(cart.as_ref().map(|cart| Shown::Cart(cart.clone())));
            cart
        })
    })
}

async fn read(reads: &Reads, named: Option<&ID>) -> Result<Option<Arc<CartView>>> {
    let customer = watched::customer(reads, named, Columns::NONE).await?;
    let key = CartOf(customer.id);
    let want = Want { columns: Columns::ALL, arguments: &() };
    Ok(Batch::load(reads, slice::from_ref(&key), want).await?.remove(&key))
}
