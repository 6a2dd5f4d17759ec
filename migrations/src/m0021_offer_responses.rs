//! What customers did with offers that they were shown, and limits that count it.
//!
//! `decision_id` is not a foreign key: decisions are written beside requests, perhaps after what became of them, and
//! are swept away sooner.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::Null::{No, Yes};
use crate::ddl::{Kind, NewColumn, NewTable};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("offers", "limit_shown", Kind::Integer).add(manager).await?;
        NewColumn::new("offers", "limit_shown_period", Kind::Text).add(manager).await?;
        NewColumn::new("offers", "dismissal_period", Kind::Text).add(manager).await?;
        NewTable::new(manager, "offer_responses")
            .uuid("behavior_id", No)
            .reference("customer_id", No, "customers")
            .uuid("offer_id", No)
            .text_of("kind", No, &["SHOWN", "CLICKED", "DISMISSED"])
            .time("received_at", No)
            .uuid("decision_id", Yes)
            .text("variant", Yes)
            .primary_key(&["behavior_id"])
            .index(&["decision_id"])
            .index(&["customer_id", "offer_id", "received_at"])
            .index(&["offer_id", "received_at"])
            .create(manager)
            .await
    }
}
