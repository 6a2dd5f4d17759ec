//! What customers use to meet the brand.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "devices")
            .id()
            .reference("customer_id", No, "customers")
            .text_of("channel", No, &CHANNELS)
            .text("platform", No)
            .text("model", Yes)
            .bytes_or_null("token_hash")
            .time("created_at", No)
            .time("last_seen_at", No)
            .unique(&["token_hash"])
            .index(&["customer_id", "last_seen_at", "id"])
            .create(manager)
            .await
    }
}
