//! The outbox: a transaction writes down what it changed, and whoever watches reads it after the commit. So nothing
//! that was committed is missed, and nothing that was rolled back is seen.
//!
//! Transactions of PostgreSQL do not commit in the order of their ids. A reader therefore looks again at all ids since
//! the oldest transaction that was still running, and passes over what it has seen. SQLite has one writer, so there
//! the order is the same. A reader that comes so late that rows may have been swept away before it learns that anything
//! may have changed.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::Db;
use super::backend::Backend;
use super::read::Param;
use super::read::cell::RawRow;
use super::topic::Topic;
use crate::kernel::error::{Error, Result};

/// Rows that are kept.
const KEPT: u64 = 10_000;
/// What changes more than so many things at once is told to everybody.
const MOST_TOPICS: usize = 1_000;

const WRITE_POSTGRES: &str = r#"INSERT INTO "changes" ("transaction_id", "part", "topics")
    SELECT now.id, (SELECT count(*) FROM "changes" WHERE "transaction_id" = now.id), $1
    FROM (SELECT pg_current_xact_id()::text::bigint AS id) AS now"#;
const WRITE_SQLITE: &str = r#"INSERT INTO "changes" ("transaction_id", "part", "topics")
    SELECT coalesce(max("transaction_id"), 0) + 1, 0, $1 FROM "changes""#;
const READ_POSTGRES: &str = r#"SELECT oldest.id AS "oldest", oldest.kept AS "kept", "transaction_id", "part", "topics"
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS id,
        (SELECT min("transaction_id") FROM "changes") AS kept) AS oldest
    LEFT JOIN "changes" ON "transaction_id" >= "#;
const READ_SQLITE: &str = r#"SELECT newest.id + 1 AS "oldest", newest.kept AS "kept", "transaction_id", "part", "topics"
    FROM (SELECT coalesce(max("transaction_id"), 0) AS id, min("transaction_id") AS kept FROM "changes") AS newest
    LEFT JOIN "changes" ON "transaction_id" >= "#;
const SWEEP: &str = r#"DELETE FROM "changes" WHERE "transaction_id" <
    (SELECT "transaction_id" FROM "changes" ORDER BY "transaction_id" DESC LIMIT 1 OFFSET $1)"#;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    These(Vec<Topic>),
    /// Something that may concern anybody: a definition, a budget.
    Everything,
}

/// Writes down that these change with this transaction.
pub async fn announce(
    transaction: &impl ConnectionTrait,
    changed: impl IntoIterator<Item = impl Into<Topic>>,
) -> Result<()> {
    let topics: BTreeSet<Topic> = changed.into_iter().map(Into::into).collect();
    match topics.len() {
        0 => Ok(()),
        1..=MOST_TOPICS => {
            let texts: Vec<String> = topics.into_iter().map(Topic::text).collect();
            write(transaction, texts.join(" ")).await
        }
        _ => announce_everything(transaction).await,
    }
}

/// Writes down that what concerns everybody changes with this transaction.
pub async fn announce_everything(transaction: &impl ConnectionTrait) -> Result<()> {
    write(transaction, String::new()).await
}

async fn write(transaction: &impl ConnectionTrait, topics: String) -> Result<()> {
    let backend = transaction.get_database_backend();
    let text = if backend == DbBackend::Postgres { WRITE_POSTGRES } else { WRITE_SQLITE };
    transaction.execute_raw(Statement::from_sql_and_values(backend, text, [topics.into()])).await?;
    Ok(())
}

/// Reads what was written since it was opened, each row once.
#[derive(Debug)]
pub struct Outbox {
    /// The oldest transaction that may not have been seen whole.
    oldest: i64,
    /// The rows since then that were seen.
    seen: BTreeSet<(i64, i64)>,
    /// The oldest transaction of which there was a row.
    kept: Option<i64>,
}

impl Outbox {
    /// Begins at this moment.
    pub async fn open(db: &Db) -> Result<Self> {
        let mut outbox = Self { oldest: i64::MAX, seen: BTreeSet::new(), kept: None };
        outbox.read(db).await?;
        // What was committed until now but lies after the oldest running transaction is known to all who begin now.
        outbox.read(db).await?;
        Ok(outbox)
    }

    /// What is new. Reads by the read door: SQLite's one writer is not waited for.
    pub async fn read(&mut self, db: &Db) -> Result<Vec<Changed>> {
        let unread = self.oldest;
        let mut sql = db.sql();
        let is_postgres = sql.dialect() == Backend::Postgres;
        sql.push(if is_postgres { READ_POSTGRES } else { READ_SQLITE }).bind(Param::Integer(unread));
        let kept_before = self.kept;
        let mut new = BTreeMap::new();
        for Entry { oldest, kept, change } in db.run(sql, Entry::decode).await? {
            (self.oldest, self.kept) = (oldest, kept);
            if let Some((key, topics)) = change
                && self.seen.insert(key)
            {
                new.insert(key, changed(&topics)?);
            }
        }
        let oldest = self.oldest;
        self.seen.retain(|(transaction, _)| *transaction >= oldest);
        let swept = self.kept > kept_before && self.kept > Some(unread);
        if kept_before.is_some() && swept || new.len() as u64 > KEPT {
            return Ok(vec![Changed::Everything]);
        }
        Ok(new.into_values().collect())
    }
}

/// A row of what is read. There is one without a change when nothing is new.
struct Entry {
    oldest: i64,
    /// The oldest transaction that was not swept away yet.
    kept: Option<i64>,
    /// The row's key, and what it says.
    change: Option<((i64, i64), String)>,
}

impl Entry {
    fn decode(raw: RawRow<'_>) -> Result<Self> {
        let transaction: Option<i64> = raw.cell(2)?.get()?;
        let change = match transaction {
            Some(transaction) => Some(((transaction, raw.cell(3)?.get()?), raw.cell(4)?.get()?)),
            None => None,
        };
        Ok(Self { oldest: raw.cell(0)?.get()?, kept: raw.cell(1)?.get()?, change })
    }
}

fn changed(topics: &str) -> Result<Changed> {
    if topics.is_empty() {
        return Ok(Changed::Everything);
    }
    let unknown = |text| move || Error::internal(format!("`{text}` is nothing that changes"));
    let parsed = topics.split(' ').map(|text| Topic::parse(text).ok_or_else(unknown(text)));
    Ok(Changed::These(parsed.collect::<Result<_>>()?))
}

/// Sweeps away what every reader has seen long since.
pub async fn sweep(transaction: &DatabaseTransaction) -> Result<()> {
    let backend = transaction.get_database_backend();
    transaction.execute_raw(Statement::from_sql_and_values(backend, SWEEP, [KEPT.into()])).await?;
    Ok(())
}
