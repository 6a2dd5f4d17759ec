//! Budgets, for which many customers wait, are locked last: who has one waits for nothing else.

use std::future::Future;
use std::time::Duration;

use encircle::db::Db;
use entities::ids::{Id, OfferId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use serde_json::{Value, json};

use super::recount::{count, recount};
use super::{BOUGHT, MINUTE, PURCHASE, Shop, add, checkout, customer_id, done, paid};
use crate::harness::databases::on_both;

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn run(transaction: &DatabaseTransaction, sql: &str, id: uuid::Uuid) {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [id.into()]);
    transaction.query_one_raw(statement).await.expect("it is not locked").expect("a row");
}

/// Has `work` wait for the customer's judgement, which it writes after all but budgets, and locks the budget meanwhile.
async fn budget_is_free<T>(db: &Db, offer: OfferId, work: impl Future<Output = T>) -> T {
    let judging = db.begin().await.expect("a transaction");
    let judgement = r#"SELECT 1 FROM "segment_judgements" WHERE "customer_id" = $1 FOR UPDATE"#;
    run(&judging, judgement, customer_id(1).uuid()).await;
    let look = async {
        while count(db, WAITING).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let taking = db.begin().await.expect("a transaction");
        let budget = r#"SELECT 1 FROM "offer_budgets" WHERE "offer_id" = $1 FOR UPDATE NOWAIT"#;
        run(&taking, budget, offer.uuid()).await;
        taking.rollback().await.expect("it is let go");
        judging.rollback().await.expect("it is let go");
    };
    tokio::join!(work, look).0
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_locked_a_budget_waits_for_nothing_else() {
    on_both(async |db| {
        // SQLite has one writer, who waits for nobody.
        if db.connection().get_database_backend() != DbBackend::Postgres {
            return;
        }
        let shop = Shop::open(db.clone(), 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(9)).await;
        let tenth = json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 100 } });
        let offer = shop.offer("tenth", tenth).await;
        let ada = shop.customer(1);
        let buy = async |key: &str| -> Value {
            add(&ada, seats, 1).await;
            done(&ada, "cartCheckout", BOUGHT, checkout(key)).await
        };
        let first = paid(&shop, &buy("1").await).await;
        add(&ada, seats, 1).await;
        let second = done(&ada, "cartCheckout", BOUGHT, checkout("2"));
        let second = budget_is_free(&db, offer, second).await;
        buy("3").await;
        assert_eq!(shop.budget(offer).await.0, 3);
        let refund = json!({ "purchaseId": first["id"], "idempotencyKey": "r" });
        let staff = shop.staff();
        budget_is_free(&db, offer, done(&staff, "purchaseRefund", PURCHASE, refund)).await;
        assert_eq!(shop.budget(offer).await.0, 2);
        let cancel = json!({ "purchaseId": second["purchase"]["id"] });
        budget_is_free(&db, offer, done(&ada, "purchaseCancel", PURCHASE, cancel)).await;
        assert_eq!(shop.budget(offer).await.0, 1);
        shop.move_clock(31 * MINUTE);
        let sweep = encircle::domain::purchases::expiry::sweep(&db, shop.app.clock.now());
        budget_is_free(&db, offer, sweep).await.expect("a sweep");
        assert_eq!(shop.budget(offer).await.0, 0);
        recount(&db).await;
    })
    .await;
}
