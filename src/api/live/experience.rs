//! The root field `experienceChanged`: one event of it is read like `Customer.experience`.

use std::slice;

use async_graphql::{ID, InputObject};
use entities::ids::CustomerId;

use crate::api::customers::batches::Profiled;
use crate::api::inputs::parse_id;
use crate::api::offers::deciding::ExperienceOf;
use crate::api::offers::experience::{DecisionRow, Experience};
use crate::api::offers::inputs::ExperienceArguments;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store;
use crate::graph::roots::RootFields;
use crate::graph::{Batch, Batched, Input, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

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
            let event = read(reads, arguments, columns).await;
            if let (Some(watched), Err(failure)) = (&reads.watched, &event) {
                watched.note(Err(failure.clone()));
            }
            event
        })
    })
}

async fn read(
    reads: &Reads,
    arguments: ExperienceChangedArguments,
    columns: Columns,
) -> Result<Vec<DecisionRow>> {
    let id = customer(reads, arguments.customer_id.as_ref())?;
    // Watched before it is read: what changes in between is read again.
    if let Some(watched) = &reads.watched {
        watched.follow(&reads.db, id).await?;
    }
    let needed = Profiled::COLUMNS.iter().fold(Columns::NONE, |all, name| all | Customer::column(name));
    let row = store::by_ids(&reads.db, reads.scope(), &[id], needed).await?;
    let row = row.get(&id).ok_or_else(no_customer)?;
    let key = ExperienceOf(Profiled::of(row));
    let want = Want { columns, arguments: &Input(arguments.experience) };
    let mut loaded = Batch::load(reads, slice::from_ref(&key), want).await?;
    Ok(loaded.remove(&key).unwrap_or_default())
}

fn customer(reads: &Reads, named: Option<&ID>) -> Result<CustomerId> {
    if let Some(id) = named {
        return parse_id("customerId", id);
    }
    reads.viewer.own().ok_or_else(|| {
        let message = "Your token speaks for no customer: name one by `customerId`.";
        Error::Forbidden(message.to_owned())
    })
}

fn no_customer() -> Error {
    Error::NotFound("There is no such customer.".to_owned())
}
