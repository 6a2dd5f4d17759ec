//! Opens the connections: SeaORM's for writing, the read door's drivers for reading.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::sync::Notify;

use super::backend::{Backend, sqlite_file};
use super::read::door::{Door, Lease};
use super::tls::Address;
use super::unreachable::unreachable;
use super::{Db, Inner};
use crate::kernel::error::Result;

/// How long a statement waits for its turn in SQLite, which has one writer at a time.
const SQLITE_TURN: Duration = Duration::from_secs(5);
/// What SQLite's writer keeps of the file in memory: 64 MB. A transaction of ingest touches pages of a dozen indexes
/// all over the file; with the 2 MB it would have it reads them again every time.
const WRITER_CACHE: &str = "-65536";
/// After how many pages of 4 KB the write-ahead log is folded into the file. With the 1,000 it would have every
/// transaction of ingest waits for that.
const CHECKPOINT: &str = "8192";
/// How long a request waits for a free connection before it is told to come back.
const POSTGRES_TURN: Duration = Duration::from_secs(2);

/// Which database, and how many connections to it.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Connections of the read door.
    pub read_connections: usize,
    /// Connections for writing. SQLite has one writer, whatever this says.
    pub write_connections: u32,
}

impl DbConfig {
    /// An address with sizes that suit one process.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), read_connections: 16, write_connections: 8 }
    }

    /// The file that connecting would make because it is not there.
    pub fn missing_file(&self) -> Result<Option<PathBuf>> {
        Ok(match Backend::of(&self.url)? {
            Backend::Sqlite => Some(sqlite_file(&self.url)?).filter(|file| !file.exists()),
            Backend::Postgres => None,
        })
    }
}

impl Db {
    /// Connects; SQLite's file is made if it is not there. The schema is left as it is.
    pub async fn connect(config: &DbConfig) -> Result<Self> {
        let backend = Backend::of(&config.url)?;
        let statements = Arc::new(AtomicU64::new(0));
        let mut connection = open(backend, &config.url, config.write_connections).await?;
        let counter = statements.clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let door = Door::open(backend, config)?;
        let (url, commits, told) = (config.url.clone(), Notify::new(), Notify::new());
        let inner = Inner { backend, connection, door, statements, url, commits, told };
        Ok(Self(Arc::new(inner), Lease::Nothing))
    }

    /// Closes all connections. In SQLite this folds the write-ahead log into the file.
    pub async fn close(&self) -> Result<()> {
        self.0.door.close();
        Ok(self.0.connection.close_by_ref().await?)
    }
}

/// SeaORM's pool.
pub(super) async fn open(backend: Backend, url: &str, connections: u32) -> Result<DatabaseConnection> {
    let options = match backend {
        Backend::Sqlite => return Ok(Database::connect(sqlite_options(url)?).await?),
        Backend::Postgres => postgres_options(url, connections),
    };
    let Address { config, .. } = Address::parse(url)?;
    Database::connect(options).await.map_err(|cause| unreachable(&config, &cause))
}

fn sqlite_options(url: &str) -> Result<ConnectOptions> {
    let file = sqlite_file(url)?;
    // The path goes in by `filename`, because in an address `%` and `?` would be read as more than a path.
    let mut options = ConnectOptions::new("sqlite://file");
    options.sqlx_logging(false).max_connections(1).acquire_timeout(SQLITE_TURN).map_sqlx_sqlite_opts(
        move |sqlite| {
            sqlite
                .filename(&file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // An acknowledged commit survives a loss of power.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(SQLITE_TURN)
                .pragma("cache_size", WRITER_CACHE)
                .pragma("wal_autocheckpoint", CHECKPOINT)
        },
    );
    Ok(options)
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(connections.max(1))
        .acquire_timeout(POSTGRES_TURN)
        // A round trip before every statement would double the latency; a dead connection shows by itself.
        .test_before_acquire(false)
        .set_application_name("encircle")
        // Migrations look whether their table is there by making it: that it is, is no news.
        .map_sqlx_postgres_opts(|options| options.options([("client_min_messages", "warning")]));
    options
}
