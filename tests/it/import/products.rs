//! Products with prices in several currencies and their stock, once however often the file is imported.

use encircle::cli::import::NounName;
use encircle::db::Db;
use entities::{product, product_price};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{Desk, reasons, run};
use crate::harness::databases::on_both;

async fn products(db: &Db) -> Vec<product::Model> {
    let rows = product::Entity::find().order_by_asc(product::Column::Sku).all(db.connection()).await;
    rows.expect("they are read")
}

const FILM: &str = "sku,name,kind,price,currency,prices,stock,starts_at,part_of,access_days,attributes.genre\n\
    metropolis,Metropolis,digital,4.99,,800 JPY | 1.500 KWD,,,,2,silent\n\
    metropolis-20,Metropolis at 8,TICKET,12,EUR,,120,2026-03-01T20:00:00Z,metropolis,,\n";

#[tokio::test]
async fn a_file_of_products_goes_in_once_and_what_it_changes_is_changed() {
    on_both(async |db| {
        let desk = Desk::new();
        let args = desk.args(NounName::Products, desk.put("products.csv", FILM));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (2 - 2 * nth, 2 * nth, 0));
        }
        let [film, showing] = products(&db).await.try_into().expect("two");
        assert_eq!((film.price_minor, film.currency.as_str(), film.access_days), (499, "EUR", Some(2)));
        assert_eq!((film.attributes, film.stock_total), (json!({ "genre": "silent" }), None));
        assert_eq!((showing.part_of, showing.stock_total), (Some(film.id), Some(120)));
        assert_eq!(showing.starts_at.expect("a time").to_string(), "2026-03-01T20:00:00.000Z");
        let others = product_price::Entity::find().all(db.connection()).await.expect("prices");
        let mut others: Vec<_> = others.into_iter().map(|row| (row.currency, row.price_minor)).collect();
        others.sort();
        assert_eq!(others, [("JPY".to_owned(), 800), ("KWD".to_owned(), 1_500)]);
        // What a file does not say stays; its keys may come as JSON.
        let rows = [
            r#"{"sku": "metropolis", "prices": {"EUR": "5.99", "CHF": 6}}"#,
            r#"{"sku": "metropolis-20", "stock": 130}"#,
            r#"{"sku": "metropolis-20", "name": "Metropolis at 8"}"#,
        ];
        let args = desk.args(NounName::Products, desk.put("more.ndjson", &rows.join("\n")));
        let summary = run(&db, &args, 2).await.expect("it is imported");
        assert_eq!((summary.updated, summary.known), (2, 1));
        let [film, showing] = products(&db).await.try_into().expect("two");
        assert_eq!((film.name.as_str(), showing.name.as_str()), ("Metropolis", "Metropolis at 8"));
        assert_eq!(showing.stock_total, Some(130));
        let mut all = vec![(film.currency, film.price_minor)];
        let others = product_price::Entity::find().all(db.connection()).await.expect("prices");
        all.extend(others.into_iter().map(|row| (row.currency, row.price_minor)));
        all.sort();
        assert_eq!(all, [("CHF".to_owned(), 600), ("EUR".to_owned(), 599)]);
        // A list of one price each says nothing of other currencies.
        let dearer = desk.put("dearer.csv", "sku,price,currency\nmetropolis,6.49,EUR\n");
        let summary = run(&db, &desk.args(NounName::Products, dearer), 3).await.expect("it is imported");
        assert_eq!(summary.updated, 1);
        let [film, _] = products(&db).await.try_into().expect("two");
        let others = product_price::Entity::find().all(db.connection()).await.expect("prices");
        let mut all = vec![(film.currency, film.price_minor)];
        all.extend(others.into_iter().map(|row| (row.currency, row.price_minor)));
        all.sort();
        assert_eq!(all, [("CHF".to_owned(), 600), ("EUR".to_owned(), 649)]);
    })
    .await;
}

#[tokio::test]
async fn wrong_products_are_told_with_their_lines_and_the_others_go_in() {
    on_both(async |db| {
        let desk = Desk::new();
        run(&db, &desk.args(NounName::Products, desk.put("products.csv", FILM)), 0)
            .await
            .expect("it is imported");
        product::Entity::update_many()
            .col_expr(product::Column::StockTaken, Expr::value(50_i64))
            .filter(product::Column::Sku.eq("metropolis-20"))
            .exec(db.connection())
            .await
            .expect("they are sold");
        let text = "sku,kind,price,prices,stock,part_of\n\
            ,TICKET,1,,,\n\
            a,TICKET,,,,\n\
            b,,1,,,\n\
            c,SONG,1,,,\n\
            d,TICKET,1.005,,,\n\
            e,TICKET,1,2 EUR,,\n\
            f,TICKET,1,JPY,,\n\
            g,TICKET,1,,-1,\n\
            h,TICKET,1,,,nothing\n\
            metropolis-20,,,,49,\n\
            good,TICKET,1,,50,metropolis\n";
        let args = desk.args(NounName::Products, desk.put("wrong.csv", text));
        let summary = run(&db, &args, 1).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.rejected), (1, 10));
        let lines: Vec<u64> = reasons(&args).into_iter().map(|(line, ..)| line).collect();
        assert_eq!(lines, (2..=11).collect::<Vec<_>>());
        assert!(reasons(&args)[9].2.contains("50 are sold or held"), "{:?}", reasons(&args)[9]);
        assert_eq!(products(&db).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_products_costs_as_many_statements_as_two() {
    on_both(async |db| {
        let desk = Desk::new();
        let cost = async |from: usize, count: usize| {
            let mut text = "sku,kind,price,prices,stock\n".to_owned();
            for number in from..from + count {
                text.push_str(&format!("p{number},TICKET,{number},5 USD,10\n"));
            }
            let args = desk.args(NounName::Products, desk.put("many.csv", &text));
            let before = db.statements();
            let summary = run(&db, &args, from as u64).await.expect("it is imported");
            assert_eq!(summary.recorded, count as u64);
            db.statements() - before
        };
        let few = cost(1, 2).await;
        // One less than a batch, after which nothing is looked at again.
        assert_eq!(cost(3, 999).await, few);
    })
    .await;
}
