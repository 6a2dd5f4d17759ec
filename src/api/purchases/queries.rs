//! The root fields `purchase` and `purchases`.

use crate::api::inputs::parse_id;
use crate::api::purchases::batches::{PurchaseById, PurchaseByNumber};
use crate::api::purchases::inputs::{PurchaseArguments, PurchaseBy, PurchaseListArguments};
use crate::api::purchases::types::Purchase;
use crate::api::reads::{Reads, with_total};
use crate::domain::purchases::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add(
        "purchase",
        "The purchase with this id or number; null when there is none that you may see.",
        |Input(PurchaseArguments { by })| purchase(by),
    );
    root.add(
        "purchases",
        "All purchases you may see: staff with the scope `lists:read` see everybody's, a customer sees its own, \
         others see an empty list.",
        |Input(arguments)| purchases(arguments),
    );
}

fn purchase(by: PurchaseBy) -> Batched<Option<Purchase>> {
    match by {
        PurchaseBy::Number(number) => Batched::by_key(PurchaseByNumber(number)),
        PurchaseBy::Id(id) => match parse_id("by.id", &id) {
            Ok(id) => Batched::by_key(PurchaseById(id)),
            Err(error) => Batched::failed(error),
        },
    }
}

fn purchases(arguments: PurchaseListArguments) -> Batched<Connection<Purchase>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (scope, filter) = (reads.listed_scope(), arguments.filter());
            let request = arguments.page.request::<Purchase>()?;
            let order = arguments.sort.order();
            let page = store::page(&reads.db, scope, &filter, order, &request, columns);
            with_total(columns, page, || store::count(&reads.db, scope, &filter)).await
        })
    })
}
