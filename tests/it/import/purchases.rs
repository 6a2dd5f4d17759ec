//! Purchases with lines, with ids of their own, and those that cannot go in.

use encircle::cli::import::NounName;
use encircle::db::Db;
use entities::ids::{Id, ProductId};
use entities::timestamp::Timestamp;
use entities::values::ProductKind;
use entities::{customer, offer, offer_budget, product, purchase, purchase_line};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::{Desk, reasons, rejects, run};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

async fn add_popcorn(db: &Db) {
    let popcorn = product::Model {
        id: ProductId::from_uuid(uuid::Uuid::from_u128(7)),
        sku: "POPCORN".to_owned(),
        name: "Popcorn".to_owned(),
        kind: ProductKind::Physical,
        price_minor: 450,
        currency: "EUR".to_owned(),
        stock_total: None,
        stock_taken: 0,
        part_of: None,
        attributes: json!({}),
        starts_at: None,
        created_at: Timestamp(0),
        access_days: None,
    };
    insert::<product::Entity>(db, [popcorn]).await;
}

#[tokio::test]
async fn bad_rows_go_to_the_reject_file_and_the_rest_goes_in() {
    on_both(async |db| {
        add_popcorn(&db).await;
        let desk = Desk::new();
        let text = "customer_id;placed_at;total;currency;sku;quantity;channel\n\
                    1;2026-01-02;9.00;;POPCORN;2;kiosk\n\
                    1;02.01.2026;9.00;;;;\n\
                    2;2026-01-03;9.005;;;;\n\
                    2;2026-01-03;9;eur;;;\n\
                    ;2026-01-03;9;;;;\n\
                    3;2026-01-03;9;;NACHOS;1;\n\
                    3;2026-01-03;9;;;;FAX\n\
                    \"4\";2026-01-04T10:00:00+01:00;1234;JPY;;;\n";
        let mut args = desk.args(NounName::Purchases, desk.put("sales.csv", text));
        args.delimiter = Some(";".to_owned());
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.read, summary.rejected), (8, 6));
            assert_eq!(summary.recorded + summary.known, 2);
            assert_eq!(summary.recorded, if nth == 0 { 2 } else { 0 });
            let fields: Vec<_> = reasons(&args).into_iter().map(|(line, field, _)| (line, field)).collect();
            let expected = [
                (3, "placed_at"),
                (4, "total"),
                (5, "currency"),
                (6, "customer_id"),
                (7, "sku"),
                (8, "channel"),
            ];
            assert_eq!(fields, expected.map(|(line, field)| (line, field.to_owned())));
            assert_eq!(rejects(&args)[0]["raw"], "1;02.01.2026;9.00;;;;");
        }
        let lines = purchase_line::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].quantity, lines[0].unit_minor, lines[0].total_minor), (2, 450, 900));
        let purchases = purchase::Entity::find()
            .order_by_asc(purchase::Column::PlacedAt)
            .all(db.connection())
            .await
            .expect("they are read");
        assert_eq!(purchases[1].total_minor, 1234, "yen have no cents");
        assert_eq!(purchases[1].placed_at.to_string(), "2026-01-04T09:00:00.000Z");
    })
    .await;
}

#[tokio::test]
async fn equal_rows_without_an_id_each_count_once() {
    on_both(async |db| {
        let desk = Desk::new();
        let file = desk.put("sales.csv", "email,placed_at,total\na@x.eu,2026-01-02,5\na@x.eu,2026-01-02,5\n");
        let args = desk.args(NounName::Purchases, file);
        assert_eq!(run(&db, &args, 0).await.expect("it is imported").recorded, 2);
        // The file has grown by a third of them.
        desk.put(
            "sales.csv",
            "email,placed_at,total\na@x.eu,2026-01-02,5\na@x.eu,2026-01-02,5\nA@X.eu,2026-01-02,5\n",
        );
        let summary = run(&db, &args, 1).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.known, summary.customers_made), (1, 2, 0));
    })
    .await;
}

#[tokio::test]
async fn ids_of_the_file_are_kept_and_used_once() {
    on_both(async |db| {
        add_popcorn(&db).await;
        let desk = Desk::new();
        let rows = [
            r#"{"external_id": "a", "number": "N1", "email": "a@x.eu", "placed_at": "2026-01-02", "discount": "1.50", "lines": [{"sku": "POPCORN", "quantity": 2, "unit_price": 4.5}, {"sku": "POPCORN", "unit_price": "3.00"}]}"#,
            r#"{"external_id": "a", "number": "N1", "email": "a@x.eu", "placed_at": "2026-01-02", "total": 10.5}"#,
            r#"{"external_id": "a", "number": "N1", "email": "a@x.eu", "placed_at": "2026-01-02", "total": 11}"#,
            r#"{"external_id": "b", "number": "N1", "email": "a@x.eu", "placed_at": "2026-01-02", "total": 11}"#,
            r#"{"external_id": "c", "email": "a@x.eu", "placed_at": "2026-01-02"}"#,
            r#"{"external_id": "d", "email": "a@x.eu", "placed_at": "2026-01-02", "lines": [{"sku": "POPCORN"}]}"#,
        ];
        let args = desk.args(NounName::Purchases, desk.put("sales.ndjson", &rows.join("\n")));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (1 - nth, 1 + nth, 4));
            let lines: Vec<_> = reasons(&args).into_iter().map(|(line, ..)| line).collect();
            assert_eq!(lines, [3, 4, 5, 6]);
            assert!(reasons(&args)[1].2.contains("N1"));
        }
        let purchases = purchase::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(purchases.len(), 1);
        assert_eq!((purchases[0].total_minor, purchases[0].discount_minor), (1050, 150));
        let lines = purchase_line::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(lines.iter().map(|line| line.quantity * line.unit_minor).sum::<i64>(), 1200);
    })
    .await;
}

#[tokio::test]
async fn refused_purchases_make_nobody() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "email,placed_at,total,external_id,number\n\
                    a@x.eu,2026-01-02,5,1,N1\n\
                    b@x.eu,2026-01-02,5,1,N1\n\
                    c@x.eu,2026-01-02,6,1,N1\n\
                    d@x.eu,2026-01-02,5,2,N1\n\
                    e@x.eu,2026-01-02,5,3,N3\n";
        let args = desk.args(NounName::Purchases, desk.put("sales.csv", text));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (2 - 2 * nth, 2 * nth, 3));
            assert_eq!(summary.customers_made, 2 - 2 * nth);
            let rejects = reasons(&args);
            for ((line, _, reason), says) in rejects.iter().zip(["another customer", "total", "number"]) {
                assert!(reason.contains(says), "{line}: {reason}");
            }
            let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
            assert_eq!(customers.len(), 2, "a@x.eu and e@x.eu");
        }
    })
    .await;
}

#[tokio::test]
async fn offers_that_rows_used_count_and_totals_are_held_against_lines() {
    on_both(async |db| {
        add_popcorn(&db).await;
        let [welcome, _] = samples::offers();
        insert::<offer::Entity>(&db, [welcome.clone()]).await;
        let desk = Desk::new();
        let rows = [
            r#"{"email": "a@x.eu", "placed_at": "2026-01-02", "lines": [{"sku": "POPCORN", "quantity": 2, "unit_price": "4.50"}], "redemptions": [{"offer": "welcome", "amount": "2.00"}]}"#,
            r#"{"email": "a@x.eu", "placed_at": "2026-01-02", "total": 5, "redemptions": [{"offer": "none", "amount": "1"}]}"#,
            r#"{"email": "a@x.eu", "placed_at": "2026-01-02", "total": 5, "discount": 1, "redemptions": [{"offer": "welcome", "amount": 2}]}"#,
            r#"{"email": "a@x.eu", "placed_at": "2026-01-02", "total": 9.5, "lines": [{"sku": "POPCORN", "quantity": 2, "unit_price": "4.50"}]}"#,
        ];
        let args = desk.args(NounName::Purchases, desk.put("sales.ndjson", &rows.join("\n")));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (1 - nth, nth, 3));
            let wrong: Vec<_> = reasons(&args);
            assert_eq!((wrong[0].0, wrong[0].1.as_str()), (2, "redemptions"));
            assert_eq!((wrong[1].0, wrong[1].1.as_str()), (3, "discount"));
            assert!(wrong[2].2.contains("its total is more than its lines cost"), "{:?}", wrong[2]);
        }
        let purchases = purchase::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!((purchases[0].total_minor, purchases[0].discount_minor), (700, 200));
        let lines = purchase_line::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!((lines[0].unit_minor, lines[0].total_minor), (450, 700));
        let budget = offer_budget::Entity::find_by_id(welcome.id).one(db.connection()).await;
        assert_eq!(budget.expect("it is read").map(|row| row.taken), Some(1));
    })
    .await;
}
