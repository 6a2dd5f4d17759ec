//! The root fields `offer` and `offers`.

use crate::api::inputs::parse_id;
use crate::api::offers::batches::{OfferById, OfferByKey};
use crate::api::offers::inputs::{OfferArguments, OfferBy, OfferListArguments};
use crate::api::offers::types::Offer;
use crate::api::reads::{Reads, with_total};
use crate::domain::offers::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add(
        "offer",
        "The offer with this id or key; null when there is none that you may see.",
        |Input(OfferArguments { by })| offer(by),
    );
    root.add(
        "offers",
        "All offers you may see: those live and on schedule, and with the scope `offers:read` all of them.",
        |Input(arguments)| offers(arguments),
    );
}

fn offer(by: OfferBy) -> Batched<Option<Offer>> {
    match by {
        OfferBy::Key(key) => Batched::by_key(OfferByKey(key)),
        OfferBy::Id(id) => match parse_id("by.id", &id) {
            Ok(id) => Batched::by_key(OfferById(id)),
            Err(error) => Batched::failed(error),
        },
    }
}

fn offers(arguments: OfferListArguments) -> Batched<Connection<Offer>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (db, scope) = (&reads.db, reads.offer_scope());
            let statuses = arguments.statuses();
            let request = arguments.page.request::<Offer>()?;
            let order = arguments.sort.order();
            let page = store::page(db, scope, statuses.as_deref(), order, &request, columns);
            with_total(columns, page, || store::count(db, scope, statuses.as_deref())).await
        })
    })
}
