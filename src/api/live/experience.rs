//! The root field `experienceChanged`: one event of it is read like `Customer.experience`.

use std::slice;
use std::sync::Arc;

use async_graphql::{ID, InputObject};

use crate::api::customers::batches::Profiled;
use crate::api::live::shown::Shown;
use crate::api::live::watched;
use crate::api::offers::deciding::ExperienceOf;
use crate::api::offers::experience::{DecisionRow, Experience};
use crate::api::offers::inputs::ExperienceArguments;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::customers::rows::Customer;
use crate::graph::roots::RootFields;
use crate::graph::{Batch, Batched, Input, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;

#[derive(Clone, Debug, InputObject)]
pub struct ExperienceChangedArguments {
    /// Whose it is: `cus_…`. Without it the customer for whom the token speaks.
    pub customer_id: Option<ID>,
    #[graphql(flatten)]
    pub experience: ExperienceArguments,
}

pub fn add_to(root: &mut RootFields) {
    root.add(
        "experienceChanged",
        "What the customer is to be shown here, an entry a placement in the order in which they were asked for: now, and \
         again, all of it, as soon as the answer is another, be it by what the customer did on any device, by a \
         purchase, by a change of an offer, or by the clock. What is shown must be another: where only `validUntil` \
         has passed and the same is shown on, nothing is told, and the last event goes on to hold. Each event is told to every device that is connected, \
         once. Ends when the token is no longer good.",
        |Input(arguments)| experience(arguments),
    );
}

fn experience(arguments: ExperienceChangedArguments) -> Batched<Vec<Experience>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (arguments, columns) = (arguments.clone(), wanted.columns());
        Box::pin(async move {
            let rows = read(reads, arguments, columns).await;
            reads.shown(rows.as_deref().map(shown));
            rows
        })
    })
}

async fn read(
    reads: &Reads,
    arguments: ExperienceChangedArguments,
    columns: Columns,
) -> Result<Vec<DecisionRow>> {
    let needed = Profiled::COLUMNS.iter().fold(Columns::NONE, |all, name| all | Customer::column(name));
    let customer = watched::customer(reads, arguments.customer_id.as_ref(), needed).await?;
    let key = ExperienceOf(Profiled::of(&customer));
    let want = Want { columns, arguments: &Input(arguments.experience) };
    let mut loaded = Batch::load(reads, slice::from_ref(&key), want).await?;
    Ok(loaded.remove(&key).unwrap_or_default())
}

fn shown(rows: &[DecisionRow]) -> Shown {
    Shown::Experience(rows.iter().map(|row| Arc::clone(&row.decision)).collect())
}
