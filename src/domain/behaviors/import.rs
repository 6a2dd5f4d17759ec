//! Recording behaviors in bulk, each message once.

use std::collections::{HashMap, HashSet};

use entities::ids::{BehaviorId, CustomerId, DeviceId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, TextEnum};
use entities::{behavior, behavior_message};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all, insert_new};
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
/// has been recorded is left alone; the same message id with other content is refused.
pub async fn record(db: &Db, ids: &Ids, records: Vec<BehaviorRecord>) -> Result<Report> {
    db.write(async |transaction| {
        let mut people =
            People::load(transaction, records.iter().flat_map(|record| record.customer.keys())).await?;
        let mut outcomes = vec![Outcome::Known; records.len()];
        let mut batch = Vec::with_capacity(records.len());
        for (place, record) in records.into_iter().enumerate() {
            match people.resolve(ids, &record.customer, record.occurred_at) {
                Ok(customer) => batch.push((place, digest(&record), row(record, customer))),
                Err(reason) => outcomes[place] = Outcome::Refused(reason),
            }
        }
        let customers_made = people.added();
        people.store(transaction, ids).await?;
        // In the order of the key, so that writers of the same messages do not wait for each other.
        batch.sort_by(|(_, _, a), (_, _, b)| (&a.source, &a.message_id).cmp(&(&b.source, &b.message_id)));
        let messages: Vec<_> = batch.iter().map(|(_, digest, row)| message(row, digest)).collect();
        let mut taken: HashSet<_> = insert_new(transaction, messages).await?.into_iter().collect();
        // Of a message that occurs twice in the batch, the first is the one that went in.
        let (new, known): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|(_, _, row)| taken.remove(&(row.source.clone(), row.message_id.clone())));
        let stored = stored(transaction, &known).await?;
        for (place, digest, row) in known {
            outcomes[place] = verdict(&stored, &row, &digest);
        }
        let mut rows = Vec::with_capacity(new.len());
        for (place, _, row) in new {
            outcomes[place] = Outcome::Recorded;
            rows.push(row);
        }
        insert_all(transaction, rows).await?;
        Ok(Report { outcomes, customers_made })
    })
    .await
}

/// Digests of messages by source and id.
type Stored = HashMap<(String, String), Vec<u8>>;

/// What becomes of a message that is there already.
fn verdict(stored: &Stored, row: &behavior::Model, digest: &[u8]) -> Outcome {
    match stored.get(&(row.source.clone(), row.message_id.clone())) {
        Some(known) if known.as_slice() == digest => Outcome::Known,
        _ => Outcome::Refused(format!(
            "message `{}` of `{}` has been recorded with other content; a message id is used once",
            row.message_id, row.source
        )),
    }
}

/// The messages of these rows as the database has them now.
async fn stored(
    connection: &impl ConnectionTrait,
    batch: &[(usize, Vec<u8>, behavior::Model)],
) -> Result<Stored> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for (_, _, row) in batch {
        by_source.entry(&row.source).or_default().push(&row.message_id);
    }
    let mut stored = HashMap::with_capacity(batch.len());
    for (source, messages) in by_source {
        for messages in messages.chunks(KEYS_PER_STATEMENT) {
            let query = behavior_message::Entity::find()
                .filter(behavior_message::Column::Source.eq(source))
                .filter(behavior_message::Column::MessageId.is_in(messages.iter().copied()));
            let rows = query.all(connection).await?;
            stored.extend(rows.into_iter().map(|row| ((row.source, row.message_id), row.digest)));
        }
    }
    Ok(stored)
}

/// What makes two reports of a behavior the same: name, channel, time and properties.
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
    }
}

fn message(row: &behavior::Model, digest: &[u8]) -> behavior_message::Model {
    behavior_message::Model {
        source: row.source.clone(),
        message_id: row.message_id.clone(),
        behavior_id: row.id,
        customer_id: row.customer_id,
        digest: digest.to_vec(),
        received_at: row.received_at,
    }
}
