//! Customers: known people and anonymous devices.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "customers")
            .id()
            .time("created_at", No)
            .time("updated_at", No)
            .text("first_name", Yes)
            .text("last_name", Yes)
            .text("email", Yes)
            .text("phone", Yes)
            .text("birth_date", Yes)
            .text("locale", Yes)
            .json("traits")
            .time("described_at", Yes)
            .time("erased_at", Yes)
            .reference("merged_into", Yes, "customers")
            .index(&["created_at", "id"])
            .index(&["merged_into"])
            .index_where_present("merged_into", &["created_at", "id"])
            .create(manager)
            .await
    }
}
