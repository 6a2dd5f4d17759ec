//! What can be bought.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "products")
            .id()
            .text("sku", No)
            .text("name", No)
            .text_of("kind", No, &["TICKET", "PHYSICAL", "DIGITAL"])
            .integer("price_minor", No)
            .currency("currency", No)
            .integer("stock_total", Yes)
            .counter("stock_taken")
            .reference("part_of", Yes, "products")
            .json("attributes")
            .time("starts_at", Yes)
            .time("created_at", No)
            .unique(&["sku"])
            .index(&["created_at", "id"])
            .index(&["kind", "created_at", "id"])
            .index(&["kind", "starts_at", "id"])
            .index(&["part_of", "created_at", "id"])
            .index(&["part_of", "starts_at", "id"])
            .index(&["starts_at", "id"])
            .create(manager)
            .await
    }
}
