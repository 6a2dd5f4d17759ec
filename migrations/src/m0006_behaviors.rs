//! What customers did, and which messages have been recorded.
//!
//! `touchpoint_id` is not a foreign key: a brand has few touchpoints, so every insert would lock the same
//! few rows of theirs in PostgreSQL. `behavior_messages` references nothing: it is a memory of messages
//! that outlives the rows it names when history is dropped by time.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "behaviors")
            .id()
            .reference("customer_id", No, "customers")
            .text("name", No)
            .text_of("channel", No, &CHANNELS)
            .uuid("touchpoint_id", Yes)
            .reference("device_id", Yes, "devices")
            .json("properties")
            .time("occurred_at", No)
            .time("received_at", No)
            .text("source", No)
            .text("message_id", No)
            .integer("attributes_version", No)
            .index(&["customer_id", "occurred_at", "id"])
            .index(&["customer_id", "name", "occurred_at", "id"])
            .index(&["occurred_at", "id"])
            .index(&["name", "occurred_at", "id"])
            .index(&["channel", "occurred_at", "id"])
            .index(&["touchpoint_id", "occurred_at", "id"])
            .index(&["device_id", "occurred_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "behavior_messages")
            .text("source", No)
            .text("message_id", No)
            .uuid("behavior_id", No)
            .uuid("customer_id", No)
            .bytes("digest")
            .time("received_at", No)
            .primary_key(&["source", "message_id"])
            .index(&["received_at"])
            .create(manager)
            .await
    }
}
