//! Behaviors that do not look as they must are kept apart, whole, until what is wrong is mended.

use entities::ids::{Id, QuarantinedBehaviorId};
use entities::quarantined_behavior;
use entities::values::{IdentityKind, TextEnum};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::{Map, Value, json};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::CustomerRef;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// Keeps records apart, each with the reason. The same message once more changes nothing.
pub async fn keep(
    transaction: &DatabaseTransaction,
    ids: &Ids,
    mut records: Vec<(BehaviorRecord, String)>,
) -> Result<()> {
    let key = |record: &BehaviorRecord| (record.source.clone(), record.message_id.clone());
    records.sort_by_key(|(record, _)| key(record));
    records.dedup_by_key(|(record, _)| key(record));
    let each = || records.iter().map(|(record, _)| record);
    ColumnarInsert::into("quarantined_behaviors", records.len())
        .uuids("id", each().map(|record| ids.next::<QuarantinedBehaviorId>(record.received_at).uuid()))
        .texts("source", each().map(|record| record.source.clone()))
        .texts("message_id", each().map(|record| record.message_id.clone()))
        .texts("name", each().map(|record| record.name.clone()))
        .jsons("arrival", each().map(|record| arrival(record).to_string()))
        .texts("reason", records.iter().map(|(_, reason)| reason.clone()))
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
) -> Result<Vec<BehaviorRecord>> {
    use sea_orm::QueryFilter;
    let chosen = is_any_id(transaction, "id", ids.iter().map(|id| id.uuid()));
    let rows = quarantined_behavior::Entity::find().filter(chosen.clone()).all(transaction).await?;
    quarantined_behavior::Entity::delete_many().filter(chosen).exec(transaction).await?;
    rows.into_iter()
        .map(|row| {
            let name = row.id.to_string();
            record(row).ok_or_else(|| Error::internal(format!("{name} cannot be read back")))
        })
        .collect()
}

/// A record as it is kept. Names and times stand in columns beside it.
fn arrival(record: &BehaviorRecord) -> Value {
    let customer = match &record.customer {
        CustomerRef::Known(id) => json!({ "id": id.to_string() }),
        CustomerRef::Identified(keys) => {
            let key = |key: &IdentityKey| json!({ "type": key.kind().text(), "value": key.value() });
            json!({ "identities": keys.iter().map(key).collect::<Vec<_>>() })
        }
    };
    json!({
        "id": record.id.to_string(),
        "customer": customer,
        "channel": record.channel.text(),
        "touchpoint": record.touchpoint_id.map(|id| id.to_string()),
        "device": record.device_id.map(|id| id.to_string()),
        "properties": record.properties.value(),
        "occurredAt": record.occurred_at.millis(),
    })
}

fn record(row: quarantined_behavior::Model) -> Option<BehaviorRecord> {
    let Value::Object(mut arrival) = row.arrival else { return None };
    let customer = customer(arrival.get("customer")?.as_object()?)?;
    let properties = match arrival.remove("properties")? {
        Value::Object(properties) => properties.into(),
        _ => return None,
    };
    Some(BehaviorRecord {
        id: text(&arrival, "id")?.parse().ok()?,
        customer,
        name: row.name,
        channel: TextEnum::parse(text(&arrival, "channel")?)?,
        touchpoint_id: text(&arrival, "touchpoint").and_then(|id| id.parse().ok()),
        device_id: text(&arrival, "device").and_then(|id| id.parse().ok()),
        properties,
        occurred_at: entities::timestamp::Timestamp(arrival.get("occurredAt")?.as_i64()?),
        received_at: row.received_at,
        source: row.source,
        message_id: row.message_id,
    })
}

fn customer(kept: &Map<String, Value>) -> Option<CustomerRef> {
    if let Some(id) = text(kept, "id") {
        return Some(CustomerRef::Known(id.parse().ok()?));
    }
    let key = |identity: &Value| {
        let identity = identity.as_object()?;
        let kind = IdentityKind::parse(text(identity, "type")?)?;
        Some(IdentityKey::stored(kind, text(identity, "value")?.to_owned()))
    };
    let keys: Option<Vec<_>> = kept.get("identities")?.as_array()?.iter().map(key).collect();
    keys.map(CustomerRef::Identified)
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}
