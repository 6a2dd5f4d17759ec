//! Real purchases, as published.

use std::path::Path;

use encircle::cli::import::NounName;
use encircle::db::Db;
use entities::timestamp::Timestamp;
use entities::{customer, customer_identity, purchase, purchase_line};
use rust_decimal::Decimal;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{Desk, rejects, run};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_comes_in_to_the_cent_and_only_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cdnow");
    on_both(async |db| {
        let desk = Desk::new();
        let mut args = desk.args(NounName::Purchases, folder.join("CDNOW_sample.txt"));
        args.map = Some(folder.join("cdnow.toml"));
        (args.source, args.currency) = (None, None);

        let first = run(&db, &args, 0).await.expect("it is imported");
        assert_eq!((first.read, first.recorded, first.known, first.rejected), (6_919, 6_919, 0, 0));
        assert_eq!(first.customers_made, 2_357);
        assert_eq!(first.totals, [("USD".to_owned(), 24_409_194)].into());
        assert!(first.to_string().contains("USD 244091.94"), "{first}");

        let again = run(&db, &args, 1).await.expect("it is imported again");
        assert_eq!((again.read, again.recorded, again.known, again.rejected), (6_919, 0, 6_919, 0));
        assert_eq!((again.customers_made, again.totals.len()), (0, 0));
        assert_eq!(rejects(&args).len(), 0);

        let purchases = purchase::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(purchases.len(), 6_919);
        assert_eq!(purchases.iter().map(|purchase| purchase.total_minor).sum::<i64>(), 24_409_194);
        assert!(purchases.iter().all(|purchase| purchase.currency == "USD" && purchase.source == "cdnow"));
        let days = purchases.iter().map(|purchase| purchase.placed_at.to_string());
        assert_eq!(days.clone().min().as_deref(), Some("1997-01-01T00:00:00.000Z"));
        assert_eq!(days.max().as_deref(), Some("1998-06-30T00:00:00.000Z"));
        let lines = purchase_line::Entity::find().all(db.connection()).await.expect("they are read");
        assert!(lines.is_empty(), "which CDs were bought is not known");
        let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(customers.len(), 2_357);
        let identities = customer_identity::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(identities.len(), 2_357);
        assert!(identities.iter().any(|identity| identity.value == "cdnow:00004"));
        the_graph_says_so_too(&db).await;
    })
    .await;
}

/// Walks all purchases page by page as staff would, and adds up what the graph says they cost.
async fn the_graph_says_so_too(db: &Db) {
    let app = application(db.clone(), Timestamp(0)).await;
    let staff = Client::staff(&app);
    let counts = staff.good("{ customers { totalCount } purchases { totalCount } }", json!({})).await;
    assert_eq!(counts["customers"]["totalCount"], 2_357);
    assert_eq!(counts["purchases"]["totalCount"], 6_919);

    let query = "query ($after: String) { purchases(first: 100, after: $after) {
        nodes { total { amount currencyCode } } pageInfo { hasNextPage endCursor } } }";
    let (mut sum, mut after) = (Decimal::ZERO, Value::Null);
    loop {
        let page = staff.good(query, json!({ "after": after })).await["purchases"].take();
        for purchase in page["nodes"].as_array().expect("a list") {
            assert_eq!(purchase["total"]["currencyCode"], "USD");
            sum += purchase["total"]["amount"]
                .as_str()
                .expect("a decimal")
                .parse::<Decimal>()
                .expect("a decimal");
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(sum.to_string(), "244091.94");
}
