//! The field tables of products and their stock.

use std::borrow::Cow;

use crate::api::enums::ProductKind;
use crate::api::money::Money;
use crate::api::products::batches::{PartsOf, PricesOf, ProductById};
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::db::read::Row;
use crate::domain::products::store::{self, SortKey};
use crate::graph::{Connection, EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::money;
use crate::kernel::page::Cursor;

/// Something that can be bought.
pub struct Product;

impl GraphType for Product {
    type Row = store::Product;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Product".into()
    }

    fn description() -> Cow<'static, str> {
        "Something that can be bought: a seat at a showing, popcorn, a stream.".into()
    }

    fn columns() -> Vec<&'static str> {
        store::Product::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The product's id: `prd_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("sku", "The brand's own code of it. Unique.", &["sku"], |row| &row.sku);
        t.leaf("name", "The name by which people call it.", &["name"], |row| &row.name);
        t.calc("kind", "What kind of thing it is.", &["kind"], |row| EnumLeaf(ProductKind::from(row.kind)));
        t.embed::<Money>("price", "The price of one.", &["price_minor", "currency"], |row| {
            money::Money::new(row.price_minor, row.currency)
        });
        t.link::<Vec<Money>, _>(
            "prices",
            "The price of one in every currency in which it is sold, the first one first.",
            &["id", "price_minor", "currency"],
            |row| PricesOf { product: row.id, first: money::Money::new(row.price_minor, row.currency) },
        );
        t.calc(
            "accessDays",
            "For how many days a paid one may be used, of a digital product; null for ever.",
            &["access_days"],
            |row| row.access_days.map(count),
        );
        t.embed::<Option<Stock>>(
            "stock",
            "How many there are; null when there is no end of it.",
            &["stock_total", "stock_taken"],
            |row| row.stock_total.map(|total| StockRow { total, taken: row.stock_taken }),
        );
        t.leaf(
            "attributes",
            "What else is known about it, of any shape: `{\"genre\": \"drama\"}`.",
            &["attributes"],
            |row| &row.attributes,
        );
        t.leaf(
            "startsAt",
            "When it takes place; null for what takes place at no time.",
            &["starts_at"],
            |row| &row.starts_at,
        );
        t.leaf("createdAt", "When it was first known here.", &["created_at"], |row| &row.created_at);
        t.maybe::<Product, _>(
            "partOf",
            "What it is an instance of: the film of a showing; null for what stands by itself.",
            &["part_of"],
            |row| row.part_of.map(ProductById),
        );
        t.link::<Connection<Product>, _>(
            "parts",
            "What is part of it: the showings of a film.",
            &["id"],
            |row| PartsOf(row.id),
        );
    }
}

impl Paged for Product {
    const CURSOR_KIND: u8 = b'p';

    fn cursor(row: &store::Product) -> Cursor {
        Cursor { key: row.sort_key.millis(), id: row.id.0 }
    }

    fn cursor_kind(row: &store::Product) -> u8 {
        cursor_kind(row.sorted_by)
    }
}

/// The tag of cursors of a list of products that is sorted so.
pub fn cursor_kind(key: SortKey) -> u8 {
    match key {
        SortKey::Created => Product::CURSOR_KIND,
        SortKey::Starts => b's',
    }
}

/// How many there are of a product.
pub struct Stock;

/// What `Stock` is made from.
#[derive(Clone, Copy, Debug)]
pub struct StockRow {
    total: i64,
    taken: i64,
}

impl GraphType for Stock {
    type Row = StockRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Stock".into()
    }

    fn description() -> Cow<'static, str> {
        "How many there are of a product of which there is an end.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("total", "How many there are in all: the seats of the hall.", &[], |stock| count(stock.total));
        t.calc("available", "How many can still be bought.", &[], |stock| {
            count((stock.total - stock.taken).max(0))
        });
    }
}
