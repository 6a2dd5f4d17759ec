//! Where the brand meets its customers.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::No;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "touchpoints")
            .id()
            .text("key", No)
            .text("name", No)
            .text_of("channel", No, &CHANNELS)
            .json("placements")
            .text("time_zone", No)
            .currency("currency", No)
            .boolean("shared")
            .time("created_at", No)
            .unique(&["key"])
            .index(&["created_at", "id"])
            .create(manager)
            .await
    }
}
