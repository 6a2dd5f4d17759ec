//! The definitions as every replica keeps them in memory, and how it notices that they changed.
//!
//! A transaction that counts behaviors shares a lock on the catalogue and looks at its version; one that
//! changes a definition holds the lock alone. So behaviors are counted under exactly one version, which is
//! written beside them, and a backfill knows which ones a definition has not seen.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use entities::ids::AttributeDefinitionId;
use entities::{attribute_definition, catalogue};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::db::Db;
use crate::db::lock::{self, Lock};
use crate::domain::attributes::definition::Definition;
use crate::kernel::error::Result;

/// The name of the catalogue's row.
const NAME: &str = "attributes";

/// All definitions at one version.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub version: i64,
    definitions: Vec<Arc<Definition>>,
    by_behavior: HashMap<String, Vec<Arc<Definition>>>,
}

impl Catalogue {
    fn new(version: i64, definitions: Vec<Definition>) -> Self {
        let definitions: Vec<_> = definitions.into_iter().map(Arc::new).collect();
        let mut by_behavior: HashMap<String, Vec<_>> = HashMap::new();
        for definition in definitions.iter().filter(|definition| definition.is_bucketed()) {
            by_behavior.entry(definition.behavior.clone()).or_default().push(Arc::clone(definition));
        }
        Self { version, definitions, by_behavior }
    }

    /// All definitions, by key.
    pub fn definitions(&self) -> &[Arc<Definition>] {
        &self.definitions
    }

    /// Those that behaviors of this name are counted for.
    pub fn counting(&self, behavior: &str) -> &[Arc<Definition>] {
        self.by_behavior.get(behavior).map_or(&[], Vec::as_slice)
    }

    pub fn by_key(&self, key: &str) -> Option<&Arc<Definition>> {
        let place = self.definitions.binary_search_by(|definition| definition.key.as_str().cmp(key));
        place.ok().map(|place| &self.definitions[place])
    }

    pub fn by_id(&self, id: AttributeDefinitionId) -> Option<&Arc<Definition>> {
        self.definitions.iter().find(|definition| definition.id == id)
    }
}

/// The catalogue of one process, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Attributes(Arc<RwLock<Arc<Catalogue>>>);

impl Attributes {
    pub async fn load(db: &Db) -> Result<Self> {
        let attributes = Self::default();
        attributes.refresh(db).await?;
        Ok(attributes)
    }

    /// As it was when last looked at, a second ago at most.
    pub fn current(&self) -> Arc<Catalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks whether it changed; whether it did.
    pub async fn refresh(&self, db: &Db) -> Result<bool> {
        let version = version(db.connection()).await?;
        if version == self.current().version {
            return Ok(false);
        }
        self.keep(load(db.connection(), version).await?);
        Ok(true)
    }

    /// The catalogue as it is in this transaction, and stays until its end.
    pub async fn locked(&self, transaction: &DatabaseTransaction) -> Result<Arc<Catalogue>> {
        lock::share(transaction, Lock::Attributes).await?;
        let version = version(transaction).await?;
        let current = self.current();
        if current.version == version {
            return Ok(current);
        }
        Ok(self.keep(load(transaction, version).await?))
    }

    fn keep(&self, catalogue: Catalogue) -> Arc<Catalogue> {
        let catalogue = Arc::new(catalogue);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another may have looked later and been quicker.
        if kept.version <= catalogue.version {
            *kept = Arc::clone(&catalogue);
        }
        catalogue
    }
}

async fn version(connection: &impl ConnectionTrait) -> Result<i64> {
    let row = catalogue::Entity::find_by_id(NAME).one(connection).await?;
    Ok(row.map_or(0, |row| row.version))
}

async fn load(connection: &impl ConnectionTrait, version: i64) -> Result<Catalogue> {
    let query = attribute_definition::Entity::find().order_by_asc(attribute_definition::Column::Key);
    let mut definitions = Vec::new();
    for row in query.all(connection).await? {
        match Definition::compile(&row) {
            Ok(definition) => definitions.push(definition),
            // Compiled when it was defined; one that no longer is must not take the others with it.
            Err(error) => tracing::error!(key = row.key, %error, "an attribute's definition is left out"),
        }
    }
    definitions.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(Catalogue::new(version, definitions))
}

/// Takes the catalogue for a change; the version that the change makes.
pub async fn change(transaction: &DatabaseTransaction) -> Result<i64> {
    lock::hold(transaction, Lock::Attributes).await?;
    let first = catalogue::ActiveModel { name: Set(NAME.to_owned()), version: Set(0) };
    catalogue::Entity::insert(first)
        .on_conflict(OnConflict::column(catalogue::Column::Name).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    catalogue::Entity::update_many()
        .col_expr(catalogue::Column::Version, Expr::col(catalogue::Column::Version).add(1))
        .filter(catalogue::Column::Name.eq(NAME))
        .exec(transaction)
        .await?;
    version(transaction).await
}
