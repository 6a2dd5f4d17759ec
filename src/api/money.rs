//! Money in the graph.

use std::borrow::Cow;

use crate::api::reads::Reads;
use crate::graph::{FieldTable, GraphType};

/// An amount of a currency.
pub struct Money;

impl GraphType for Money {
    type Row = crate::kernel::money::Money;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Money".into()
    }

    fn description() -> Cow<'static, str> {
        "An amount of a currency. Exact: add and compare it as a decimal, never as a float.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc(
            "amount",
            "The amount with the currency's own number of digits: `\"12.50\"`, `\"1250\"` for JPY.",
            &[],
            |money| money.amount(),
        );
        t.leaf("currencyCode", "The currency, ISO 4217: `EUR`.", &[], |money| &money.currency);
    }
}
