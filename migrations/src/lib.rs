//! Encircle's schema changes, one a file, the same for SQLite and PostgreSQL. Changes only add: a released
//! file is never edited, and there is no way down.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod channels;
mod ddl;
mod m0001_customers;
mod m0002_customer_identities;
mod m0003_devices;
mod m0004_consents;
mod m0005_touchpoints;
mod m0006_behaviors;
mod m0007_products;
mod m0008_offers;
mod m0009_purchases;
mod m0010_redemptions;
mod m0011_customer_merges;
mod m0012_behavior_definitions;
mod m0013_attributes;
mod m0014_segments;
mod m0015_decisions;
mod m0016_changes;
mod m0017_prices;
mod m0018_carts;
mod m0019_ledger;
mod m0020_stacking;
mod m0021_offer_responses;
mod m0022_limits_of_carts;
mod m0023_codes_of_redemptions;
mod m0024_topics_of_changes;
mod m0025_offers_told_of_carts;
mod m0026_claimed_payments;
mod m0027_results_of_requests;
mod m0028_who_enters_codes;

/// All changes in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_customers::Migration),
            Box::new(m0002_customer_identities::Migration),
            Box::new(m0003_devices::Migration),
            Box::new(m0004_consents::Migration),
            Box::new(m0005_touchpoints::Migration),
            Box::new(m0006_behaviors::Migration),
            Box::new(m0007_products::Migration),
            Box::new(m0008_offers::Migration),
            Box::new(m0009_purchases::Migration),
            Box::new(m0010_redemptions::Migration),
            Box::new(m0011_customer_merges::Migration),
            Box::new(m0012_behavior_definitions::Migration),
            Box::new(m0013_attributes::Migration),
            Box::new(m0014_segments::Migration),
            Box::new(m0015_decisions::Migration),
            Box::new(m0016_changes::Migration),
            Box::new(m0017_prices::Migration),
            Box::new(m0018_carts::Migration),
            Box::new(m0019_ledger::Migration),
            Box::new(m0020_stacking::Migration),
            Box::new(m0021_offer_responses::Migration),
            Box::new(m0022_limits_of_carts::Migration),
            Box::new(m0023_codes_of_redemptions::Migration),
            Box::new(m0024_topics_of_changes::Migration),
            Box::new(m0025_offers_told_of_carts::Migration),
            Box::new(m0026_claimed_payments::Migration),
            Box::new(m0027_results_of_requests::Migration),
            Box::new(m0028_who_enters_codes::Migration),
        ]
    }
}
