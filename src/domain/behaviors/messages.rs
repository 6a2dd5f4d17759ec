//! Which messages have been recorded: those of the database, and those about to go in.

use std::collections::HashMap;

use entities::behavior_message;
use entities::ids::{CustomerId, Id};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::db::columnar::{ColumnarInsert, is_any_text};
use crate::domain::behaviors::record::{BehaviorRecord, Outcome, RecordedBehavior};
use crate::kernel::error::Result;

/// A message that has been recorded.
pub struct Message(behavior_message::Model);

impl Message {
    pub fn of(row: &RecordedBehavior, digest: Vec<u8>) -> Self {
        let RecordedBehavior { record, customer_id } = row;
        Self(behavior_message::Model {
            source: record.source.clone(),
            message_id: record.message_id.clone(),
            behavior_id: record.id,
            customer_id: *customer_id,
            digest,
            received_at: record.received_at,
        })
    }

    /// The row it was recorded for.
    pub fn customer(&self) -> CustomerId {
        self.0.customer_id
    }

    /// What becomes of the same message when it comes again.
    pub fn verdict(&self, is_same_person: bool, digest: &[u8]) -> Outcome {
        let Self(known) = self;
        let differs = match () {
            () if known.digest != digest => "with other content",
            () if !is_same_person => "for another customer",
            () => return Outcome::Known(known.behavior_id),
        };
        Outcome::Refused(format!(
            "message `{}` of `{}` has been recorded {differs}; a message id is used once",
            known.message_id, known.source
        ))
    }
}

/// The messages of one transaction by source and id.
pub struct Messages {
    known: HashMap<(String, String), Message>,
    new: Vec<(String, String)>,
}

impl Messages {
    /// Reads which of these have been recorded.
    pub async fn load(transaction: &DatabaseTransaction, records: &[BehaviorRecord]) -> Result<Self> {
        let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
        for record in records {
            by_source.entry(&record.source).or_default().push(&record.message_id);
        }
        let mut known = HashMap::with_capacity(records.len());
        for (source, messages) in by_source {
            let texts = messages.into_iter().map(str::to_owned);
            let query = behavior_message::Entity::find()
                .filter(behavior_message::Column::Source.eq(source))
                .filter(is_any_text(transaction, "message_id", texts));
            let rows = query.all(transaction).await?;
            known.extend(rows.into_iter().map(|row| (key(&row), Message(row))));
        }
        Ok(Self { known, new: Vec::new() })
    }

    /// The rows for which they were recorded.
    pub fn customers(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.known.values().map(Message::customer)
    }

    pub fn get(&self, source: &str, message_id: &str) -> Option<&Message> {
        self.known.get(&(source.to_owned(), message_id.to_owned()))
    }

    pub fn add(&mut self, message: Message) {
        let key = key(&message.0);
        self.new.push(key.clone());
        self.known.insert(key, message);
    }

    /// Writes what is new, in the order of the key, so that writers of the same messages do not wait for each
    /// other in a circle. Another who recorded one of them meanwhile makes it a conflict: the transaction is
    /// then to be run again.
    pub async fn store(mut self, transaction: &DatabaseTransaction) -> Result<()> {
        self.new.sort_unstable();
        let rows: Vec<_> = self.new.iter().filter_map(|key| Some(self.known.remove(key)?.0)).collect();
        ColumnarInsert::into("behavior_messages", rows.len())
            .texts("source", rows.iter().map(|row| row.source.clone()))
            .texts("message_id", rows.iter().map(|row| row.message_id.clone()))
            .uuids("behavior_id", rows.iter().map(|row| row.behavior_id.uuid()))
            .uuids("customer_id", rows.iter().map(|row| row.customer_id.uuid()))
            .bytes("digest", rows.iter().map(|row| row.digest.clone()))
            .integers("received_at", rows.iter().map(|row| row.received_at.millis()))
            .run(transaction)
            .await?;
        Ok(())
    }
}

fn key(row: &behavior_message::Model) -> (String, String) {
    (row.source.clone(), row.message_id.clone())
}
