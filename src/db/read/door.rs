//! The door itself: one of the two drivers, and the counting of what passes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use deadpool_postgres::Object;
use tokio::sync::OnceCell;

use super::cell::RawRow;
use super::meter;
use super::postgres::Postgres;
use super::snapshot::Snapshot;
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

/// What one request keeps of the door between its statements.
#[derive(Clone, Debug)]
pub enum Lease {
    Nothing,
    /// A connection, taken from the pool by the first statement. Statements that run at the same time go over it
    /// together: the wake-ups and packets of a connection for each cost more than the statements of a request do.
    Postgres(Arc<OnceCell<Object>>),
    Sqlite(Arc<Snapshot>),
}

impl Lease {
    fn connection(&self) -> Option<&OnceCell<Object>> {
        match self {
            Self::Postgres(connection) => Some(connection),
            Self::Nothing | Self::Sqlite(_) => None,
        }
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Sqlite(snapshot) => Some(snapshot),
            Self::Nothing | Self::Postgres(_) => None,
        }
    }
}

impl Door {
    pub fn open(backend: Backend, config: &DbConfig) -> Result<Self> {
        Ok(match backend {
            Backend::Postgres => Self::Postgres(Postgres::open(&config.url, config.read_connections)?),
            Backend::Sqlite => Self::Sqlite(Sqlite::open(&config.url, config.read_connections)?),
        })
    }

    /// For a request that may write, and reads what it wrote.
    pub fn lease(&self) -> Lease {
        match self {
            Self::Postgres(_) => Lease::Postgres(Arc::default()),
            // A connection a statement: each sees what was written before it.
            Self::Sqlite(_) => Lease::Nothing,
        }
    }

    /// For a request that only reads.
    pub fn reading_lease(&self) -> Lease {
        match self {
            Self::Postgres(_) => self.lease(),
            Self::Sqlite(_) => Lease::Sqlite(Arc::default()),
        }
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
        meter::sent();
        let rows = match &self.0.door {
            // Boxed here, the driver's large future takes no room in all those that lead to it.
            Door::Postgres(postgres) => Box::pin(postgres.run(self.1.connection(), &sql, decode)).await?,
            Door::Sqlite(sqlite) => sqlite.run(self.1.snapshot(), &sql, decode).await?,
        };
        meter::answered(rows.len());
        Ok(rows)
    }

    /// Asks the database, by the read door, whether it answers.
    pub async fn ping(&self) -> Result<()> {
        let mut sql = self.sql();
        sql.push("SELECT 1");
        self.run(sql, |_| Ok(())).await.map(drop)
    }
}
