//! What customers did with offers that they were shown, and limits that count it.

use sea_orm_migration::prelude::{
    Alias, ColumnDef, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};

use crate::ddl::NewTable;
use crate::ddl::Null::No;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut shown = ColumnDef::new(Alias::new("limit_shown"));
        let mut shown_period = ColumnDef::new(Alias::new("limit_shown_period"));
        let mut dismissal_period = ColumnDef::new(Alias::new("dismissal_period"));
        for column in [shown.big_integer(), shown_period.text(), dismissal_period.text()] {
            let table = Table::alter().table(Alias::new("offers")).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        NewTable::new(manager, "offer_responses")
            .uuid("behavior_id", No)
            .reference("customer_id", No, "customers")
            .uuid("offer_id", No)
            .text_of("kind", No, &["SHOWN", "CLICKED", "DISMISSED"])
            .time("received_at", No)
            .primary_key(&["behavior_id"])
            .index(&["customer_id", "offer_id", "received_at"])
            .index(&["offer_id", "received_at"])
            .create(manager)
            .await
    }
}
