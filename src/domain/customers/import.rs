//! Recording customers in bulk: each is found by any of its identities, or made.

use std::collections::HashMap;

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::{consent, customer, device};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, Set};
use serde_json::{Map, Value};

use crate::db::Db;
use crate::db::bulk::insert_new;
use crate::domain::customers::family;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::judgement;
use crate::domain::customers::people::People;
use crate::domain::customers::traits;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Whom a behavior or purchase is recorded for.
#[derive(Clone, Debug)]
pub enum CustomerRef {
    Known(CustomerId),
    /// Found by any of these, made when there is none; never empty.
    Identified(Vec<IdentityKey>),
    /// The same, named together by who is not believed: never a way to give somebody a name.
    Unproven(Vec<IdentityKey>),
}

impl CustomerRef {
    /// The customer, if it is named by its id.
    pub(in crate::domain) fn known(&self) -> Option<CustomerId> {
        match self {
            Self::Known(id) => Some(*id),
            Self::Identified(_) | Self::Unproven(_) => None,
        }
    }

    pub(in crate::domain) fn keys(&self) -> &[IdentityKey] {
        match self {
            Self::Known(_) => &[],
            Self::Identified(keys) | Self::Unproven(keys) => keys,
        }
    }
}

/// What is known of a customer. `None` says nothing: it never erases.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub birth_date: Option<String>,
    pub locale: Option<String>,
    pub traits: Map<String, Value>,
}

impl Profile {
    pub fn is_empty(&self) -> bool {
        let columns =
            [&self.first_name, &self.last_name, &self.email, &self.phone, &self.birth_date, &self.locale];
        self.traits.is_empty() && columns.into_iter().all(Option::is_none)
    }
}

/// A customer to be recorded.
#[derive(Clone, Debug)]
pub struct CustomerRecord {
    /// Its id if it is new.
    pub id: CustomerId,
    pub first_seen_at: Timestamp,
    /// Never empty.
    pub identities: Vec<IdentityKey>,
    pub profile: Profile,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused(String),
}

/// Records customers in one transaction. A record may add to a customer who is there already, and what it says
/// overwrites what was said before; recording it again changes nothing.
pub async fn record(db: &Db, ids: &Ids, now: Timestamp, records: &[CustomerRecord]) -> Result<Vec<Outcome>> {
    db.write_retrying(&(ids, records), |transaction, (ids, records)| {
        Box::pin(record_within(transaction, ids, now, records.to_vec()))
    })
    .await
}

async fn record_within(
    transaction: &DatabaseTransaction,
    ids: &Ids,
    now: Timestamp,
    records: Vec<CustomerRecord>,
) -> Result<Vec<Outcome>> {
    let names = records.iter().map(|record| record.identities.as_slice()).collect();
    let mut people = People::load_together(transaction, names).await?;
    let found: Vec<_> = records
        .iter()
        .map(|record| people.find_or_add(record.id, record.first_seen_at, &record.identities))
        .collect();
    // A profile is the person's, whichever row an identity stands with. Locked, so that nothing said meanwhile
    // is overwritten.
    let old = found.iter().flatten().filter(|found| !found.is_new);
    let locked = family::lock_canonical(transaction, old.map(|found| people.person_of(found.id))).await?;
    let mut rows: HashMap<_, _> = locked.into_iter().map(|row| (row.id, row)).collect();
    let mut outcomes = Vec::with_capacity(records.len());
    let mut changed_customers = Vec::new();
    for (record, found) in records.into_iter().zip(found) {
        let outcome = match found {
            Err(reason) => Outcome::Refused(reason),
            Ok(customer) if customer.is_new => {
                people.describe(customer.id, record.profile, now);
                Outcome::Created
            }
            Ok(customer) => {
                let person = people.person_of(customer.id);
                let changed = match rows.get_mut(&person) {
                    Some(row) => update(transaction, row, record.profile, now).await?,
                    // Made by an earlier record of the same batch.
                    None => people.describe(customer.id, record.profile, now),
                };
                if changed {
                    changed_customers.push(person);
                }
                if changed || customer.gained_identity { Outcome::Updated } else { Outcome::Unchanged }
            }
        };
        outcomes.push(outcome);
    }
    people.store(transaction, ids, now).await?;
    judgement::due(transaction, now, changed_customers).await?;
    Ok(outcomes)
}

/// Records devices and consents of customers who are there; those already recorded are left alone.
pub async fn record_belongings(
    db: &Db,
    devices: Vec<device::Model>,
    consents: Vec<consent::Model>,
) -> Result<()> {
    db.write(async |transaction| {
        insert_new(transaction, devices).await?;
        insert_new(transaction, consents).await?;
        Ok(())
    })
    .await
}

/// Overwrites what differs; whether anything did.
async fn update(
    connection: &impl ConnectionTrait,
    row: &mut customer::Model,
    profile: Profile,
    now: Timestamp,
) -> Result<bool> {
    if !apply(row, profile) {
        return Ok(false);
    }
    row.updated_at = now;
    row.described_at = row.described_at.max(Some(now));
    let change = customer::ActiveModel {
        id: Set(row.id),
        updated_at: Set(row.updated_at),
        described_at: Set(row.described_at),
        first_name: Set(row.first_name.clone()),
        last_name: Set(row.last_name.clone()),
        email: Set(row.email.clone()),
        phone: Set(row.phone.clone()),
        birth_date: Set(row.birth_date.clone()),
        locale: Set(row.locale.clone()),
        traits: Set(row.traits.clone()),
        ..customer::ActiveModel::default()
    };
    customer::Entity::update(change).exec(connection).await?;
    Ok(true)
}

/// Overwrites what is said; whether it differs from what was there.
pub(in crate::domain) fn apply(row: &mut customer::Model, profile: Profile) -> bool {
    let before = row.clone();
    for (column, said) in [
        (&mut row.first_name, profile.first_name),
        (&mut row.last_name, profile.last_name),
        (&mut row.email, profile.email),
        (&mut row.phone, profile.phone),
        (&mut row.birth_date, profile.birth_date),
        (&mut row.locale, profile.locale),
    ] {
        if said.is_some() {
            *column = said;
        }
    }
    if let Value::Object(traits) = &mut row.traits {
        traits::merge(traits, profile.traits);
    }
    *row != before
}
