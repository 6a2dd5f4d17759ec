//! What customers are recognised by.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::No;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "customer_identities")
            .id()
            .reference("customer_id", No, "customers")
            .text_of("kind", No, &["EMAIL", "PHONE", "USER_ID", "LOYALTY_CARD", "ANONYMOUS_ID", "DEVICE"])
            .text("value", No)
            .boolean("verified")
            .boolean("claimed")
            .time("created_at", No)
            .unique(&["kind", "value"])
            .index(&["customer_id", "created_at", "id"])
            .create(manager)
            .await
    }
}
