//! Locks that are not rows: held to the end of the transaction. SQLite has one writer at a time and needs none.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::kernel::error::Result;

/// What is locked. The numbers are in PostgreSQL's space of advisory locks, which is the database's own.
#[derive(Clone, Copy, Debug)]
pub enum Lock {
    /// What behaviors are counted for.
    Attributes = 0x656e_6301,
}

/// Held by many at once, by nobody who holds it alone. Who waits for it alone is not overtaken.
pub async fn share(transaction: &DatabaseTransaction, lock: Lock) -> Result<()> {
    take(transaction, "SELECT pg_advisory_xact_lock_shared($1)", lock).await
}

/// Held alone.
pub async fn hold(transaction: &DatabaseTransaction, lock: Lock) -> Result<()> {
    take(transaction, "SELECT pg_advisory_xact_lock($1)", lock).await
}

async fn take(transaction: &DatabaseTransaction, text: &str, lock: Lock) -> Result<()> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [(lock as i64).into()]);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}
