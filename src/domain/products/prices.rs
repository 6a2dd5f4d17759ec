//! What products cost: each in its first currency, some in others too.

use std::collections::HashMap;

use entities::ids::ProductId;

use crate::db::Db;
use crate::db::read::{Column, Row, Select};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};

/// The price of one in a currency that is not the product's first.
#[derive(Clone, Debug, Default)]
pub struct OtherPrice {
    pub product_id: ProductId,
    pub currency: Currency,
    pub price_minor: i64,
}

impl Row for OtherPrice {
    const TABLE: &'static str = "product_prices";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("price_minor", |row, cell| cell.read(&mut row.price_minor)),
    ];
    const TIE: &'static str = "product_id";
}

/// The prices of each product in other currencies than its first, in the order of their codes.
pub async fn others(db: &Db, products: &[ProductId]) -> Result<HashMap<ProductId, Vec<Money>>> {
    let mut prices: HashMap<ProductId, Vec<Money>> = HashMap::new();
    for row in Select::<OtherPrice>::of(Columns::ALL).any("product_id", products).rows(db).await? {
        prices.entry(row.product_id).or_default().push(Money::new(row.price_minor, row.currency));
    }
    for list in prices.values_mut() {
        list.sort_unstable_by(|a, b| a.currency.code().cmp(b.currency.code()));
    }
    Ok(prices)
}
