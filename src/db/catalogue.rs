//! What every replica keeps in memory and looks up in no request: definitions and rules. One number counts
//! their changes, so that a replica notices, and a lock keeps them still for a transaction that needs that.
//!
//! A transaction that counts behaviors shares the lock; one that changes a definition holds it alone. So what
//! is written by the first was written under exactly one version.

use std::sync::{Arc, PoisonError, RwLock};

use entities::catalogue::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, Set, Statement,
};

use super::Db;
use crate::kernel::error::Result;

/// The row that counts.
const NAME: &str = "definitions";
/// In PostgreSQL's space of advisory locks, which is the database's own. Waiting for one is a queue: who waits
/// to change is not overtaken by those who share, as for a row's lock.
const LOCK: i64 = 0x656e_6369_7263_6c65;

/// Something kept in memory, read whole from the database.
pub trait Definitions: Default + Send + Sync + 'static {
    fn load(connection: &impl ConnectionTrait) -> impl Future<Output = Result<Self>> + Send;
}

/// A catalogue of one process, cheap to clone.
#[derive(Debug)]
pub struct Catalogue<T>(Arc<RwLock<Versioned<T>>>);

#[derive(Debug)]
struct Versioned<T> {
    version: i64,
    definitions: Arc<T>,
}

impl<T> Clone for Catalogue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Definitions> Catalogue<T> {
    pub async fn open(db: &Db) -> Result<Self> {
        let empty = Versioned { version: -1, definitions: Arc::default() };
        let catalogue = Self(Arc::new(RwLock::new(empty)));
        catalogue.refresh(db).await?;
        Ok(catalogue)
    }

    /// As it was when last looked at.
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).definitions)
    }

    /// Looks whether it changed.
    pub async fn refresh(&self, db: &Db) -> Result<Arc<T>> {
        let version = version(db.connection()).await?;
        self.at(db.connection(), version).await
    }

    /// As it is at a version that [`share`] gave, in its transaction.
    pub async fn at(&self, connection: &impl ConnectionTrait, version: i64) -> Result<Arc<T>> {
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if kept.version == version {
                return Ok(Arc::clone(&kept.definitions));
            }
        }
        let definitions = Arc::new(T::load(connection).await?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another may have looked later and been quicker.
        if kept.version < version {
            *kept = Versioned { version, definitions: Arc::clone(&definitions) };
        }
        Ok(definitions)
    }
}

/// How often definitions have changed.
pub async fn version(connection: &impl ConnectionTrait) -> Result<i64> {
    let row = Entity::find_by_id(NAME).one(connection).await?;
    Ok(row.map_or(0, |row| row.version))
}

/// Keeps all definitions as they are to the end of the transaction; their version.
pub async fn share(transaction: &DatabaseTransaction) -> Result<i64> {
    lock(transaction, "SELECT pg_advisory_xact_lock_shared($1)").await?;
    version(transaction).await
}

/// Waits for all who share, and takes the definitions for a change; the version that the change makes.
pub async fn change(transaction: &DatabaseTransaction) -> Result<i64> {
    lock(transaction, "SELECT pg_advisory_xact_lock($1)").await?;
    let first = ActiveModel { name: Set(NAME.to_owned()), version: Set(0) };
    Entity::insert(first)
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Name.eq(NAME))
        .exec(transaction)
        .await?;
    super::outbox::announce_everything(transaction).await?;
    version(transaction).await
}

/// SQLite has one writer at a time and needs no lock.
async fn lock(transaction: &DatabaseTransaction, text: &str) -> Result<()> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [LOCK.into()]);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}
