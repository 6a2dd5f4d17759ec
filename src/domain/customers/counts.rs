//! How many identities people have, which their limits ask, and who wants to know whether somebody is known.

use std::collections::HashMap;

use entities::customer_identity;
use entities::ids::CustomerId;
use entities::values::{IdentityKind, TextEnum};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::bulk::KEYS_PER_STATEMENT;
use crate::domain::customers::family;
use crate::kernel::error::Result;

/// Which identities are counted: of a claim who is believed takes no notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    All,
    Confirmed,
}

/// How many identities of each kind a person has.
pub type IdentityCounts = HashMap<(CustomerId, IdentityKind), usize>;

/// How many identities of each kind these people have, over all their rows.
pub async fn identity_counts(
    connection: &impl ConnectionTrait,
    people: &[CustomerId],
    counted: Counted,
) -> Result<IdentityCounts> {
    let rows = family::members(connection, people).await?;
    let ids: Vec<_> = rows.keys().copied().collect();
    let mut counts = IdentityCounts::new();
    for ids in ids.chunks(KEYS_PER_STATEMENT) {
        let rows_counted = match counted {
            Counted::All => customer_identity::Entity::find(),
            Counted::Confirmed => {
                customer_identity::Entity::find().filter(customer_identity::Column::Claimed.eq(false))
            }
        };
        let found: Vec<(CustomerId, IdentityKind)> = rows_counted
            .select_only()
            .column(customer_identity::Column::CustomerId)
            .column(customer_identity::Column::Kind)
            .filter(customer_identity::Column::CustomerId.is_in(ids.iter().copied()))
            .into_tuple()
            .all(connection)
            .await?;
        for (row, kind) in found {
            *counts.entry((rows[&row], kind)).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Whether a person has an identity of such a kind.
pub fn has_any(counts: &IdentityCounts, person: CustomerId, is_it: impl Fn(IdentityKind) -> bool) -> bool {
    IdentityKind::ALL.iter().any(|kind| is_it(*kind) && counts.contains_key(&(person, *kind)))
}
