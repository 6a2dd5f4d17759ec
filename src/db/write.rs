//! The write door: one call is one transaction.

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::Db;
use crate::kernel::error::Result;

impl Db {
    /// Runs `work` in one transaction: committed when it returns `Ok`, rolled back when it fails or is dropped.
    ///
    /// SQLite takes the write lock at once, because a transaction that reads first and writes later
    /// fails as soon as another has written in between; writers queue for its one connection.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T>) -> Result<T> {
        let transaction = self.begin().await?;
        let value = work(&transaction).await?;
        self.commit(transaction).await?;
        Ok(value)
    }

    /// Commits, and lets it be known.
    pub async fn commit(&self, transaction: DatabaseTransaction) -> Result<()> {
        transaction.commit().await?;
        self.0.commits.notify_one();
        self.0.told.notify_one();
        Ok(())
    }

    /// A transaction to be committed by hand; dropped, it is rolled back.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.0.connection.begin_with_options(options).await?)
    }
}
