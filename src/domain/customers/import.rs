//! Recording customers in bulk: each is found by any of its identities, or made.

use std::collections::{BTreeMap, HashMap};

use entities::ids::{CustomerId, CustomerIdentityId};
use entities::timestamp::Timestamp;
use entities::values::IdentityKind;
use entities::{consent, customer, customer_identity, device};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde_json::{Map, Value};

use crate::db::Db;
use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all, insert_new};
use crate::domain::customers::identity::IdentityKey;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Whom a behavior or purchase is recorded for.
#[derive(Clone, Debug)]
pub enum CustomerRef {
    Known(CustomerId),
    /// Found by any of these, made when there is none; never empty.
    Identified(Vec<IdentityKey>),
}

impl CustomerRef {
    pub(in crate::domain) fn keys(&self) -> &[IdentityKey] {
        match self {
            Self::Known(_) => &[],
            Self::Identified(keys) => keys,
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

/// Records customers in one transaction. A record may add to a customer who is there already, and
/// what it says overwrites what was said before; recording it again changes nothing.
pub async fn record(
    db: &Db,
    ids: &Ids,
    now: Timestamp,
    records: Vec<CustomerRecord>,
) -> Result<Vec<Outcome>> {
    db.write(async |transaction| {
        let mut people =
            People::load(transaction, records.iter().flat_map(|record| &record.identities)).await?;
        let found: Vec<_> = records
            .iter()
            .map(|record| people.find_or_add(record.id, record.first_seen_at, &record.identities))
            .collect();
        let mut rows =
            load_rows(transaction, found.iter().filter_map(|found| found.as_ref().ok()).copied()).await?;
        let mut outcomes = Vec::with_capacity(records.len());
        for (record, found) in records.into_iter().zip(found) {
            let outcome = match found {
                Err(reason) => Outcome::Refused(reason),
                Ok(customer) if customer.is_new => {
                    people.describe(customer.id, record.profile);
                    Outcome::Created
                }
                Ok(customer) => {
                    let changed = match rows.get_mut(&customer.id) {
                        Some(row) => update(transaction, row, record.profile, now).await?,
                        // Made by an earlier record of the same batch.
                        None => people.describe(customer.id, record.profile),
                    };
                    if changed || customer.gained_identity { Outcome::Updated } else { Outcome::Unchanged }
                }
            };
            outcomes.push(outcome);
        }
        people.store(transaction, ids).await?;
        Ok(outcomes)
    })
    .await
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

async fn load_rows(
    connection: &impl ConnectionTrait,
    found: impl Iterator<Item = Found>,
) -> Result<HashMap<CustomerId, customer::Model>> {
    let ids: Vec<_> = found.filter(|found| !found.is_new).map(|found| found.id).collect();
    let mut rows = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(KEYS_PER_STATEMENT) {
        let query = customer::Entity::find().filter(customer::Column::Id.is_in(ids.iter().copied()));
        rows.extend(query.all(connection).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(rows)
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
    let change = customer::ActiveModel {
        id: Set(row.id),
        updated_at: Set(row.updated_at),
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
fn apply(row: &mut customer::Model, profile: Profile) -> bool {
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
        traits.extend(profile.traits);
    }
    *row != before
}

/// A customer that some identities named.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Found {
    pub id: CustomerId,
    is_new: bool,
    gained_identity: bool,
}

/// The customers of one transaction by their identities: those of the database and those about to be made.
pub(in crate::domain) struct People {
    owners: HashMap<IdentityKey, CustomerId>,
    new_customers: BTreeMap<CustomerId, customer::Model>,
    new_identities: BTreeMap<IdentityKey, (CustomerId, Timestamp)>,
}

impl People {
    /// Reads who owns these identities.
    pub async fn load(
        connection: &impl ConnectionTrait,
        keys: impl Iterator<Item = &IdentityKey>,
    ) -> Result<Self> {
        let mut by_kind: BTreeMap<IdentityKind, Vec<&str>> = BTreeMap::new();
        for key in keys {
            by_kind.entry(key.kind()).or_default().push(key.value());
        }
        let mut owners = HashMap::new();
        for (kind, mut values) in by_kind {
            values.sort_unstable();
            values.dedup();
            for values in values.chunks(KEYS_PER_STATEMENT) {
                let query = customer_identity::Entity::find()
                    .filter(customer_identity::Column::Kind.eq(kind))
                    .filter(customer_identity::Column::Value.is_in(values.iter().copied()));
                owners.extend(
                    query
                        .all(connection)
                        .await?
                        .into_iter()
                        .map(|row| (IdentityKey::stored(row.kind, row.value), row.customer_id)),
                );
            }
        }
        Ok(Self { owners, new_customers: BTreeMap::new(), new_identities: BTreeMap::new() })
    }

    /// The customer these identities name; the first to name nobody makes one, with `new_id`. Identities
    /// that were nobody's become the customer's; identities of two customers are refused.
    pub fn find_or_add(
        &mut self,
        new_id: CustomerId,
        seen_at: Timestamp,
        keys: &[IdentityKey],
    ) -> Result<Found, String> {
        let mut owners = keys.iter().filter_map(|key| self.owners.get(key).map(|owner| (key, *owner)));
        let owner = match owners.next() {
            None => None,
            Some((key, owner)) => match owners.find(|(_, other)| *other != owner) {
                Some((other, _)) => {
                    return Err(format!("{key} and {other} belong to two customers; merge them first"));
                }
                None => Some(owner),
            },
        };
        let id = owner.unwrap_or(new_id);
        let is_new = owner.is_none();
        if is_new {
            self.new_customers.insert(id, bare_customer(id, seen_at));
        }
        let mut gained_identity = false;
        for key in keys {
            if !self.owners.contains_key(key) {
                self.owners.insert(key.clone(), id);
                self.new_identities.insert(key.clone(), (id, seen_at));
                gained_identity = true;
            }
        }
        Ok(Found { id, is_new, gained_identity })
    }

    /// The customer a behavior or purchase is for.
    pub fn resolve(
        &mut self,
        ids: &Ids,
        customer: &CustomerRef,
        seen_at: Timestamp,
    ) -> Result<CustomerId, String> {
        match customer {
            CustomerRef::Known(id) => Ok(*id),
            CustomerRef::Identified(keys) => {
                self.find_or_add(ids.next(seen_at), seen_at, keys).map(|found| found.id)
            }
        }
    }

    /// Describes a customer about to be made; whether that said anything new.
    fn describe(&mut self, id: CustomerId, profile: Profile) -> bool {
        self.new_customers.get_mut(&id).is_some_and(|row| apply(row, profile))
    }

    /// How many customers `store` will make.
    pub fn added(&self) -> usize {
        self.new_customers.len()
    }

    /// Writes the new customers and identities. Another writer who took one of the identities meanwhile
    /// makes it a conflict: the transaction is then to be run again.
    pub async fn store(self, connection: &impl ConnectionTrait, ids: &Ids) -> Result<()> {
        insert_all(connection, self.new_customers.into_values().collect()).await?;
        let identities: Vec<_> = self
            .new_identities
            .into_iter()
            .map(|(key, (customer_id, created_at))| customer_identity::Model {
                id: ids.next::<CustomerIdentityId>(created_at),
                customer_id,
                kind: key.kind(),
                value: key.into_value(),
                verified: false,
                created_at,
            })
            .collect();
        insert_all(connection, identities).await
    }
}

fn bare_customer(id: CustomerId, seen_at: Timestamp) -> customer::Model {
    customer::Model {
        id,
        created_at: seen_at,
        updated_at: seen_at,
        first_name: None,
        last_name: None,
        email: None,
        phone: None,
        birth_date: None,
        locale: None,
        traits: Value::Object(Map::new()),
        merged_into: None,
    }
}
