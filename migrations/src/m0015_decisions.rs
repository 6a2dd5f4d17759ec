//! How offers are decided: the spots they are shown in, what of them is taken, their codes, and each decision.
//!
//! `touchpoint_id` of a decision is not a foreign key, as that of a behavior: every insert would lock the same
//! few rows. Codes are kept as hashes only: whoever reads the table can redeem nothing.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::channels::CHANNELS;
use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "placements")
            .id()
            .text("key", No)
            .text("name", No)
            .reference("fallback_offer_id", Yes, "offers")
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["key"])
            .index(&["created_at", "id"])
            .index(&["fallback_offer_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "offer_budgets")
            .reference("offer_id", No, "offers")
            .counter("taken")
            .counter("taken_minor")
            .primary_key(&["offer_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "offer_codes")
            .bytes("code_hash")
            .reference("offer_id", No, "offers")
            .time("redeemed_at", Yes)
            .primary_key(&["code_hash"])
            .index(&["offer_id"])
            .create(manager)
            .await?;
        NewTable::new(manager, "decisions")
            .id()
            .reference("customer_id", No, "customers")
            .text("placement", No)
            .text_of("channel", No, &CHANNELS)
            .uuid("touchpoint_id", Yes)
            .time("decided_at", No)
            .time("valid_until", No)
            .json("outcome")
            .index(&["customer_id", "decided_at", "id"])
            .create(manager)
            .await
    }
}
