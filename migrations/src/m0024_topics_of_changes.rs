//! The outbox tells of more than customers: of products, stocks and budgets too.

use sea_orm_migration::prelude::{
    Alias, DbErr, DeriveMigrationName, MigrationTrait, Query, SchemaManager, Table, async_trait,
};
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changes = || Alias::new("changes");
        // What was told until now is written otherwise, and nobody reads it any more.
        manager.get_connection().execute(&Query::delete().from_table(changes()).to_owned()).await?;
        let mut renamed = Table::alter();
        renamed.table(changes()).rename_column(Alias::new("customers"), Alias::new("topics"));
        manager.alter_table(renamed).await
    }
}
