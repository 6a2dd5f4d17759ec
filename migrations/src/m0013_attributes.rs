//! What is computed from behaviors: definitions, and the buckets that values are summed from.
//!
//! A bucket holds what one customer did on one day (0 for definitions without a window) in one channel, for
//! aggregates over values one bucket a value. Sums are millionths: integers add up to the same in any order.
//! `catalogues` counts the changes of what replicas keep in memory, so that they notice.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

const AGGREGATES: [&str; 10] = [
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVERAGE",
    "FIRST",
    "LAST",
    "MOST_FREQUENT",
    "DISTINCT_COUNT",
    "DAYS_SINCE_LAST",
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "catalogues")
            .text("name", No)
            .integer("version", No)
            .primary_key(&["name"])
            .create(manager)
            .await?;
        NewTable::new(manager, "attribute_definitions")
            .id()
            .text("key", No)
            .text("label", No)
            .text("behavior", No)
            .text("property", Yes)
            .text("filter", Yes)
            .text_of("aggregate", No, &AGGREGATES)
            .text("window", Yes)
            .text("time_zone", No)
            .integer("version", No)
            .text_of("status", No, &["BACKFILLING", "READY"])
            .counter("backfilled")
            .counter("backfill_total")
            .time("backfill_at", Yes)
            .uuid("backfill_id", Yes)
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["key"])
            .index(&["created_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "retired_attributes")
            .uuid("definition_id", No)
            .uuid("swept_to", Yes)
            .primary_key(&["definition_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "attribute_buckets")
            .reference("customer_id", No, "customers")
            .uuid("definition_id", No)
            .small_integer("day", No)
            .text("channel", No)
            .text("value", No)
            .integer("count", No)
            .integer("sum", Yes)
            .integer("min", Yes)
            .integer("max", Yes)
            .time("first_at", No)
            .uuid("first_id", No)
            .text("first_value", Yes)
            .time("last_at", No)
            .uuid("last_id", No)
            .text("last_value", Yes)
            .primary_key(&["customer_id", "definition_id", "day", "channel", "value"])
            .create(manager)
            .await
    }
}
