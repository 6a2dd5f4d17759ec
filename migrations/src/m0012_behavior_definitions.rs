//! What behaviors must look like, and those that did not.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "behavior_definitions")
            .id()
            .text("name", No)
            .text("description", Yes)
            .json("schema")
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["name"])
            .index(&["created_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "quarantined_behaviors")
            .id()
            .reference("customer_id", No, "customers")
            .text("source", No)
            .text("message_id", No)
            .text("name", No)
            .json("arrival")
            .text("reason", No)
            .time("received_at", No)
            .unique(&["source", "message_id"])
            .index(&["customer_id"])
            .index(&["received_at", "id"])
            .index(&["name", "received_at", "id"])
            .create(manager)
            .await
    }
}
