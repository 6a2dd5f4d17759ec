//! What a request that only reads keeps of SQLite between its statements: a connection on which the database
//! stands still. Each statement by itself locks the file, looks whether it has changed and gives it back, which
//! costs as much as a short statement does. The first statement of a request is run by itself all the same, for
//! most requests have no other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sqlite::PooledReader;

/// Shared by the statements of one request. What it keeps is given back when it is dropped.
#[derive(Debug, Default)]
pub struct Snapshot(Mutex<Kept>);

#[derive(Debug, Default)]
enum Kept {
    /// Nothing has been read.
    #[default]
    Nothing,
    /// One statement was run.
    Asked,
    Connection(PooledReader),
    /// A statement has it. Those that are run at the same time go their own way.
    InUse,
}

/// How a statement is to be run.
pub(super) enum Begun {
    /// By itself.
    Apart,
    /// On a connection that is then kept.
    Held,
    /// On the one that was kept.
    Again(PooledReader),
}

impl Snapshot {
    pub(super) fn begin(&self) -> Begun {
        let mut kept = self.kept();
        match std::mem::replace(&mut *kept, Kept::InUse) {
            Kept::Nothing => {
                *kept = Kept::Asked;
                Begun::Apart
            }
            Kept::Asked => Begun::Held,
            Kept::Connection(connection) => Begun::Again(connection),
            Kept::InUse => Begun::Apart,
        }
    }

    /// Ends a statement that had a connection to keep. Without it, the next one begins a later snapshot.
    pub(super) fn end(&self, connection: Option<PooledReader>) {
        *self.kept() = connection.map_or(Kept::Asked, Kept::Connection);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
