//! Which offers a customer was told to have in the cart: one that is gone later is told, too.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::{Kind, NewColumn};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("carts", "told_version", Kind::Integer).add(manager).await?;
        NewColumn::new("carts", "told_offers", Kind::Text).add(manager).await
    }
}
