//! The root fields `me`, `customer` and `customers`.

use crate::api::customers::batches::{CustomerById, CustomerByIdentity};
use crate::api::customers::inputs::{CustomerArguments, CustomerBy, CustomerListArguments};
use crate::api::customers::types::Customer;
use crate::api::inputs::parse_id;
use crate::api::reads::{Reads, with_total};
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::store;
use crate::graph::batched::Access;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};
use crate::kernel::columns::Columns;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "me",
        "The customer for whom the token speaks; null when it is nobody's. If it was merged into another, it is \
         the other.",
        |(): ()| me(),
    );
    root.add(
        "customer",
        "The customer with this id or identity; null when there is none that you may see. By the id or an identity \
         of a customer that was merged into another, it is the other.",
        |Input(CustomerArguments { by })| customer(by),
    );
    root.add(
        "customers",
        "All customers you may see: staff with the scope `lists:read` see everybody, a customer sees itself, \
         others see an empty list. Those that were merged into another are left out, unless `filter` asks for \
         them.",
        |Input(arguments)| customers(arguments),
    );
}

fn me() -> Batched<Option<Customer>> {
    Batched::by_viewer(|reads: &Reads| reads.viewer.own().map(CustomerById))
}

fn customer(by: CustomerBy) -> Batched<Option<Customer>> {
    match by {
        CustomerBy::Id(id) => match parse_id("by.id", &id) {
            Ok(id) => Batched::by_key(CustomerById(id)),
            Err(error) => Batched::failed(error),
        },
        CustomerBy::Identity(identity) => {
            let key = match IdentityKey::try_new(identity.kind.into(), &identity.value) {
                Ok(key) => CustomerByIdentity { kind: key.kind(), value: key.into_value() },
                // What cannot be an identity is nobody's.
                Err(_) => return Batched::by_viewer(|_: &Reads| None::<CustomerById>),
            };
            Batched::gather(move |access: Access<'_, Reads>, wanted| {
                let (key, columns) = (key.clone(), wanted.columns());
                Box::pin(async move {
                    match access.load(key, Columns::NONE).await? {
                        Some(id) => access.load(CustomerById(id), columns).await,
                        None => Ok(None),
                    }
                })
            })
        }
    }
}

fn customers(arguments: CustomerListArguments) -> Batched<Connection<Customer>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (scope, filter) = (reads.listed_scope(), arguments.filter());
            let request = arguments.page.request::<Customer>()?;
            let order = arguments.sort.order();
            let page = store::page(&reads.db, scope, &filter, order, &request, columns);
            with_total(columns, page, || store::count(&reads.db, scope, &filter)).await
        })
    })
}
