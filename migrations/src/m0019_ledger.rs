//! What makes purchases a ledger: each request once, which line bore which discount, what was given back of either,
//! and what digital products a customer may use.

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::ddl::Null::{No, Yes};
use crate::ddl::{Kind, NewColumn, NewTable};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("purchases", "payment_reference", Kind::Text).add(manager).await?;
        NewColumn::new("purchases", "expires_at", Kind::Integer).add(manager).await?;
        NewColumn::new("purchases", "refunded_minor", Kind::Counter)
            .check("refunded_minor = 0 OR refunded_minor BETWEEN 1 AND total_minor")
            .add(manager)
            .await?;
        NewColumn::new("purchase_lines", "stock_taken", Kind::Counter)
            .check("stock_taken = 0 OR stock_taken BETWEEN 1 AND quantity")
            .add(manager)
            .await?;
        NewColumn::new("purchase_lines", "refunded_quantity", Kind::Counter)
            .check("refunded_quantity = 0 OR refunded_quantity BETWEEN 1 AND quantity")
            .add(manager)
            .await?;
        NewColumn::new("purchase_lines", "refunded_minor", Kind::Counter)
            .check("refunded_minor = 0 OR refunded_minor BETWEEN 1 AND total_minor")
            .add(manager)
            .await?;
        NewColumn::new("redemptions", "returned_minor", Kind::Counter)
            .check("returned_minor = 0 OR returned_minor BETWEEN 1 AND amount_minor")
            .add(manager)
            .await?;
        NewColumn::new("offer_codes", "redemption_id", Kind::Uuid).add(manager).await?;
        manager.get_connection().execute_unprepared(CODES_BY_REDEMPTION).await?;
        manager.get_connection().execute_unprepared(PURCHASES_BY_EXPIRY).await?;
        tables(manager).await
    }
}

const CODES_BY_REDEMPTION: &str = "CREATE INDEX ix_offer_codes_redemption_id_where_redemption_id \
                                   ON offer_codes (redemption_id) WHERE redemption_id IS NOT NULL";

const PURCHASES_BY_EXPIRY: &str = "CREATE INDEX ix_purchases_expires_at_where_expires_at \
                                   ON purchases (expires_at, id) WHERE expires_at IS NOT NULL";

async fn tables(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::new(manager, "line_discounts")
        .reference("purchase_line_id", No, "purchase_lines")
        .reference("redemption_id", No, "redemptions")
        .reference("customer_id", No, "customers")
        .integer("amount_minor", No)
        .counter("returned_minor")
        .check("returned_minor >= 0 AND returned_minor <= amount_minor")
        .primary_key(&["purchase_line_id", "redemption_id"])
        .index(&["redemption_id"])
        .index(&["customer_id"])
        .create(manager)
        .await?;
    NewTable::new(manager, "entitlements")
        .id()
        .reference("customer_id", No, "customers")
        .reference("product_id", No, "products")
        .reference("purchase_id", No, "purchases")
        .reference("purchase_line_id", No, "purchase_lines")
        .time("granted_at", No)
        .time("expires_at", Yes)
        .time("revoked_at", Yes)
        .unique(&["purchase_line_id"])
        .index(&["customer_id", "granted_at", "id"])
        .index(&["product_id"])
        .index(&["purchase_id"])
        .create(manager)
        .await?;
    NewTable::new(manager, "idempotency_keys")
        .text("principal", No)
        .text("operation", No)
        .text("key", No)
        .bytes("body_hash")
        .reference("customer_id", No, "customers")
        // No foreign key: the key is taken before the purchase is written.
        .uuid("purchase_id", No)
        .time("created_at", No)
        .primary_key(&["principal", "operation", "key"])
        .index(&["customer_id"])
        .index(&["created_at"])
        .create(manager)
        .await
}
