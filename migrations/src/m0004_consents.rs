//! What customers allow, by purpose.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "consents")
            .reference("customer_id", No, "customers")
            .text_of("purpose", No, &["ANALYTICS", "PERSONALIZATION", "MARKETING", "SALE_OF_DATA"])
            .text_of("status", No, &["GRANTED", "DENIED", "REVOKED"])
            .text("source", No)
            .time("updated_at", No)
            .time("expires_at", Yes)
            .primary_key(&["customer_id", "purpose"])
            .create(manager)
            .await
    }
}
