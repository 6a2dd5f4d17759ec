//! Who belongs together: rules, the members they had when last judged, and when to judge again.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "segments")
            .id()
            .text("key", No)
            .text("name", No)
            .text("rule", No)
            .text_of("purpose", No, &["ANALYTICS", "PERSONALIZATION", "MARKETING", "SALE_OF_DATA"])
            .integer("version", No)
            .counter("size")
            .time("judged_at", Yes)
            .text("failure", Yes)
            .text("basis", Yes)
            .uuid("marked_to", Yes)
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["key"])
            .index(&["created_at", "id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "segment_members")
            .uuid("segment_id", No)
            .reference("customer_id", No, "customers")
            .time("since", No)
            .primary_key(&["segment_id", "customer_id"])
            .index(&["segment_id", "since", "customer_id"])
            .index(&["customer_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "segment_judgements")
            .reference("customer_id", No, "customers")
            .time("due_at", No)
            .uuid("claim", Yes)
            .primary_key(&["customer_id"])
            .index(&["due_at", "customer_id"])
            .create(manager)
            .await
    }
}
