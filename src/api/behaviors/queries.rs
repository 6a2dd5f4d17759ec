//! The root field `behaviors`.

use crate::api::behaviors::inputs::BehaviorListArguments;
use crate::api::behaviors::types::Behavior;
use crate::api::reads::{Reads, with_total};
use crate::domain::behaviors::store;
use crate::graph::batched::Access;
use crate::graph::roots::RootFields;
use crate::graph::{Batched, Connection, Input};

pub fn add_to(root: &mut RootFields) {
    root.add(
        "behaviors",
        "All behaviors you may see: staff with the scopes `lists:read` and `behaviors:read` see everybody's, a \
         customer sees its own, others see an empty list.",
        |Input(arguments)| behaviors(arguments),
    );
}

fn behaviors(arguments: BehaviorListArguments) -> Batched<Connection<Behavior>> {
    Batched::read(move |access: Access<'_, Reads>, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let reads = access.reader;
            let (scope, filter) = (reads.listed_behaviors_scope(), arguments.filter());
            let request = arguments.page.request::<Behavior>()?;
            let order = arguments.sort.order();
            let page = store::page(&reads.db, scope, &filter, order, &request, columns);
            with_total(columns, page, store::count(&reads.db, scope, &filter)).await
        })
    })
}
