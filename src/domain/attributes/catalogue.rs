//! The definitions as every replica keeps them in memory.

use std::collections::HashMap;
use std::sync::Arc;

use entities::attribute_definition;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::db::catalogue::{Catalogue, Definitions};
use crate::domain::attributes::definition::Definition;
use crate::kernel::error::Result;

/// All definitions, in the order of their keys.
#[derive(Debug, Default)]
pub struct AttributeDefinitions {
    all: Vec<Arc<Definition>>,
    by_behavior: HashMap<String, Vec<Arc<Definition>>>,
}

/// The catalogue of one process.
pub type Attributes = Catalogue<AttributeDefinitions>;

impl AttributeDefinitions {
    pub fn new(mut all: Vec<Arc<Definition>>) -> Self {
        all.sort_by(|a, b| a.key.cmp(&b.key));
        let mut by_behavior: HashMap<String, Vec<_>> = HashMap::new();
        for definition in all.iter().filter(|definition| definition.is_bucketed()) {
            by_behavior.entry(definition.behavior.clone()).or_default().push(Arc::clone(definition));
        }
        Self { all, by_behavior }
    }

    pub fn all(&self) -> &[Arc<Definition>] {
        &self.all
    }

    /// Those that behaviors of this name are counted for.
    pub fn counting(&self, behavior: &str) -> &[Arc<Definition>] {
        self.by_behavior.get(behavior).map_or(&[], Vec::as_slice)
    }

    pub fn by_key(&self, key: &str) -> Option<&Arc<Definition>> {
        let place = self.all.binary_search_by(|definition| definition.key.as_str().cmp(key));
        place.ok().map(|place| &self.all[place])
    }
}

impl Definitions for AttributeDefinitions {
    async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        let mut all = Vec::new();
        for row in attribute_definition::Entity::find().all(connection).await? {
            match Definition::compile(&row) {
                Ok(definition) => all.push(Arc::new(definition)),
                // Compiled when it was defined; one that no longer is must not take the others with it.
                Err(error) => tracing::error!(key = row.key, %error, "an attribute's definition is left out"),
            }
        }
        Ok(Self::new(all))
    }
}
