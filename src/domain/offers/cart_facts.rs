//! A cart as the rules of offers may read it, where one is priced; elsewhere it reads as null.

use std::collections::BTreeMap;

use crate::kernel::money::Currency;
use crate::rules::{Fact, Kind};

/// What of it a rule may speak of, and of what kind it is.
pub const KEYS: [(&str, Option<Kind>); 4] = [
    ("subtotal", Some(Kind::Number)),
    ("currency", Some(Kind::Text)),
    ("quantity", Some(Kind::Number)),
    ("skus", Some(Kind::List)),
];

/// A cart that is priced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CartFacts {
    /// What all lines cost before discounts, in units of the currency: 24.5.
    pub subtotal: f64,
    pub currency: Currency,
    /// How many pieces there are in all.
    pub quantity: i64,
    /// The codes of the products, in the order of the lines.
    pub skus: Vec<String>,
}

impl CartFacts {
    pub fn fact(&self) -> Fact<'_> {
        let skus: Vec<Fact<'_>> = self.skus.iter().map(|sku| sku.as_str().into()).collect();
        let facts = [
            ("subtotal", self.subtotal.into()),
            ("currency", self.currency.code().into()),
            ("quantity", self.quantity.into()),
            ("skus", skus.into()),
        ];
        Fact::Map(BTreeMap::from(facts.map(|(key, fact)| (key.to_owned(), fact))))
    }
}
