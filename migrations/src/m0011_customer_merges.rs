//! Which customers turned out to be others, and which merges were undone.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "customer_merges")
            .id()
            .reference("survivor_id", No, "customers")
            .reference("merged_id", No, "customers")
            .text("source", No)
            .text("reason", No)
            .time("merged_at", No)
            .time("undone_at", Yes)
            .index(&["survivor_id", "merged_at", "id"])
            .index(&["merged_id", "merged_at", "id"])
            .create(manager)
            .await
    }
}
