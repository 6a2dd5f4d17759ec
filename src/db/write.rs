//! The write door: one call is one transaction, which may be run again when others get in its way.

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::Db;
use crate::kernel::error::{Error, Result};

/// How often a transaction is run that others get in the way of.
const ATTEMPTS: usize = 8;

/// Why a transaction is not committed.
pub trait Failure: From<Error> {
    /// The error, if it is one rather than a refusal.
    fn error(&self) -> Option<&Error>;
}

impl Failure for Error {
    fn error(&self) -> Option<&Error> {
        Some(self)
    }
}

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

    /// The same, but the transaction is run again when another writer was in the way, or took a unique key that this
    /// one had seen free; in the end the caller is asked to. A conflict that the caller must know of is therefore no
    /// error of the work, but a refusal or part of what it gives. The input is passed rather than captured, so that
    /// the work may move between threads.
    pub async fn write_retrying<I: ?Sized, T, E: Failure>(
        &self,
        input: &I,
        work: impl for<'t> Fn(&'t DatabaseTransaction, &'t I) -> BoxFuture<'t, Result<T, E>>,
    ) -> Result<T, E> {
        let mut attempt = 1;
        loop {
            let transaction = self.begin().await?;
            let failure = match work(&transaction, input).await {
                Ok(value) => match self.commit(transaction).await {
                    Ok(()) => return Ok(value),
                    Err(error) => E::from(error),
                },
                Err(failure) => {
                    // Awaited, so that the next attempt does not wait for what this one has locked.
                    transaction.rollback().await.map_err(Error::from)?;
                    failure
                }
            };
            let Some(Error::Contended(reason) | Error::Conflict(reason)) = failure.error() else {
                return Err(failure);
            };
            if attempt == ATTEMPTS {
                tracing::warn!(attempt, reason, "a transaction is given up");
                return Err(Error::overtaken().into());
            }
            tracing::debug!(attempt, reason, "a transaction is run again");
            attempt += 1;
        }
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
