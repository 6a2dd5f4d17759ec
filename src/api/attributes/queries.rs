//! The root field `attributeDefinitions`.

use crate::api::attributes::inputs::AttributeDefinitionListArguments;
use crate::api::attributes::types::AttributeDefinition;
use crate::api::reads::{Reads, with_total};
use crate::domain::attributes::rows;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};
use crate::kernel::page::Page;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "attributeDefinitions",
        "What is computed from behaviors; an empty list for who shows no token.",
        |Input(arguments)| definitions(arguments),
    );
}

fn definitions(arguments: AttributeDefinitionListArguments) -> Batched<Connection<AttributeDefinition>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let request = arguments.page.request::<AttributeDefinition>()?;
            if !reads.sees_definitions() {
                return with_total(columns, async { Ok(Page::default()) }, || async { Ok(0) }).await;
            }
            let db = &reads.db;
            let page = rows::page(db, arguments.sort.order(), &request, columns);
            with_total(columns, page, || rows::count(db)).await
        })
    })
}
