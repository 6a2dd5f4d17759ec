//! Writers that wait for each other in a circle: one makes way, and is not the loser of it.

use std::time::Duration;

use encircle::db::Db;
use encircle::domain::behaviors::record::Outcome;
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::clock::Clock;
use encircle::kernel::error::Error;
use encircle::kernel::ids::Ids;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::NOON;
use crate::attributes::behavior;
use crate::harness::databases::on_both;

async fn run(transaction: &DatabaseTransaction, sql: &str) {
    transaction.execute_unprepared(sql).await.expect(sql);
}

/// A transaction that holds a table and is patient: of a circle, it is not the one that finds it.
async fn holding(db: &Db, table: &str) -> DatabaseTransaction {
    let transaction = db.begin().await.expect("a transaction");
    run(&transaction, "SET LOCAL deadlock_timeout = '1h'").await;
    run(&transaction, &format!("LOCK TABLE {table} IN EXCLUSIVE MODE")).await;
    transaction
}

/// Returns when somebody waits for a table.
async fn somebody_waits(transaction: &DatabaseTransaction, table: &str) {
    // A table has the same number in every database that was made of one template.
    let sql = format!(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    for _ in 0..1_000 {
        let found = transaction.query_one_raw(Statement::from_string(DbBackend::Postgres, sql.clone())).await;
        if found.expect("locks").is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody waits for {table}");
}

/// Closes the circle; false when the other looked for one before it was closed, which it does only once.
async fn closes(held: DatabaseTransaction) -> bool {
    run(&held, "SET LOCAL lock_timeout = '3s'").await;
    let closed = held.execute_unprepared("LOCK TABLE customers IN EXCLUSIVE MODE").await.is_ok();
    held.rollback().await.expect("it is given back");
    closed
}

/// How often a circle is tried: a busy machine may be too slow to close one within a second.
const ROUNDS: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn behaviors_that_met_a_deadlock_are_recorded_all_the_same() {
    on_both(async |db| {
        // SQLite has one writer, who waits for nobody.
        if db.connection().get_database_backend() != DbBackend::Postgres {
            return;
        }
        let ids = Ids::seeded(3);
        let ingest = Ingest::open(&db, Clock::fixed(NOON), ids.clone()).await.expect("it opens");
        for round in 0..ROUNDS {
            let held = holding(&db, "behavior_messages").await;
            let recording = tokio::spawn({
                let (ingest, who) = (ingest.clone(), format!("browser-{round}"));
                let records = vec![behavior(&ids, &who, "Liked", NOON, serde_json::json!({}))];
                async move { ingest.record(records).await }
            });
            somebody_waits(&held, "behavior_messages").await;
            // It has made its customer, and holds that table: this is granted only because it gave up.
            let closed = closes(held).await;
            let report = recording.await.expect("no panic").expect("it is recorded");
            assert!(matches!(report.outcomes[..], [Outcome::Recorded(_)]), "{report:?}");
            assert_eq!(report.customers_made, 1);
            if closed {
                return;
            }
        }
        panic!("no circle was closed in time");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_way_for_another_writer_is_told_to_try_again() {
    on_both(async |db| {
        if db.connection().get_database_backend() != DbBackend::Postgres {
            return;
        }
        for _ in 0..ROUNDS {
            let held = holding(&db, "behavior_messages").await;
            let other = tokio::spawn({
                let db = db.clone();
                async move {
                    db.write(async |transaction| {
                        transaction.execute_unprepared("LOCK TABLE customers IN EXCLUSIVE MODE").await?;
                        transaction
                            .execute_unprepared("LOCK TABLE behavior_messages IN EXCLUSIVE MODE")
                            .await?;
                        Ok(())
                    })
                    .await
                }
            });
            somebody_waits(&held, "behavior_messages").await;
            let closed = closes(held).await;
            let refused = other.await.expect("no panic");
            if closed {
                assert!(matches!(refused, Err(Error::Contended(_))), "{refused:?}");
                return;
            }
        }
        panic!("no circle was closed in time");
    })
    .await;
}
