//! The SQLite side of the read door: read-only connections, run on the calling thread, because handing rows
//! from thread to thread costs more than reading them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::cell::RawRow;
use super::pace::Paces;
use super::reader::Reader;
use super::snapshot::{Begun, Snapshot};
use super::sql::Sql;
use crate::db::backend::sqlite_file;
use crate::kernel::error::{Error, Result};

/// How long a request waits for a connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Sqlite {
    pool: Arc<Pool>,
    paces: Paces,
}

impl Sqlite {
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let permits = Arc::new(Semaphore::new(connections.max(1)));
        let pool = Pool { file: sqlite_file(url)?, permits, spare: connections / 2, idle: Mutex::default() };
        Ok(Self { pool: Arc::new(pool), paces: Paces::default() })
    }

    /// Closes the connections that are at rest; the others close when they come back.
    pub fn close(&self) {
        self.pool.permits.close();
        self.pool.idle().clear();
    }

    /// Runs a statement, in the snapshot if the request has one.
    pub(super) async fn run<T>(
        &self,
        snapshot: Option<&Snapshot>,
        sql: &Sql,
        decode: impl FnMut(RawRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let begun = snapshot.map_or(Begun::Apart, Snapshot::begin);
        let holds = !matches!(begun, Begun::Apart);
        let mut connection = match begun {
            Begun::Again(connection) => connection,
            Begun::Apart | Begun::Held => Pool::connection(&self.pool).await?,
        };
        let now = Instant::now();
        let pace = self.paces.of(sql.text());
        let rows = if pace.is_quick() || Handle::current().runtime_flavor() != RuntimeFlavor::MultiThread {
            connection.run(sql, now, holds, decode)
        } else {
            // The thread's other tasks move on while this one reads.
            tokio::task::block_in_place(|| connection.run(sql, now, holds, decode))
        };
        self.paces.note(sql.text(), pace, now.elapsed());
        if let Some(snapshot) = snapshot.filter(|_| holds) {
            snapshot.end(self.pool.has_spare().then_some(connection));
        }
        rows
    }
}

/// The connections to one file.
#[derive(Debug)]
struct Pool {
    file: PathBuf,
    permits: Arc<Semaphore>,
    /// So many are not kept between statements: requests that take long must not keep them all from the others.
    spare: usize,
    idle: Mutex<Vec<Reader>>,
}

impl Pool {
    /// Whether one more may be kept.
    fn has_spare(&self) -> bool {
        self.permits.available_permits() > self.spare
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mostly there is one at once. The waiting is boxed: it takes no room where nobody waits.
    async fn connection(pool: &Arc<Self>) -> Result<PooledReader> {
        let permit = match Arc::clone(&pool.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => Box::pin(pool.wait()).await?,
        };
        Ok(PooledReader { reader: pool.idle().pop(), pool: Arc::clone(pool), _permit: permit })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        timeout(WAIT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Error::Unavailable("all database connections are in use; try again".to_owned()))?
            .map_err(|_| Error::Unavailable("the database is being closed".to_owned()))
    }
}

/// A connection in use. It goes back to the others when this is dropped.
#[derive(Debug)]
pub(super) struct PooledReader {
    /// None until the first statement opens it.
    reader: Option<Reader>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl PooledReader {
    fn run<T>(
        &mut self,
        sql: &Sql,
        now: Instant,
        holds: bool,
        decode: impl FnMut(RawRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let reader = self.reader.take().map_or_else(|| Reader::open(&self.pool.file), Ok)?;
        let reader = self.reader.insert(reader);
        if holds {
            reader.hold()?;
        }
        reader.run(sql, now, decode)
    }
}

impl Drop for PooledReader {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        // One that cannot let go of what it sees is of no use to others.
        if reader.release().is_ok() && !self.pool.permits.is_closed() {
            self.pool.idle().push(reader);
        }
    }
}
