//! One read-only connection to SQLite.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::cell::RawRow;
use super::sql::Sql;
use crate::kernel::error::Result;

/// How long a statement may run.
const LIMIT: Duration = Duration::from_secs(5);
/// How often, in steps of SQLite's machine, a statement looks at the time: about every millisecond.
const STEPS: i32 = 50_000;
/// Statements a connection keeps prepared.
const PREPARED: usize = 256;
/// How much of the file is read without a system call a page, and without a copy a connection.
const MAPPED: i64 = 1 << 30;

/// One connection, and the moment at which its statement is stopped.
#[derive(Debug)]
pub(super) struct Reader {
    /// Boxed, because it goes from hand to hand.
    connection: Box<Connection>,
    opened: Instant,
    /// Milliseconds after `opened`.
    deadline: Arc<AtomicU64>,
}

impl Reader {
    pub(super) fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Box::new(Connection::open_with_flags(file, flags)?);
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
        let is_over = move || millis(opened.elapsed()) > seen.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(Self { connection, opened, deadline })
    }

    /// Runs a statement that begins now.
    pub(super) fn run<T>(
        &self,
        sql: &Sql,
        now: Instant,
        mut decode: impl FnMut(RawRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let deadline = now.saturating_duration_since(self.opened) + LIMIT;
        self.deadline.store(millis(deadline), Ordering::Relaxed);
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

    /// From the next statement on the database stands still, and is locked and looked at anew no more.
    pub(super) fn hold(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.prepare_cached("BEGIN")?.execute([])?;
        }
        Ok(())
    }

    /// The next statement sees what was written meanwhile.
    pub(super) fn release(&self) -> Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
