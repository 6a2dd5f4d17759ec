//! The outbox: a transaction writes down whom it changed, and whoever watches reads it after the commit. So nothing
//! that was committed is missed, and nothing that was rolled back is seen.
//!
//! Transactions of PostgreSQL do not commit in the order of their ids. A reader therefore looks again at all ids since
//! the oldest transaction that was still running, and passes over what it has seen. SQLite has one writer, so there
//! the order is the same.

use std::collections::{BTreeMap, BTreeSet};

use entities::ids::{CustomerId, Id};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Statement};

use super::Db;
use crate::kernel::error::{Error, Result};

/// Rows that are kept: far more than are written while a reader catches up.
const KEPT: i64 = 10_000;

const WRITE_POSTGRES: &str = r#"INSERT INTO "changes" ("transaction_id", "part", "customers")
    SELECT now.id, (SELECT count(*) FROM "changes" WHERE "transaction_id" = now.id), $1
    FROM (SELECT pg_current_xact_id()::text::bigint AS id) AS now"#;
const WRITE_SQLITE: &str = r#"INSERT INTO "changes" ("transaction_id", "part", "customers")
    SELECT coalesce(max("transaction_id"), 0) + 1, 0, $1 FROM "changes""#;
const READ_POSTGRES: &str = r#"SELECT oldest.id AS "oldest", "transaction_id", "part", "customers"
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS id) AS oldest
    LEFT JOIN "changes" ON "transaction_id" >= $1"#;
const READ_SQLITE: &str = r#"SELECT newest.id + 1 AS "oldest", "transaction_id", "part", "customers"
    FROM (SELECT coalesce(max("transaction_id"), 0) AS id FROM "changes") AS newest
    LEFT JOIN "changes" ON "transaction_id" >= $1"#;
const SWEEP: &str = r#"DELETE FROM "changes" WHERE "transaction_id" <
    (SELECT "transaction_id" FROM "changes" ORDER BY "transaction_id" DESC LIMIT 1 OFFSET $1)"#;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    Customers(Vec<CustomerId>),
    /// Something that may concern anybody: a definition, a budget.
    Everything,
}

/// Writes down that these customers change with this transaction.
pub async fn announce(
    transaction: &impl ConnectionTrait,
    customers: impl IntoIterator<Item = CustomerId>,
) -> Result<()> {
    let ids: BTreeSet<CustomerId> = customers.into_iter().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.into_iter().map(|id| id.uuid().simple().to_string()).collect();
    write(transaction, ids.join(" ")).await
}

/// Writes down that what concerns everybody changes with this transaction.
pub async fn announce_everything(transaction: &impl ConnectionTrait) -> Result<()> {
    write(transaction, String::new()).await
}

async fn write(transaction: &impl ConnectionTrait, customers: String) -> Result<()> {
    let backend = transaction.get_database_backend();
    let text = if backend == DbBackend::Postgres { WRITE_POSTGRES } else { WRITE_SQLITE };
    transaction.execute_raw(Statement::from_sql_and_values(backend, text, [customers.into()])).await?;
    Ok(())
}

/// Reads what was written since it was opened, each row once.
#[derive(Debug)]
pub struct Outbox {
    /// The oldest transaction that may not have been seen whole.
    oldest: i64,
    /// The rows since then that were seen.
    seen: BTreeSet<(i64, i64)>,
}

impl Outbox {
    /// Begins at this moment.
    pub async fn open(db: &Db) -> Result<Self> {
        let mut outbox = Self { oldest: i64::MAX, seen: BTreeSet::new() };
        outbox.read(db).await?;
        // What was committed until now but lies after the oldest running transaction is known to all who begin now.
        outbox.read(db).await?;
        Ok(outbox)
    }

    /// What is new.
    pub async fn read(&mut self, db: &Db) -> Result<Vec<Changed>> {
        let backend = db.connection().get_database_backend();
        let text = if backend == DbBackend::Postgres { READ_POSTGRES } else { READ_SQLITE };
        let statement = Statement::from_sql_and_values(backend, text, [self.oldest.into()]);
        let rows = db.connection().query_all_raw(statement).await?;
        let mut new = BTreeMap::new();
        for row in &rows {
            self.oldest = row.try_get("", "oldest")?;
            if let Some((key, customers)) = entry(row)?
                && self.seen.insert(key)
            {
                new.insert(key, changed(&customers)?);
            }
        }
        let oldest = self.oldest;
        self.seen.retain(|(transaction, _)| *transaction >= oldest);
        Ok(new.into_values().collect())
    }
}

/// A row's key and what it says; the only row is without one when nothing is new.
fn entry(row: &QueryResult) -> Result<Option<((i64, i64), String)>> {
    let transaction: Option<i64> = row.try_get("", "transaction_id")?;
    let Some(transaction) = transaction else { return Ok(None) };
    Ok(Some(((transaction, row.try_get("", "part")?), row.try_get("", "customers")?)))
}

fn changed(customers: &str) -> Result<Changed> {
    if customers.is_empty() {
        return Ok(Changed::Everything);
    }
    let ids = customers.split(' ').map(|id| uuid::Uuid::try_parse(id).map(CustomerId::from_uuid));
    Ok(Changed::Customers(ids.collect::<Result<_, _>>().map_err(Error::internal)?))
}

/// Sweeps away what every reader has seen long since.
pub async fn sweep(transaction: &DatabaseTransaction) -> Result<()> {
    let backend = transaction.get_database_backend();
    transaction.execute_raw(Statement::from_sql_and_values(backend, SWEEP, [KEPT.into()])).await?;
    Ok(())
}
