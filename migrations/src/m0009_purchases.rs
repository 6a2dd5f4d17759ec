//! What customers bought, and its lines.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "purchases")
            .id()
            .text("number", No)
            .reference("customer_id", No, "customers")
            .text_of("status", No, &["PENDING", "PAID", "CANCELED", "PARTIALLY_REFUNDED", "REFUNDED"])
            .text_of("channel", No, &CHANNELS)
            .reference("touchpoint_id", Yes, "touchpoints")
            .currency("currency", No)
            .integer("total_minor", No)
            .integer("discount_minor", No)
            .time("placed_at", No)
            .text("source", No)
            .text("external_id", No)
            .unique(&["number"])
            .unique(&["source", "external_id"])
            .index(&["customer_id", "placed_at", "id"])
            .index(&["placed_at", "id"])
            .index(&["status", "placed_at", "id"])
            .index(&["channel", "placed_at", "id"])
            .index(&["touchpoint_id", "placed_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "purchase_lines")
            .id()
            .reference("customer_id", No, "customers")
            .reference("purchase_id", No, "purchases")
            .small_integer("position", No)
            .reference("product_id", No, "products")
            .integer("quantity", No)
            .integer("unit_minor", No)
            .integer("total_minor", No)
            .unique(&["purchase_id", "position"])
            .index(&["product_id"])
            .index(&["customer_id"])
            .create(manager)
            .await
    }
}
