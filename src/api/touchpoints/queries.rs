//! The root fields `touchpoint` and `touchpoints`.

use crate::api::reads::{Reads, with_total};
use crate::api::touchpoints::batches::TouchpointById;
use crate::api::touchpoints::inputs::TouchpointListArguments;
use crate::api::touchpoints::types::Touchpoint;
use crate::domain::touchpoints::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};
use crate::kernel::viewer::Viewer;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "touchpoint",
        "The touchpoint that the request comes from; null when the token is a person's or there is none.",
        |(): ()| own_touchpoint(),
    );
    root.add(
        "touchpoints",
        "All places where the brand meets its customers. Everybody may see them.",
        |Input(arguments)| touchpoints(arguments),
    );
}

fn own_touchpoint() -> Batched<Option<Touchpoint>> {
    Batched::by_viewer(|reads: &Reads| match reads.viewer {
        Viewer::Touchpoint(id) => Some(TouchpointById(id)),
        _ => None,
    })
}

fn touchpoints(arguments: TouchpointListArguments) -> Batched<Connection<Touchpoint>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (db, keys) = (&reads.db, arguments.keys());
            let request = arguments.page.request::<Touchpoint>()?;
            let page = store::page(db, keys, arguments.sort.order(), &request, columns);
            with_total(columns, page, || store::count(db, keys)).await
        })
    })
}
