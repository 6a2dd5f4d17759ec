//! The root fields `product` and `products`.

use crate::api::inputs::parse_id;
use crate::api::products::batches::{ProductById, ProductBySku};
use crate::api::products::inputs::{ProductArguments, ProductBy, ProductListArguments};
use crate::api::products::types::{Product, cursor_kind};
use crate::api::reads::{Reads, with_total};
use crate::domain::products::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add(
        "product",
        "The product with this id or code; null when there is none. Everybody may see it.",
        |Input(ProductArguments { by })| product(by),
    );
    root.add("products", "All that can be bought. Everybody may see it.", |Input(arguments)| {
        products(arguments)
    });
}

fn product(by: ProductBy) -> Batched<Option<Product>> {
    match by {
        ProductBy::Sku(sku) => Batched::by_key(ProductBySku(sku)),
        ProductBy::Id(id) => match parse_id("by.id", &id) {
            Ok(id) => Batched::by_key(ProductById(id)),
            Err(error) => Batched::failed(error),
        },
    }
}

fn products(arguments: ProductListArguments) -> Batched<Connection<Product>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (db, filter, order) = (&reads.db, arguments.filter(), arguments.sort.order());
            let request = arguments.page.request_of(cursor_kind(order.0))?;
            let page = store::page(db, &filter, order, &request, columns);
            with_total(columns, page, || store::count(db, &filter, order.0)).await
        })
    })
}
