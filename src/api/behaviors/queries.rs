//! The root fields `behaviors`, `behaviorDefinitions` and `quarantinedBehaviors`.

use crate::api::behaviors::inputs::{
    BehaviorDefinitionListArguments, BehaviorListArguments, QuarantinedBehaviorListArguments,
};
use crate::api::behaviors::types::{Behavior, BehaviorDefinition, QuarantinedBehavior};
use crate::api::reads::{Reads, with_total};
use crate::domain::behaviors::{rows, store};
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};
use crate::kernel::page::Page;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "behaviors",
        "All behaviors you may see: staff with the scopes `lists:read` and `behaviors:read` see everybody's, a \
         customer sees its own, others see an empty list.",
        |Input(arguments)| behaviors(arguments),
    );
    root.add(
        "behaviorDefinitions",
        "What behaviors must look like, by name; an empty list for who shows no token.",
        |Input(arguments)| definitions(arguments),
    );
    root.add(
        "quarantinedBehaviors",
        "Behaviors that did not look as they must: for staff with the scope `behaviors:read`; others see an empty \
         list.",
        |Input(arguments)| quarantined(arguments),
    );
}

fn behaviors(arguments: BehaviorListArguments) -> Batched<Connection<Behavior>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let (scope, filter) = (reads.listed_behaviors_scope(), arguments.filter());
            let request = arguments.page.request::<Behavior>()?;
            let order = arguments.sort.order();
            let page = store::page(&reads.db, scope, &filter, order, &request, columns);
            with_total(columns, page, || store::count(&reads.db, scope, &filter)).await
        })
    })
}

fn definitions(arguments: BehaviorDefinitionListArguments) -> Batched<Connection<BehaviorDefinition>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let request = arguments.page.request::<BehaviorDefinition>()?;
            if !reads.sees_definitions() {
                return with_total(columns, async { Ok(Page::default()) }, || async { Ok(0) }).await;
            }
            let db = &reads.db;
            let page = rows::definitions(db, arguments.sort.order(), &request, columns);
            with_total(columns, page, || rows::definition_count(db)).await
        })
    })
}

fn quarantined(arguments: QuarantinedBehaviorListArguments) -> Batched<Connection<QuarantinedBehavior>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let request = arguments.page.request::<QuarantinedBehavior>()?;
            if !reads.sees_quarantine() {
                return with_total(columns, async { Ok(Page::default()) }, || async { Ok(0) }).await;
            }
            let db = &reads.db;
            let names = arguments.filter.as_ref().and_then(|filter| filter.names.as_deref());
            let page = rows::quarantined(db, names, arguments.sort.order(), &request, columns);
            with_total(columns, page, || rows::quarantined_count(db, names)).await
        })
    })
}
