//! Codes that are entered count for who enters them: a till that enters one for a customer does not use up theirs.

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
        // What it holds is forgotten within minutes anyway.
        manager.drop_table(Table::drop().table(Alias::new("code_entries")).to_owned()).await?;
        NewTable::new(manager, "code_entries")
            .text("principal", No)
            .reference("customer_id", Yes, "customers")
            .integer("entered", No)
            .time("began_at", No)
            .primary_key(&["principal"])
            .index(&["customer_id"])
            .index(&["began_at"])
            .create(manager)
            .await
    }
}
