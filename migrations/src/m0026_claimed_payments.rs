//! What a customer says a payment is called is a claim, kept apart from what whoever took the money says. What is not
//! paid yet has claims only.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::ddl::{Kind, NewColumn};

const MOVED: &str = r#"UPDATE "purchases" SET
    "claimed_payment_reference" = "payment_reference", "payment_reference" = NULL
    WHERE "status" IN ('PENDING', 'CANCELED') AND "payment_reference" IS NOT NULL"#;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("purchases", "claimed_payment_reference", Kind::Text).add(manager).await?;
        manager.get_connection().execute_unprepared(MOVED).await?;
        Ok(())
    }
}
