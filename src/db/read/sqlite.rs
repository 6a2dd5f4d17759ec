//! The SQLite side of the read door: read-only connections, run on the calling thread, because handing rows
//! from thread to thread costs more than reading them.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
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
/// How much of the file is read without a system call a page, and without a copy a connection.
const MAPPED: i64 = 1 << 30;
/// A statement this short may keep its thread from other tasks.
const QUICK: Duration = Duration::from_millis(1);
/// How many texts of quick statements are remembered.
const MAX_QUICK: usize = 1_000;

#[derive(Debug)]
pub struct Sqlite {
    file: PathBuf,
    permits: Semaphore,
    idle: Mutex<Vec<Reader>>,
    quick: QuickStatements,
}

impl Sqlite {
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let permits = Semaphore::new(connections.max(1));
        let (idle, quick) = (Mutex::default(), QuickStatements::default());
        Ok(Self { file: sqlite_file(url)?, permits, idle, quick })
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
        let begun = Instant::now();
        let was_quick = self.quick.contains(sql.text());
        let rows = if was_quick || Handle::current().runtime_flavor() != RuntimeFlavor::MultiThread {
            self.run_here(sql, decode)
        } else {
            // The thread's other tasks move on while this one reads.
            tokio::task::block_in_place(|| self.run_here(sql, decode))
        };
        self.quick.note(sql.text(), was_quick, begun.elapsed() < QUICK);
        rows
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

/// The texts of statements that were quick when they last ran. Moving a thread's other tasks to another
/// thread costs more than a quick statement does.
#[derive(Debug, Default)]
struct QuickStatements(RwLock<HashSet<String>>);

impl QuickStatements {
    fn contains(&self, text: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(text)
    }

    fn note(&self, text: &str, was_quick: bool, is_quick: bool) {
        if was_quick == is_quick {
            return;
        }
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= MAX_QUICK {
            texts.clear();
        }
        if is_quick {
            texts.insert(text.to_owned());
        } else {
            texts.remove(text);
        }
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
        connection.pragma_update(None, "mmap_size", MAPPED)?;
        // A statement is planned once. Otherwise, in a file that was analysed, every new value bound to it has it
        // planned anew, which costs more than a short statement does.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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
