//! The field table of the lines of carts.

use std::borrow::Cow;
use std::sync::Arc;

use crate::api::money::Money;
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::purchases::discount::{self, Discount};
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::domain::purchases::cart::view::{CartView, LineView};
use crate::graph::{FieldTable, GraphType, Identifier};
use crate::kernel::money;

/// So many of one product.
pub struct CartLine;

/// What `CartLine` is made from: a line by its place in its cart.
#[derive(Clone, Debug)]
pub struct LineRow {
    pub cart: Arc<CartView>,
    pub at: usize,
}

impl LineRow {
    fn line(&self) -> &LineView {
        &self.cart.lines[self.at]
    }

    fn money(&self, minor: i64) -> money::Money {
        money::Money::new(minor, self.cart.cart.currency)
    }
}

impl GraphType for CartLine {
    type Row = LineRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "CartLine".into()
    }

    fn description() -> Cow<'static, str> {
        "One line of a cart: so many of one product.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The line's id: `cli_…`.", &[], |row| Identifier(row.line().id));
        t.link::<Product, _>("product", "What is bought.", &[], |row| ProductById(row.line().product.id));
        t.calc("quantity", "How many.", &[], |row| count(row.line().quantity));
        t.calc(
            "held",
            "How many of them are held for this cart, so that nobody else can buy them; 0 for what there is no end of.",
            &[],
            |row| count(row.line().held),
        );
        t.embed::<Money>("unitPrice", "The price of one now.", &[], |row| row.money(row.line().unit_minor));
        t.embed::<Money>("subtotal", "What all of them cost before discounts.", &[], |row| {
            row.money(row.line().subtotal_minor)
        });
        t.embed::<Vec<Discount>>(
            "discounts",
            "What the line bears of each of the cart's `discounts`: over all lines, the amounts of one offer are in sum \
             its `amount` there. Empty when it bears none.",
            &[],
            |row| {
                let borne = row.line().allocations.iter();
                borne.map(|part| discount::of_cart(&row.cart, part.offer, part.amount_minor)).collect()
            },
        );
        t.embed::<Money>(
            "total",
            "What all of them cost, their share of the discounts taken off: in sum what is to be paid.",
            &[],
            |row| row.money(row.line().total_minor),
        );
    }
}
