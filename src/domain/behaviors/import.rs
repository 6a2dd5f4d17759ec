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
use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::domain::customers::recording::{Deed, Key, Ledger, Report};
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

/// Records behaviors in one transaction, and makes the customers that are not there yet. A message that
/// has been recorded is left alone; the same message id with other content or of another customer is refused.
pub async fn record(db: &Db, ids: &Ids, records: Vec<BehaviorRecord>) -> Result<Report> {
    db.write(async |transaction| {
        let people =
            People::load(transaction, records.iter().flat_map(|record| record.customer.keys())).await?;
        let kept = stored(transaction, &records).await?;
        let mut ledger = Ledger { people, kept, numbers: HashSet::new() };
        let (outcomes, new) = ledger.settle(ids, records, |record, customer| {
            let digest = digest(&record);
            let row = row(record, customer);
            let message = message(&row, digest);
            (message.clone(), (message, row))
        });
        let customers_made = ledger.store_people(transaction, ids).await?;
        insert(transaction, new).await?;
        Ok(Report { outcomes, customers_made })
    })
    .await
}

impl Deed for BehaviorRecord {
    type Kept = behavior_message::Model;
    const NAMES: (&'static str, &'static str) = ("message", "a message id");

    fn key(&self) -> Key {
        (self.source.clone(), self.message_id.clone())
    }

    fn customer(&self) -> &CustomerRef {
        &self.customer
    }

    fn done_at(&self) -> Timestamp {
        self.occurred_at
    }

    fn owner(kept: &Self::Kept) -> CustomerId {
        kept.customer_id
    }

    fn difference(&self, kept: &Self::Kept) -> Option<&'static str> {
        (kept.digest != digest(self)).then_some("with other content")
    }
}

/// The messages of these records as the database has them now.
async fn stored(
    connection: &impl ConnectionTrait,
    records: &[BehaviorRecord],
) -> Result<HashMap<Key, behavior_message::Model>> {
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
