//! What the brand offers.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::NewTable;
use crate::ddl::Null::{No, Yes};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "offers")
            .id()
            .text("key", No)
            .text("name", No)
            .text_of("status", No, &["DRAFT", "LIVE", "PAUSED", "ENDED", "ARCHIVED"])
            .json("placements")
            .json("channels")
            .json("content")
            .text("eligibility", No)
            .text("rank", Yes)
            .small_integer("priority", No)
            .text_of("benefit_kind", Yes, &["PERCENTAGE_OFF", "AMOUNT_OFF", "FREE_PRODUCT"])
            .small_integer("benefit_basis_points", Yes)
            .integer("benefit_minor", Yes)
            .currency("benefit_currency", Yes)
            .reference("benefit_product_id", Yes, "products")
            .text_of("consent", Yes, &["ANALYTICS", "PERSONALIZATION", "MARKETING", "SALE_OF_DATA"])
            .time("starts_at", Yes)
            .time("ends_at", Yes)
            .text("starts_on", Yes)
            .text("ends_on", Yes)
            .json("weekdays")
            .small_integer("from_minute", Yes)
            .small_integer("until_minute", Yes)
            .integer("limit_total", Yes)
            .integer("limit_minor", Yes)
            .currency("limit_currency", Yes)
            .integer("limit_per_customer", Yes)
            .integer("limit_per_period", Yes)
            .text("limit_period", Yes)
            .text_of("code_kind", Yes, &["SHARED", "SINGLE_USE"])
            .text("code", Yes)
            .text("experiment", Yes)
            .small_integer("holdout_basis_points", No)
            .json("allocations")
            .small_integer("version", No)
            .time("created_at", No)
            .time("updated_at", No)
            .unique(&["key"])
            .unique(&["code"])
            .index(&["created_at", "id"])
            .index(&["status", "created_at", "id"])
            .index(&["benefit_product_id"])
            .create(manager)
            .await
    }
}
