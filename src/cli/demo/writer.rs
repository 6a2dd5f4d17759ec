//! Writes the demo into the database: the world directly, people through the same bulk use cases as imports.

use entities::{consent, device, offer, product, touchpoint};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::world::World;
use crate::db::Db;
use crate::db::bulk::insert_new;
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::import::{self as customers, CustomerRecord};
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::import::{self as purchases, PurchaseRecord};
use crate::kernel::error::Result;

/// Customers written at once, with all they did.
#[derive(Debug, Default)]
pub struct Batch {
    pub customers: Vec<CustomerRecord>,
    pub devices: Vec<device::Model>,
    pub consents: Vec<consent::Model>,
    pub behaviors: Vec<BehaviorRecord>,
    pub purchases: Vec<PurchaseRecord>,
}

/// Touchpoints, products and offers.
pub async fn write_world(db: &Db, world: &World) -> Result<()> {
    db.write(async |transaction| {
        insert_new::<touchpoint::Model, _>(transaction, world.places.rows.clone()).await?;
        insert_new::<product::Model, _>(transaction, world.catalogue.rows.clone()).await?;
        insert_new::<offer::Model, _>(transaction, world.offers.rows.clone()).await?;
        Ok(())
    })
    .await
}

/// Customers and all they did.
pub async fn write_people(ingest: &Ingest, world: &World, batch: Batch) -> Result<()> {
    let (db, ids) = (&ingest.db, &ingest.ids);
    customers::record(db, ids, world.now, &batch.customers).await?;
    customers::record_belongings(db, batch.devices, batch.consents).await?;
    ingest.record(batch.behaviors).await?;
    purchases::record(db, ids, world.now, None, &batch.purchases).await?;
    Ok(())
}

/// How many seats of each showing are sold.
pub async fn write_seats(db: &Db, world: &World) -> Result<()> {
    db.write(async |transaction| {
        for showing in &world.catalogue.showings {
            product::Entity::update_many()
                .col_expr(product::Column::StockTaken, Expr::value(showing.taken))
                .filter(product::Column::Id.eq(showing.item.id))
                .exec(transaction)
                .await?;
        }
        Ok(())
    })
    .await
}
