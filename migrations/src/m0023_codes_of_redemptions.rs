//! By which code an offer was used: what is told of a purchase once it is paid says so, and the cart is gone by then.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::{Kind, NewColumn};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("redemptions", "code", Kind::Text).add(manager).await
    }
}
