//! Recording behaviors in bulk, each message once.

use std::collections::HashMap;

use entities::ids::{BehaviorId, CustomerId, DeviceId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, TextEnum};
use entities::{behavior, behavior_message};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// A behavior to be recorded.
#[derive(Clone, Debug)]
pub struct BehaviorRecord {
    pub id: BehaviorId,
    pub customer: CustomerRef,
    pub name: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub device_id: Option<DeviceId>,
    pub properties: Map<String, Value>,
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    pub source: String,
    pub message_id: String,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    /// The same message has been recorded before.
    Known,
    Refused(String),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// Records behaviors in one transaction, and makes the customers that are not there yet. A message that
/// has been recorded is left alone; the same message id with other content or of another customer is refused.
pub async fn record(db: &Db, ids: &Ids, records: Vec<BehaviorRecord>) -> Result<Report> {
    db.write(async |transaction| {
        let people =
            People::load(transaction, records.iter().flat_map(|record| record.customer.keys())).await?;
        let mut ledger = Ledger { people, messages: stored(transaction, &records).await? };
        let mut outcomes = Vec::with_capacity(records.len());
        let mut new = Vec::with_capacity(records.len());
        for record in records {
            let settled = ledger.settle(ids, record);
            outcomes.push(settled.as_ref().map_or_else(Clone::clone, |_| Outcome::Recorded));
            new.extend(settled.ok());
        }
        let customers_made = ledger.people.added();
        ledger.people.store(transaction, ids).await?;
        insert(transaction, new).await?;
        Ok(Report { outcomes, customers_made })
    })
    .await
}

/// Messages by source and id.
type Messages = HashMap<(String, String), behavior_message::Model>;

/// Whom and what a transaction knows: what the database has, and what is about to go in.
struct Ledger {
    people: People,
    messages: Messages,
}

impl Ledger {
    /// The rows of a behavior that goes in, or what else becomes of it. Only one that goes in makes its
    /// customer or gives them an identity.
    fn settle(
        &mut self,
        ids: &Ids,
        record: BehaviorRecord,
    ) -> Result<(behavior_message::Model, behavior::Model), Outcome> {
        let digest = digest(&record);
        let key = (record.source.clone(), record.message_id.clone());
        if let Some(known) = self.messages.get(&key) {
            let customer = self.people.find(&record.customer).map_err(Outcome::Refused)?;
            return Err(verdict(known, customer, &digest));
        }
        let customer =
            self.people.resolve(ids, &record.customer, record.occurred_at).map_err(Outcome::Refused)?;
        let row = row(record, customer);
        let message = message(&row, digest);
        self.messages.insert(key, message.clone());
        Ok((message, row))
    }
}

/// What becomes of a message that is there already.
fn verdict(known: &behavior_message::Model, customer: Option<CustomerId>, digest: &[u8]) -> Outcome {
    let differs = match () {
        () if known.digest != digest => "with other content",
        () if customer != Some(known.customer_id) => "for another customer",
        () => return Outcome::Known,
    };
    Outcome::Refused(format!(
        "message `{}` of `{}` has been recorded {differs}; a message id is used once",
        known.message_id, known.source
    ))
}

/// The messages of these records as the database has them now.
async fn stored(connection: &impl ConnectionTrait, records: &[BehaviorRecord]) -> Result<Messages> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for record in records {
        by_source.entry(&record.source).or_default().push(&record.message_id);
    }
    let mut stored = HashMap::with_capacity(records.len());
    for (source, messages) in by_source {
        for messages in messages.chunks(KEYS_PER_STATEMENT) {
            let query = behavior_message::Entity::find()
                .filter(behavior_message::Column::Source.eq(source))
                .filter(behavior_message::Column::MessageId.is_in(messages.iter().copied()));
            let rows = query.all(connection).await?;
            stored.extend(rows.into_iter().map(|row| ((row.source.clone(), row.message_id.clone()), row)));
        }
    }
    Ok(stored)
}

/// Writes what is new. Another writer who recorded one of the messages meanwhile makes it a conflict: the
/// transaction is then to be run again.
async fn insert(
    connection: &impl ConnectionTrait,
    mut new: Vec<(behavior_message::Model, behavior::Model)>,
) -> Result<()> {
    // In the order of the key, so that writers of the same messages do not wait for each other.
    new.sort_by(|(a, _), (b, _)| (&a.source, &a.message_id).cmp(&(&b.source, &b.message_id)));
    let (messages, rows): (Vec<_>, Vec<_>) = new.into_iter().unzip();
    insert_all(connection, messages).await?;
    insert_all(connection, rows).await
}

/// What makes two reports of a customer's behavior the same: name, channel, time and properties.
fn digest(record: &BehaviorRecord) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [record.name.as_bytes(), record.channel.text().as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(record.occurred_at.millis().to_be_bytes());
    hash.update(Value::Object(record.properties.clone()).to_string());
    hash.finalize().to_vec()
}

fn row(record: BehaviorRecord, customer_id: CustomerId) -> behavior::Model {
    behavior::Model {
        id: record.id,
        customer_id,
        name: record.name,
        channel: record.channel,
        touchpoint_id: record.touchpoint_id,
        device_id: record.device_id,
        properties: Value::Object(record.properties),
        occurred_at: record.occurred_at,
        received_at: record.received_at,
        source: record.source,
        message_id: record.message_id,
        attributes_version: 0,
    }
}

fn message(row: &behavior::Model, digest: Vec<u8>) -> behavior_message::Model {
    behavior_message::Model {
        source: row.source.clone(),
        message_id: row.message_id.clone(),
        behavior_id: row.id,
        customer_id: row.customer_id,
        digest,
        received_at: row.received_at,
    }
}
