//! The outbox: what changed, for whoever shows it to a connected device.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::No;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "changes")
            .integer("transaction_id", No)
            .integer("part", No)
            .text("customers", No)
            .primary_key(&["transaction_id", "part"])
            .create(manager)
            .await
    }
}
