//! Which messages wait in quarantine: those of the database, and those about to go in.

use std::collections::HashMap;

use entities::ids::CustomerId;
use entities::quarantined_behavior::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::db::columnar::is_any_text;
use crate::domain::behaviors::quarantine::{self, Quarantined};
use crate::domain::behaviors::record::{BehaviorRecord, Outcome};
use crate::kernel::error::Result;

/// The messages in quarantine by source and id.
pub struct Waiting {
    known: HashMap<(String, String), Quarantined>,
    new: Vec<(String, String)>,
}

impl Waiting {
    /// Reads which of these wait already.
    pub async fn load(
        transaction: &DatabaseTransaction,
        records: impl Iterator<Item = &BehaviorRecord>,
    ) -> Result<Self> {
        let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
        for record in records {
            by_source.entry(&record.source).or_default().push(&record.message_id);
        }
        let mut known = HashMap::new();
        for (source, messages) in by_source {
            let texts = messages.into_iter().map(str::to_owned);
            let query = Entity::find().filter(Column::Source.eq(source)).filter(is_any_text(
                transaction,
                "message_id",
                texts,
            ));
            for row in query.all(transaction).await? {
                let one = quarantine::read_back(row)?;
                known.insert(key(&one.record), one);
            }
        }
        Ok(Self { known, new: Vec::new() })
    }

    /// Who did what waits already.
    pub fn customers(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.known.values().map(|one| one.customer)
    }

    /// The same message, if it waits.
    pub fn get(&self, record: &BehaviorRecord) -> Option<&Quarantined> {
        self.known.get(&key(record))
    }

    /// Keeps a record apart that does not wait yet.
    pub fn add(&mut self, one: Quarantined) {
        let key = key(&one.record);
        self.new.push(key.clone());
        self.known.insert(key, one);
    }

    /// Writes what is new.
    pub async fn store(mut self, transaction: &DatabaseTransaction) -> Result<()> {
        let new = self.new.iter().filter_map(|key| self.known.remove(key)).collect();
        quarantine::keep(transaction, new).await
    }
}

impl Quarantined {
    /// What becomes of the same message when it comes again, and still does not look as it must.
    pub fn verdict(&self, is_same_person: bool, again: &BehaviorRecord, reason: &str) -> Outcome {
        let BehaviorRecord { source, message_id, .. } = &self.record;
        let differs = match () {
            () if !is_same_content(&self.record, again) => "with other content",
            () if !is_same_person => "for another customer",
            () => return Outcome::Quarantined(format!("it is in quarantine already: {reason}")),
        };
        Outcome::Refused(format!(
            "message `{message_id}` of `{source}` is in quarantine {differs}; a message id is used once"
        ))
    }
}

/// As for messages that were recorded: name, channel and properties, not the time. What was stored has been
/// through its text, so what arrives is held against it in the same form.
fn is_same_content(stored: &BehaviorRecord, again: &BehaviorRecord) -> bool {
    let read_back = serde_json::from_str::<Value>(again.properties.text());
    (&stored.name, stored.channel) == (&again.name, again.channel)
        && (stored.properties.text() == again.properties.text()
            || read_back.is_ok_and(|value| value == *stored.properties.value()))
}

fn key(record: &BehaviorRecord) -> (String, String) {
    (record.source.clone(), record.message_id.clone())
}
