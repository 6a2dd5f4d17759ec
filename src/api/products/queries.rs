//! The root field `products`.

use crate::api::products::inputs::ProductListArguments;
use crate::api::products::types::{Product, cursor_kind};
use crate::api::reads::{Reads, with_total};
use crate::domain::products::store;
use crate::graph::batched::Access;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add("products", "All that can be bought. Everybody may see it.", |Input(arguments)| {
        products(arguments)
    });
}

fn products(arguments: ProductListArguments) -> Batched<Connection<Product>> {
    Batched::read(move |access: Access<'_, Reads>, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (db, filter, order) = (&access.reader.db, arguments.filter(), arguments.sort.order());
            let request = arguments.page.request_of(cursor_kind(order.0))?;
            let page = store::page(db, &filter, order, &request, columns);
            with_total(columns, page, store::count(db, &filter, order.0)).await
        })
    })
}
