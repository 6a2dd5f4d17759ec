//! The uses of offers.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "redemptions")
            .id()
            .reference("customer_id", No, "customers")
            .reference("purchase_id", Yes, "purchases")
            .reference("offer_id", No, "offers")
            .text_of("status", No, &["HELD", "REDEEMED", "RELEASED", "ROLLED_BACK"])
            .integer("amount_minor", No)
            .currency("currency", No)
            .time("created_at", No)
            .index(&["purchase_id", "created_at", "id"])
            .index(&["customer_id", "created_at", "id"])
            .index(&["customer_id", "offer_id", "created_at"])
            .index(&["offer_id", "created_at", "id"])
            .create(manager)
            .await
    }
}
