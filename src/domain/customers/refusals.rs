//! Who refuses a purpose. A refusal of any member of merged customers is that of all: the most restrictive
//! consent wins.

use std::collections::HashSet;

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::ConsentPurpose;
use sea_orm::ConnectionTrait;

use crate::domain::customers::{consents, family};
use crate::kernel::error::Result;

/// Those of these customers who refuse the purpose now.
pub async fn of(
    connection: &impl ConnectionTrait,
    purpose: ConsentPurpose,
    customers: impl Iterator<Item = CustomerId>,
    now: Timestamp,
) -> Result<HashSet<CustomerId>> {
    let canonical = family::canonical(connection, customers).await?;
    let people: HashSet<CustomerId> = canonical.values().copied().collect();
    let people: Vec<CustomerId> = people.into_iter().collect();
    let effective = consents::effective(connection, now, &people).await?;
    let refuses = |id: &CustomerId| effective.get(id).is_some_and(|said| !said.may_record(purpose));
    Ok(canonical.into_iter().filter(|(_, person)| refuses(person)).map(|(id, _)| id).collect())
}
