//! The door itself: one of the two drivers, and the counting of what passes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use deadpool_postgres::Object;
use tokio::sync::OnceCell;

use super::cell::RawRow;
use super::meter::{self, Meter};
use super::postgres::Postgres;
use super::sql::Sql;
use super::sqlite::Sqlite;
use crate::db::Db;
use crate::db::backend::Backend;
use crate::db::connect::DbConfig;
use crate::kernel::error::Result;

/// What the log calls the texts of statements.
const SQL_LOG: &str = "sql";

/// The driver behind the door.
#[derive(Debug)]
pub enum Door {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// PostgreSQL's connection for one request, taken from the pool by its first statement. Statements that run
/// at the same time go over it together: the wake-ups and packets of a connection for each cost more than
/// the statements of a request do. SQLite has nothing to gain and takes a connection a statement.
#[derive(Clone, Debug)]
pub struct Lease(Option<Arc<OnceCell<Object>>>);

impl Lease {
    pub fn none() -> Self {
        Self(None)
    }

    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    fn connection(&self) -> Option<&OnceCell<Object>> {
        self.0.as_deref()
    }
}

impl Door {
    pub fn open(backend: Backend, config: &DbConfig) -> Result<Self> {
        Ok(match backend {
            Backend::Postgres => Self::Postgres(Postgres::open(&config.url, config.read_connections)?),
            Backend::Sqlite => Self::Sqlite(Sqlite::open(&config.url, config.read_connections)?),
        })
    }

    pub fn close(&self) {
        match self {
            Self::Postgres(postgres) => postgres.close(),
            Self::Sqlite(sqlite) => sqlite.close(),
        }
    }
}

impl Db {
    /// An empty statement in the dialect of the database.
    pub(in crate::db) fn sql(&self) -> Sql {
        Sql::new(self.0.backend)
    }

    /// Sends one statement and reads its rows.
    pub(in crate::db) async fn run<T: Send>(
        &self,
        sql: Sql,
        decode: impl FnMut(RawRow<'_>) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        // Values are never logged: they are people's data.
        tracing::trace!(target: SQL_LOG, text = sql.text());
        meter::add(Meter { statements: 1, rows: 0 });
        let rows = match &self.0.door {
            Door::Postgres(postgres) => postgres.run(self.1.connection(), &sql, decode).await?,
            Door::Sqlite(sqlite) => sqlite.run(&sql, decode).await?,
        };
        meter::add(Meter { statements: 0, rows: rows.len() as u64 });
        Ok(rows)
    }

    /// Asks the database, by the read door, whether it answers.
    pub async fn ping(&self) -> Result<()> {
        let mut sql = self.sql();
        sql.push("SELECT 1");
        self.run(sql, |_| Ok(())).await.map(drop)
    }
}
