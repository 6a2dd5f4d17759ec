//! What an offer goes together with when a cart is priced, and whether its benefit counts once or for each line,
//! and of which products.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::ddl::{Kind, NewColumn};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewColumn::new("offers", "stacking", Kind::TextOf("STACK"))
            .check("stacking IN ('STACK', 'BEST_DEAL', 'EXCLUSIVE')")
            .add(manager)
            .await?;
        NewColumn::new("offers", "benefit_scope", Kind::TextOf("ACROSS_LINES"))
            .check("benefit_scope IN ('ACROSS_LINES', 'PER_LINE')")
            .add(manager)
            .await?;
        NewColumn::new("offers", "benefit_products", Kind::List).add(manager).await
    }
}
