//! The database: connections, write transactions, migrations, and the read door. The only room that knows
//! which of the two databases is behind it, and the only one that speaks SQL dialects.

mod backend;
pub mod bulk;
pub mod catalogue;
pub mod columnar;
pub mod columnar_update;
pub mod connect;
mod error;
pub mod listen;
pub mod migrate;
pub mod outbox;
pub mod overdue;
pub mod read;
mod tls;
pub mod topic;
mod unreachable;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::DatabaseConnection;
use tokio::sync::Notify;

pub use write::Failure;

use backend::Backend;

/// The database, cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Inner>, read::door::Lease);

#[derive(Debug)]
struct Inner {
    backend: Backend,
    connection: DatabaseConnection,
    door: read::door::Door,
    statements: Arc<AtomicU64>,
    /// The address, for a connection that listens.
    url: String,
    /// Told at every commit of this process: who watches here, and who tells other processes.
    commits: Notify,
    told: Notify,
}

impl Db {
    /// SeaORM's connection, for the long tail of reads. What is read often goes through [`read::Select`];
    /// what writes goes through [`Db::write`].
    pub fn connection(&self) -> &DatabaseConnection {
        &self.0.connection
    }

    /// The same database for one request: what it reads goes over one connection, which it gives back when
    /// this and its clones are dropped.
    pub fn for_request(&self) -> Self {
        Self(self.0.clone(), self.0.door.lease())
    }

    /// The same for a request that only reads: in SQLite, what it reads from its second statement on is of one
    /// moment.
    pub fn for_reading(&self) -> Self {
        Self(self.0.clone(), self.0.door.reading_lease())
    }

    /// Transactions that can write at once: one in SQLite, where a second would wait for its turn and may wait too
    /// long.
    pub fn writers(&self) -> usize {
        match self.0.backend {
            Backend::Sqlite => 1,
            Backend::Postgres => usize::MAX,
        }
    }

    /// How many statements have been sent since the start, by either way.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }
}
