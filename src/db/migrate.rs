//! Brings the schema up to date, one process at a time.

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::backend::Backend;
use super::connect::{DbConfig, open};
use crate::kernel::error::Result;

/// The advisory lock that a migrating process holds in PostgreSQL: any number that nobody else uses.
const LOCK: i64 = 0x656e_6369_7263_6c65;

/// Applies the migrations that are missing. Replicas may call it at once: one works, the others wait and
/// find nothing left to do.
pub async fn migrate(config: &DbConfig) -> Result<()> {
    let backend = Backend::of(&config.url)?;
    // One connection, so that the lock, which belongs to a session, covers every statement.
    let connection = open(backend, &config.url, 1).await?;
    let outcome = match backend {
        Backend::Sqlite => in_one_transaction(&connection).await,
        Backend::Postgres => under_lock(&connection).await,
    };
    connection.close().await?;
    outcome
}

async fn in_one_transaction(connection: &DatabaseConnection) -> Result<()> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    Migrator::up(&transaction, None).await?;
    Ok(transaction.commit().await?)
}

async fn under_lock(connection: &DatabaseConnection) -> Result<()> {
    connection.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await?;
    let outcome = Migrator::up(connection, None).await;
    connection.execute_unprepared(&format!("SELECT pg_advisory_unlock({LOCK})")).await?;
    Ok(outcome?)
}
