//! Prices in several currencies, how long a digital product may be used, and a stock that cannot be oversold: the
//! database itself refuses what a writer might forget to check.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::Null::No;
use crate::ddl::{Kind, NewColumn, NewTable};

/// SQLite takes a check of a table that is there only with a new column.
const STOCK: &str = "stock_taken >= 0 AND (stock_total IS NULL OR stock_taken <= stock_total) \
                     AND (access_days IS NULL OR access_days > 0)";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("products", "access_days", Kind::Integer).check(STOCK).add(manager).await?;
        NewTable::new(manager, "product_prices")
            .reference("product_id", No, "products")
            .currency("currency", No)
            .integer("price_minor", No)
            .check("price_minor >= 0")
            .primary_key(&["product_id", "currency"])
            .create(manager)
            .await
    }
}
