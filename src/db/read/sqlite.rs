//! The SQLite side of the read door: read-only connections, run on the calling thread, because handing rows
//! from thread to thread costs more than reading them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::cell::RawRow;
use super::sql::Sql;
use crate::db::backend::sqlite_file;
use crate::kernel::error::{Error, Result};

/// How long a request waits for a connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(1);
/// How long a statement may run.
const LIMIT: Duration = Duration::from_secs(5);
/// How often, in steps of SQLite's machine, a statement looks at the time: about every millisecond.
const STEPS: i32 = 50_000;
/// Statements a connection keeps prepared.
const PREPARED: usize = 256;

#[derive(Debug)]
pub struct Sqlite {
    file: PathBuf,
    permits: Semaphore,
    idle: Mutex<Vec<Reader>>,
}

impl Sqlite {
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let permits = Semaphore::new(connections.max(1));
        Ok(Self { file: sqlite_file(url)?, permits, idle: Mutex::default() })
    }

    /// Closes the connections that are at rest; the others close when they come back.
    pub fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) async fn run<T>(
        &self,
        sql: &Sql,
        decode: impl FnMut(RawRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let busy = |_| Error::Unavailable("all database connections are in use; try again".to_owned());
        let _permit = timeout(WAIT, self.permits.acquire())
            .await
            .map_err(busy)?
            .map_err(|_| Error::Unavailable("the database is being closed".to_owned()))?;
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            // The thread's other tasks move on while this one reads.
            return tokio::task::block_in_place(|| self.run_here(sql, decode));
        }
        self.run_here(sql, decode)
    }

    fn run_here<T>(&self, sql: &Sql, decode: impl FnMut(RawRow<'_>) -> Result<T>) -> Result<Vec<T>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = idle.map_or_else(|| Reader::open(&self.file), Ok)?;
        let rows = reader.run(sql, decode);
        if !self.permits.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        }
        rows
    }
}

/// One connection, and the moment at which its statement is stopped.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    opened: Instant,
    /// Milliseconds after `opened`.
    deadline: Arc<AtomicU64>,
}

impl Reader {
    fn open(file: &PathBuf) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(LIMIT)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        rusqlite::vtab::array::load_module(&connection)?;
        let (opened, deadline) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let seen = deadline.clone();
        let is_over = move || elapsed(opened) > seen.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(Self { connection, opened, deadline })
    }

    fn run<T>(&self, sql: &Sql, mut decode: impl FnMut(RawRow<'_>) -> Result<T>) -> Result<Vec<T>> {
        let deadline = elapsed(self.opened) + LIMIT.as_millis() as u64;
        self.deadline.store(deadline, Ordering::Relaxed);
        let mut statement = self.connection.prepare_cached(sql.text())?;
        for (at, param) in sql.params().iter().enumerate() {
            param.bind_sqlite(&mut statement, at + 1)?;
        }
        let mut rows = statement.raw_query();
        let mut decoded = Vec::new();
        while let Some(row) = rows.next()? {
            decoded.push(decode(RawRow::Sqlite(row))?);
        }
        Ok(decoded)
    }
}

fn elapsed(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
