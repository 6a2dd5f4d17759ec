//! Everything held about a person, as JSON: a list of rows for each table.

use entities::ids::{
    AttributeDefinitionId, BehaviorId, CartId, CartLineId, CustomerId, CustomerIdentityId, CustomerMergeId,
    DecisionId, DeviceId, EntitlementId, HoldId, OfferId, ProductId, PurchaseId, PurchaseLineId,
    QuarantinedBehaviorId, RedemptionId, SegmentId, TouchpointId,
};
use entities::timestamp::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, EntityTrait, IdenStatic, Iterable, ModelTrait, QueryFilter};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::customers::caller::Caller;
use crate::domain::customers::family;
use crate::domain::customers::rejection::Rejection;
use crate::domain::privacy::rules::{Held, RULES, Rows};
use crate::kernel::error::Result;

/// All rows of a person, by table; tables without any are there with an empty list.
pub async fn export(
    transaction: &DatabaseTransaction,
    caller: &Caller<'_>,
    customer: Option<CustomerId>,
) -> Result<Map<String, Value>, Rejection> {
    let canonical = caller.must_mean(transaction, customer).await?;
    let members = family::family(transaction, canonical).await?;
    let mut tables = Map::new();
    for rule in RULES {
        if let Held::Personal(personal) = &rule.held {
            let rows = (personal.exported)(transaction, personal.rows, &members).await?;
            tables.insert(rule.table.to_owned(), Value::Array(rows));
        }
    }
    Ok(tables)
}

/// Reads the rows of an entity that are of these customers.
pub(super) fn rows<'a, E>(
    transaction: &'a DatabaseTransaction,
    rows: Rows,
    customers: &'a [CustomerId],
) -> BoxFuture<'a, Result<Vec<Value>>>
where
    E: EntityTrait + Default,
    E::Model: ModelTrait<Entity = E>,
{
    async move {
        let models = E::find().filter(rows.of(customers)).all(transaction).await?;
        Ok(models.iter().map(|model| object::<E>(model)).collect())
    }
    .boxed()
}

/// A row as JSON, in the form in which the graph shows it. Hashes are left out: they say nothing to anybody.
pub(super) fn object<E>(model: &E::Model) -> Value
where
    E: EntityTrait + Default,
    E::Model: ModelTrait<Entity = E>,
{
    let table = E::default().table_name().to_owned();
    let mut object = Map::new();
    for column in E::Column::iter() {
        let name = column.as_str();
        if let Some(value) = json(&table, name, model.get(column)) {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

fn json(table: &str, column: &str, value: sea_orm::Value) -> Option<Value> {
    use sea_orm::Value as Db;
    Some(match value {
        Db::Uuid(id) => id.map(|id| id_text(table, column, id)).into(),
        Db::BigInt(Some(millis)) if column.ends_with("_at") || column == "valid_until" => {
            Timestamp(millis).to_string().into()
        }
        Db::BigInt(number) => number.into(),
        Db::Int(number) => number.into(),
        Db::Bool(flag) => flag.into(),
        Db::String(text) => text.into(),
        Db::Json(json) => json.map_or(Value::Null, |json| *json),
        // The tables have no other columns but hashes.
        _ => return None,
    })
}

fn id_text(table: &str, column: &str, id: Uuid) -> String {
    match (table, column) {
        (_, "customer_id" | "merged_into" | "survivor_id" | "merged_id") | ("customers", "id") => {
            CustomerId(id).to_string()
        }
        (_, "behavior_id" | "first_id" | "last_id") | ("behaviors", "id") => BehaviorId(id).to_string(),
        (_, "definition_id") => AttributeDefinitionId(id).to_string(),
        (_, "device_id") | ("devices", "id") => DeviceId(id).to_string(),
        (_, "cart_id") | ("carts", "id") => CartId(id).to_string(),
        ("cart_lines", "id") => CartLineId(id).to_string(),
        ("holds", "id") => HoldId(id).to_string(),
        ("entitlements", "id") => EntitlementId(id).to_string(),
        (_, "purchase_line_id") => PurchaseLineId(id).to_string(),
        (_, "redemption_id") => RedemptionId(id).to_string(),
        (_, "offer_id") => OfferId(id).to_string(),
        (_, "product_id") => ProductId(id).to_string(),
        (_, "purchase_id") | ("purchases", "id") => PurchaseId(id).to_string(),
        (_, "segment_id") => SegmentId(id).to_string(),
        (_, "touchpoint_id") => TouchpointId(id).to_string(),
        ("customer_identities", "id") => CustomerIdentityId(id).to_string(),
        ("customer_merges", "id") => CustomerMergeId(id).to_string(),
        ("decisions", "id") => DecisionId(id).to_string(),
        ("purchase_lines", "id") => PurchaseLineId(id).to_string(),
        ("quarantined_behaviors", "id") => QuarantinedBehaviorId(id).to_string(),
        ("redemptions", "id") => RedemptionId(id).to_string(),
        _ => id.to_string(),
    }
}
