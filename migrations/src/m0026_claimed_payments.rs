//! What a customer says a payment is called is a claim, kept apart from what whoever took the money says.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::{Kind, NewColumn};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("purchases", "claimed_payment_reference", Kind::Text).add(manager).await
    }
}
