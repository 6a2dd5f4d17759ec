//! What limits customers in their carts: for how long they have held something, and how many codes they have tried.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::No;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "hold_spans")
            .reference("customer_id", No, "customers")
            .reference("product_id", No, "products")
            .time("held_at", No)
            .time("over_at", No)
            .primary_key(&["customer_id", "product_id"])
            .index(&["product_id"])
            .index(&["over_at"])
            .create(manager)
            .await?;
        NewTable::new(manager, "code_entries")
            .reference("customer_id", No, "customers")
            .integer("entered", No)
            .time("began_at", No)
            .primary_key(&["customer_id"])
            .index(&["began_at"])
            .create(manager)
            .await
    }
}
