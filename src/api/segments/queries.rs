//! The root fields `segment` and `segments`.

use crate::api::inputs::parse_id;
use crate::api::reads::{Reads, with_total};
use crate::api::segments::batches::{SegmentById, SegmentByKey};
use crate::api::segments::inputs::{SegmentArguments, SegmentBy, SegmentListArguments};
use crate::api::segments::types::Segment;
use crate::domain::segments::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};
use crate::kernel::page::Page;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "segment",
        "The segment with this id or key; null when there is none that you may see.",
        |Input(SegmentArguments { by })| segment(by),
    );
    root.add(
        "segments",
        "All segments; an empty list for who shows no token. Who belongs to them needs the scope `lists:read`.",
        |Input(arguments)| segments(arguments),
    );
}

fn segment(by: SegmentBy) -> Batched<Option<Segment>> {
    match by {
        SegmentBy::Key(key) => Batched::by_key(SegmentByKey(key)),
        SegmentBy::Id(id) => match parse_id("by.id", &id) {
            Ok(id) => Batched::by_key(SegmentById(id)),
            Err(error) => Batched::failed(error),
        },
    }
}

fn segments(arguments: SegmentListArguments) -> Batched<Connection<Segment>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let request = arguments.page.request::<Segment>()?;
            if !reads.sees_definitions() {
                return with_total(columns, async { Ok(Page::default()) }, || async { Ok(0) }).await;
            }
            let db = &reads.db;
            let page = store::page(db, arguments.sort.order(), &request, columns);
            with_total(columns, page, || store::count(db)).await
        })
    })
}
