//! Recording behaviors within a transaction: each message once, only what looks as it must, and only of
//! customers who do not refuse it.

use std::collections::{BTreeSet, HashSet};

use entities::ids::{BehaviorId, CustomerId, DeviceId, Id, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, ConsentPurpose, TextEnum};
use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};

use crate::db::columnar::ColumnarInsert;
use crate::domain::behaviors::decided::Decisions;
use crate::domain::behaviors::definitions::{BehaviorDefinitions, Fault, UnknownNames};
use crate::domain::behaviors::messages::{Message, Messages};
use crate::domain::behaviors::properties::Properties;
use crate::domain::behaviors::quarantine::Quarantined;
use crate::domain::behaviors::responses;
use crate::domain::behaviors::waiting::Waiting;
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::domain::customers::refusals;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// A behavior to be recorded. Cheap enough to clone that a transaction can be begun anew with it.
#[derive(Clone, Debug)]
pub struct BehaviorRecord {
    pub id: BehaviorId,
    pub customer: CustomerRef,
    pub name: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub device_id: Option<DeviceId>,
    pub properties: Properties,
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    pub source: String,
    pub message_id: String,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Recorded(BehaviorId),
    /// The same message has been recorded before.
    Known(BehaviorId),
    /// It does not look as it must; kept apart, with the reason, to be recorded once that is mended.
    Quarantined(String),
    /// The customer refuses that its behavior is stored.
    Withheld,
    Refused(String),
}

/// A behavior that went in, and whose it is.
#[derive(Debug)]
pub struct RecordedBehavior {
    pub record: BehaviorRecord,
    pub customer_id: CustomerId,
}

/// What became of the records, in their order, and what went in.
#[derive(Debug)]
pub struct Recorded {
    pub outcomes: Vec<Outcome>,
    pub rows: Vec<RecordedBehavior>,
    /// Customers made for the records.
    pub made: HashSet<CustomerId>,
    /// Whom it changed: is to be announced.
    pub touched: BTreeSet<CustomerId>,
}

/// What recording needs to know beside the records.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    pub ids: &'a Ids,
    pub now: Timestamp,
    pub definitions: &'a BehaviorDefinitions,
    pub unknown_names: UnknownNames,
    /// What behaviors that tell of a decision are held against.
    pub decisions: &'a dyn Decisions,
    /// The version of the attributes' catalogue under which the rows will be counted.
    pub attributes_version: i64,
}

impl Recording<'_> {
    fn fault(&self, record: &BehaviorRecord) -> Option<Fault> {
        self.definitions.check(self.unknown_names, &record.name, record.properties.value()).err()
    }
}

/// Records behaviors, and makes the customers that are not there yet. A message that has been recorded is left
/// alone; the same message id with other content or of another customer is refused.
pub async fn record(
    transaction: &DatabaseTransaction,
    recording: Recording<'_>,
    records: Vec<BehaviorRecord>,
) -> Result<Recorded> {
    let names = records.iter().map(|record| record.customer.keys()).collect();
    let mut people = People::load_together(transaction, names).await?;
    let messages = Messages::load(transaction, &records).await?;
    let faults: Vec<Option<Fault>> = records.iter().map(|record| recording.fault(record)).collect();
    let is_wrong = |fault: &Option<Fault>| matches!(fault, Some(Fault::WrongProperties(_)));
    let wrong = records.iter().zip(&faults).filter(|(_, fault)| is_wrong(fault));
    let waiting = Waiting::load(transaction, wrong.map(|(record, _)| record)).await?;
    let by_id = records.iter().filter_map(|record| record.customer.known());
    let rows = by_id.chain(messages.customers()).chain(waiting.customers()).collect();
    people.follow(transaction, rows).await?;
    let named = records.iter().filter_map(|record| people.find(&record.customer).ok().flatten());
    let refusing = refusals::of(transaction, ConsentPurpose::Analytics, named, recording.now).await?;
    let mut ledger =
        Ledger { recording, people, messages, waiting, refusing, rows: Vec::new(), made: HashSet::new() };
    let faults = faults.into_iter();
    let outcomes =
        records.into_iter().zip(faults).map(|(record, fault)| ledger.settle(record, fault)).collect();
    let Ledger { people, messages, waiting, rows, made, .. } = ledger;
    let mut touched = people.write(transaction, recording.ids, recording.now).await?;
    touched.extend(rows.iter().map(|row| row.customer_id));
    messages.store(transaction).await?;
    insert(transaction, &rows, recording.attributes_version).await?;
    responses::store(transaction, recording.decisions, &rows).await?;
    waiting.store(transaction).await?;
    Ok(Recorded { outcomes, rows, made, touched })
}

/// Whom and what a transaction knows: what the database has, and what is about to go in.
struct Ledger<'a> {
    recording: Recording<'a>,
    people: People,
    messages: Messages,
    waiting: Waiting,
    /// Customers who refuse that their behavior is stored.
    refusing: HashSet<CustomerId>,
    rows: Vec<RecordedBehavior>,
    /// Customers made here.
    made: HashSet<CustomerId>,
}

impl Ledger<'_> {
    /// What becomes of a record. Only one that is kept, at its place or apart, makes its customer or gives them an
    /// identity. A message that waits in quarantine and has been mended since is recorded beside it.
    fn settle(&mut self, record: BehaviorRecord, fault: Option<Fault>) -> Outcome {
        let digest = digest(&record);
        let owner = match self.people.find(&record.customer) {
            Ok(owner) => owner,
            Err(reason) => return Outcome::Refused(reason),
        };
        let is_of = |customer: CustomerId| {
            owner.is_some_and(|owner| self.people.person_of(owner) == self.people.person_of(customer))
        };
        if let Some(known) = self.messages.get(&record.source, &record.message_id) {
            return known.verdict(is_of(known.customer()), &digest);
        }
        if owner.is_some_and(|owner| self.refusing.contains(&owner)) {
            return Outcome::Withheld;
        }
        let wrong = match fault {
            None => None,
            Some(Fault::WrongProperties(reason)) => Some(reason),
            Some(Fault::UnknownName) => {
                let name = &record.name;
                return Outcome::Refused(format!(
                    "`{name}` is not defined, and only defined behaviors are taken"
                ));
            }
        };
        if let Some(reason) = &wrong
            && let Some(one) = self.waiting.get(&record)
        {
            return one.verdict(is_of(one.customer), &record, reason);
        }
        let resolved = self.people.resolve(self.recording.ids, &record.customer, record.occurred_at);
        let customer_id = match resolved {
            Ok(customer) => customer,
            Err(reason) => return Outcome::Refused(reason),
        };
        if owner.is_none() {
            self.made.insert(customer_id);
        }
        if let Some(reason) = wrong {
            self.waiting.add(Quarantined { record, customer: customer_id, reason: reason.clone() });
            return Outcome::Quarantined(reason);
        }
        let id = record.id;
        let row = RecordedBehavior { record, customer_id };
        self.messages.add(Message::of(&row, digest));
        self.rows.push(row);
        Outcome::Recorded(id)
    }
}

async fn insert(
    transaction: &DatabaseTransaction,
    rows: &[RecordedBehavior],
    attributes_version: i64,
) -> Result<()> {
    let records = || rows.iter().map(|row| &row.record);
    ColumnarInsert::into("behaviors", rows.len())
        .uuids("id", records().map(|record| record.id.uuid()))
        .uuids("customer_id", rows.iter().map(|row| row.customer_id.uuid()))
        .texts("name", records().map(|record| record.name.clone()))
        .texts("channel", records().map(|record| record.channel.text().to_owned()))
        .optional_uuids("touchpoint_id", records().map(|record| record.touchpoint_id.map(Id::uuid)))
        .optional_uuids("device_id", records().map(|record| record.device_id.map(Id::uuid)))
        .jsons("properties", records().map(|record| record.properties.text().to_owned()))
        .integers("occurred_at", records().map(|record| record.occurred_at.millis()))
        .integers("received_at", records().map(|record| record.received_at.millis()))
        .texts("source", records().map(|record| record.source.clone()))
        .texts("message_id", records().map(|record| record.message_id.clone()))
        .integers("attributes_version", rows.iter().map(|_| attributes_version))
        .run(transaction)
        .await?;
    Ok(())
}

/// What makes two reports of a customer's behavior the same: name, channel and properties. Not the time: it is
/// corrected by the sender's clock, and comes out a little different at another try.
fn digest(record: &BehaviorRecord) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [record.name.as_bytes(), record.channel.text().as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(record.properties.text());
    hash.finalize().to_vec()
}
