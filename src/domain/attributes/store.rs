//! Writes what behaviors add up to into the buckets.

use entities::ids::Id;
use sea_orm::ConnectionTrait;

use crate::db::columnar::ColumnarInsert;
use crate::domain::attributes::bucket::{BucketKey, Totals};
use crate::domain::attributes::catalogue::AttributeDefinitions;
use crate::domain::attributes::counting::{Counted, Deltas, count_into};
use crate::domain::behaviors::record::RecordedBehavior;
use crate::kernel::error::Result;
use crate::kernel::turn::Turn;

/// Adds to what is there. Sums stop at `SUM_BOUND`, so that no sender can make one overflow.
const ADD: &str = r#"ON CONFLICT ("customer_id", "definition_id", "day", "channel", "value") DO UPDATE SET
    "count" = attribute_buckets."count" + excluded."count",
    "sum" = CASE WHEN abs(attribute_buckets."sum") >= 4000000000000000000 THEN attribute_buckets."sum"
        ELSE attribute_buckets."sum" + excluded."sum" END,
    "min" = CASE WHEN excluded."min" < attribute_buckets."min" THEN excluded."min"
        ELSE attribute_buckets."min" END,
    "max" = CASE WHEN excluded."max" > attribute_buckets."max" THEN excluded."max"
        ELSE attribute_buckets."max" END,
    "first_value" = CASE WHEN (excluded."first_at", excluded."first_id")
        < (attribute_buckets."first_at", attribute_buckets."first_id")
        THEN excluded."first_value" ELSE attribute_buckets."first_value" END,
    "first_id" = CASE WHEN (excluded."first_at", excluded."first_id")
        < (attribute_buckets."first_at", attribute_buckets."first_id")
        THEN excluded."first_id" ELSE attribute_buckets."first_id" END,
    "first_at" = CASE WHEN excluded."first_at" < attribute_buckets."first_at"
        THEN excluded."first_at" ELSE attribute_buckets."first_at" END,
    "last_value" = CASE WHEN (excluded."last_at", excluded."last_id")
        > (attribute_buckets."last_at", attribute_buckets."last_id")
        THEN excluded."last_value" ELSE attribute_buckets."last_value" END,
    "last_id" = CASE WHEN (excluded."last_at", excluded."last_id")
        > (attribute_buckets."last_at", attribute_buckets."last_id")
        THEN excluded."last_id" ELSE attribute_buckets."last_id" END,
    "last_at" = CASE WHEN excluded."last_at" > attribute_buckets."last_at"
        THEN excluded."last_at" ELSE attribute_buckets."last_at" END"#;

/// Counts behaviors that were just recorded, for all definitions of the catalogue.
pub async fn count(
    connection: &impl ConnectionTrait,
    definitions: &AttributeDefinitions,
    rows: &[RecordedBehavior],
) -> Result<()> {
    let (mut deltas, mut turn) = (Deltas::new(), Turn::begin());
    for RecordedBehavior { record, customer_id } in rows {
        for definition in definitions.counting(&record.name) {
            count_into(&mut deltas, *customer_id, definition, Counted::of_record(record));
            turn.give().await;
        }
    }
    add(connection, deltas).await
}

/// Adds to the buckets, in the order of their key, so that two writers never wait for each other in a circle.
pub async fn add(connection: &impl ConnectionTrait, deltas: Deltas) -> Result<()> {
    let mut rows: Vec<((_, _, BucketKey), Totals)> = deltas.into_iter().collect();
    rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let totals = || rows.iter().map(|(_, totals)| totals);
    let firsts = || totals().map(|totals| &totals.first);
    let lasts = || totals().map(|totals| &totals.last);
    ColumnarInsert::into("attribute_buckets", rows.len())
        .uuids("customer_id", rows.iter().map(|((customer, ..), _)| customer.uuid()))
        .uuids("definition_id", rows.iter().map(|((_, definition, _), _)| definition.uuid()))
        .small_integers("day", rows.iter().map(|((.., key), _)| key.day))
        .texts("channel", rows.iter().map(|((.., key), _)| key.channel.to_owned()))
        .texts("value", rows.iter().map(|((.., key), _)| key.value.clone()))
        .integers("count", totals().map(|totals| totals.count))
        .optional_integers("sum", totals().map(|totals| totals.sum))
        .optional_integers("min", totals().map(|totals| totals.min))
        .optional_integers("max", totals().map(|totals| totals.max))
        .integers("first_at", firsts().map(|first| first.at.millis()))
        .uuids("first_id", firsts().map(|first| first.id.uuid()))
        .optional_texts("first_value", firsts().map(|first| first.value.clone()))
        .integers("last_at", lasts().map(|last| last.at.millis()))
        .uuids("last_id", lasts().map(|last| last.id.uuid()))
        .optional_texts("last_value", lasts().map(|last| last.value.clone()))
        .on_conflict(ADD)
        .run(connection)
        .await?;
    Ok(())
}
