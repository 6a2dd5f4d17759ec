//! Behaviors that do not look as they must are kept apart, whole, until what is wrong is mended.

use entities::ids::{BehaviorId, CustomerId, Id, QuarantinedBehaviorId};
use entities::quarantined_behavior;
use entities::timestamp::Timestamp;
use entities::values::TextEnum;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::import::CustomerRef;
use crate::kernel::error::{Error, Result};

/// A record that is kept apart.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub record: BehaviorRecord,
    /// Who did it, by which it is told and erased with them.
    pub customer: CustomerId,
    pub reason: String,
}

/// Keeps records apart. The same message once more changes nothing. In the order of their key, so that writers of the
/// same messages do not wait for each other in a circle.
pub async fn keep(transaction: &DatabaseTransaction, mut quarantined: Vec<Quarantined>) -> Result<()> {
    fn key(one: &Quarantined) -> (&str, &str) {
        (&one.record.source, &one.record.message_id)
    }
    quarantined.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
    let each = || quarantined.iter().map(|one| &one.record);
    ColumnarInsert::into("quarantined_behaviors", quarantined.len())
        // The behavior's own, so that it is known again however often it is recorded in vain.
        .uuids("id", each().map(|record| record.id.uuid()))
        .uuids("customer_id", quarantined.iter().map(|one| one.customer.uuid()))
        .texts("source", each().map(|record| record.source.clone()))
        .texts("message_id", each().map(|record| record.message_id.clone()))
        .texts("name", each().map(|record| record.name.clone()))
        .jsons("arrival", each().map(|record| arrival(record).to_string()))
        .texts("reason", quarantined.iter().map(|one| one.reason.clone()))
        .integers("received_at", each().map(|record| record.received_at.millis()))
        .on_conflict("ON CONFLICT DO NOTHING")
        .run(transaction)
        .await?;
    Ok(())
}

/// Takes quarantined behaviors out, to be recorded again.
pub async fn take(
    transaction: &DatabaseTransaction,
    ids: &[QuarantinedBehaviorId],
) -> Result<Vec<Quarantined>> {
    let chosen = is_any_id(transaction, "id", ids.iter().map(|id| id.uuid()));
    let rows = quarantined_behavior::Entity::find().filter(chosen.clone()).all(transaction).await?;
    quarantined_behavior::Entity::delete_many().filter(chosen).exec(transaction).await?;
    rows.into_iter().map(read_back).collect()
}

/// A row as the record that it was kept from.
pub(super) fn read_back(row: quarantined_behavior::Model) -> Result<Quarantined> {
    let (id, customer, reason) = (row.id, row.customer_id, row.reason.clone());
    let record = record(row).ok_or_else(|| Error::internal(format!("{id} cannot be read back")))?;
    Ok(Quarantined { record, customer, reason })
}

/// What of a record stands in no column of its own, in the form in which the graph shows such values: people read it.
fn arrival(record: &BehaviorRecord) -> Value {
    json!({
        "channel": record.channel.text(),
        "touchpoint": record.touchpoint_id.map(|id| id.to_string()),
        "device": record.device_id.map(|id| id.to_string()),
        "properties": record.properties.value(),
        "occurredAt": record.occurred_at.to_string(),
    })
}

fn record(row: quarantined_behavior::Model) -> Option<BehaviorRecord> {
    let Value::Object(mut arrival) = row.arrival else { return None };
    let properties = match arrival.remove("properties")? {
        Value::Object(properties) => properties.into(),
        _ => return None,
    };
    Some(BehaviorRecord {
        id: BehaviorId(row.id.uuid()),
        customer: CustomerRef::Known(row.customer_id),
        name: row.name,
        channel: TextEnum::parse(text(&arrival, "channel")?)?,
        touchpoint_id: text(&arrival, "touchpoint").and_then(|id| id.parse().ok()),
        device_id: text(&arrival, "device").and_then(|id| id.parse().ok()),
        properties,
        occurred_at: match arrival.get("occurredAt")? {
            // As it was kept before people were shown it.
            Value::Number(millis) => Timestamp(millis.as_i64()?),
            time => Timestamp::parse(time.as_str()?).ok()?,
        },
        received_at: row.received_at,
        source: row.source,
        message_id: row.message_id,
    })
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}
