//! The root field `placements`.

use crate::api::placements::inputs::PlacementListArguments;
use crate::api::placements::types::Placement;
use crate::api::reads::{Reads, with_total};
use crate::domain::placements::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add(
        "placements",
        "All spots where offers are shown that have a name or a fallback. Everybody may see them. Devices may ask \
         for others too: a placement is whatever offers name.",
        |Input(arguments)| placements(arguments),
    );
}

fn placements(arguments: PlacementListArguments) -> Batched<Connection<Placement>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let db = &reads.db;
            let request = arguments.page.request::<Placement>()?;
            let page = store::page(db, arguments.sort.order(), &request, columns);
            with_total(columns, page, || store::count(db)).await
        })
    })
}
