//! An import that another writer is quicker than, at one attempt after the other.

use std::time::Duration;

use encircle::db::{Db, catalogue};
use entities::purchase;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    Statement,
};
use serde_json::json;

use super::importing::{sale, with};
use super::recount::{count, recount};
use super::{Shop, customer_id};
use crate::entities::samples;
use crate::harness::databases::on_both;

/// How often an import is tried.
const ATTEMPTS: usize = 8;

const IMPORT: &str = "mutation($input: PurchaseImportInput!) { purchaseImport(input: $input) { \
    known userErrors { code message } } }";

/// A transaction, and by what number the database knows its connection.
struct Other {
    transaction: DatabaseTransaction,
    pid: i32,
}

impl Other {
    async fn begin(db: &Db) -> Self {
        let transaction = db.begin().await.expect("a transaction");
        let asked = Statement::from_string(DbBackend::Postgres, "SELECT pg_backend_pid() AS pid");
        let row = transaction.query_one_raw(asked).await.expect("it is read").expect("a row");
        Self { transaction, pid: row.try_get("", "pid").expect("a number") }
    }

    /// Holds all definitions: nobody can import.
    async fn hold(&self) {
        catalogue::change(&self.transaction).await.expect("they are held");
    }

    /// Returns when somebody waits for it.
    async fn is_waited_for(&self, db: &Db) {
        let pid = self.pid;
        becomes(
            db,
            &format!("SELECT count(*) FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))"),
        )
        .await;
    }

    /// Returns when it waits for somebody.
    async fn waits(&self, db: &Db) {
        becomes(db, &format!("SELECT count(*) FROM pg_locks WHERE pid = {} AND NOT granted", self.pid)).await;
    }
}

async fn becomes(db: &Db, sql: &str) {
    for _ in 0..2_000 {
        if count(db, sql).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it does not become so: {sql}");
}

/// Records the same purchase after the import has looked for it and before it writes it, and takes it away again
/// before the import looks anew: the one who holds it up goes in, and one who holds it up comes out.
async fn overtake(db: &Db, held: Other) -> Other {
    held.is_waited_for(db).await;
    let [row, _] = samples::purchases();
    let row = purchase::Model {
        number: "another".to_owned(),
        customer_id: customer_id(2),
        source: "pos".to_owned(),
        external_id: "r-1".to_owned(),
        ..row
    };
    let id = row.id;
    let quicker = Other::begin(db).await;
    row.into_active_model().reset_all().insert(&quicker.transaction).await.expect("it is written");
    held.transaction.rollback().await.expect("it is let go");
    quicker.is_waited_for(db).await;
    let next = Other::begin(db).await;
    let commit = async {
        next.waits(db).await;
        quicker.transaction.commit().await.expect("it is recorded");
    };
    tokio::join!(next.hold(), commit);
    purchase::Entity::delete_by_id(id).exec(db.connection()).await.expect("it is taken away");
    next
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_others_are_quicker_than_is_tried_again_and_then_the_caller_is_told_to() {
    on_both(async |db| {
        // SQLite has one writer, who is overtaken by nobody.
        if db.connection().get_database_backend() != DbBackend::Postgres {
            return;
        }
        let shop = Shop::open(db.clone(), 2).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let staff = shop.staff();
        let input = json!({ "input": with(sale("r-1", 1), "source", "pos") });
        for times in [ATTEMPTS, ATTEMPTS - 1] {
            let mut held = Other::begin(&db).await;
            held.hold().await;
            let others = async {
                for _ in 0..times {
                    held = overtake(&db, held).await;
                }
                held.transaction.rollback().await.expect("it is let go");
            };
            let (answer, ()) = tokio::join!(staff.answer(IMPORT, input.clone()), others);
            if times < ATTEMPTS {
                assert_eq!(answer["data"]["purchaseImport"], json!({ "known": false, "userErrors": [] }));
                continue;
            }
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE", "{answer}");
            assert_eq!(error["message"], "others kept changing the same; try again");
            assert_eq!(count(&db, "SELECT count(*) FROM purchases").await, 0);
        }
        recount(&db).await;
    })
    .await;
}
