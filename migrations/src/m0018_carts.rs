//! Carts: what a customer is about to buy, by what codes, and what of the stock is held for it.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "carts")
            .id()
            .reference("customer_id", No, "customers")
            .integer("version", No)
            .currency("currency", No)
            .text_of("channel", No, &CHANNELS)
            .uuid("touchpoint_id", Yes)
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["customer_id"])
            .index(&["updated_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "cart_lines")
            .id()
            .reference("cart_id", No, "carts")
            .reference("customer_id", No, "customers")
            .reference("product_id", No, "products")
            .integer("quantity", No)
            .integer("unit_minor", No)
            .check("quantity > 0")
            .unique(&["cart_id", "product_id"])
            .index(&["customer_id"])
            .index(&["product_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "cart_codes")
            .reference("cart_id", No, "carts")
            .reference("customer_id", No, "customers")
            .text("code", No)
            .primary_key(&["cart_id", "code"])
            .index(&["customer_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "holds")
            .id()
            .reference("cart_id", No, "carts")
            .reference("product_id", No, "products")
            .reference("customer_id", No, "customers")
            .integer("quantity", No)
            .time("held_at", No)
            .time("expires_at", No)
            .check("quantity > 0")
            .unique(&["cart_id", "product_id"])
            .index(&["expires_at", "id"])
            .index(&["customer_id"])
            .index(&["product_id"])
            .create(manager)
            .await
    }
}
