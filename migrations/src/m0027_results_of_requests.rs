//! Requests that are done once need not be purchases: what came of one is an id of any kind, and it may be nobody's.

use sea_orm_migration::prelude::{
    Alias, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing is released: no key is waited for.
        manager.drop_table(Table::drop().table(Alias::new("idempotency_keys")).to_owned()).await?;
        NewTable::new(manager, "idempotency_keys")
            .text("principal", No)
            .text("operation", No)
            .text("key", No)
            .bytes("body_hash")
            .reference("customer_id", Yes, "customers")
            .text("result", No)
            .time("created_at", No)
            .primary_key(&["principal", "operation", "key"])
            .index(&["customer_id"])
            .index(&["created_at"])
            .create(manager)
            .await
    }
}
