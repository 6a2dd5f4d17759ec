//! How links to attributes are loaded.

use std::collections::HashMap;
use std::sync::Arc;

use entities::ids::{AttributeDefinitionId, CustomerId};

use crate::api::attributes::inputs::AttributesArguments;
use crate::api::reads::Reads;
use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::{read, rows};
use crate::domain::segments::catalogue::Needs;
use crate::domain::segments::sharing::Whom;
use crate::graph::{Batch, Input, Want};
use crate::kernel::error::{Error, Result};

/// Which definition has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttributeDefinitionById(pub AttributeDefinitionId);

/// What do this customer's behaviors say?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttributesOf(pub CustomerId);

impl Batch<AttributeDefinitionById> for Reads {
    type Arguments = ();
    type Value = rows::AttributeDefinition;

    async fn load(
        &self,
        keys: &[AttributeDefinitionById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<AttributeDefinitionById, rows::AttributeDefinition>> {
        if !self.sees_definitions() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = rows::by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (AttributeDefinitionById(id), row)).collect())
    }
}

impl Batch<AttributesOf> for Reads {
    type Arguments = Input<AttributesArguments>;
    type Value = Vec<read::Attribute>;

    async fn load(
        &self,
        keys: &[AttributesOf],
        want: Want<'_, Input<AttributesArguments>>,
    ) -> Result<HashMap<AttributesOf, Vec<read::Attribute>>> {
        let catalogue = self.services.ingest.attributes.current();
        let definitions = match &want.arguments.0.keys {
            None => catalogue.all().to_vec(),
            Some(wanted) => {
                let find = |key: &String| {
                    catalogue.by_key(key).cloned().ok_or_else(|| {
                        Error::invalid(
                            "keys",
                            format!("there is no attribute `{key}`; see `attributeDefinitions`"),
                        )
                    })
                };
                wanted.iter().map(find).collect::<Result<_>>()?
            }
        };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let scope = self.behavior_scope();
        let mut needs = Needs::default();
        needs.add_attributes(&definitions);
        let known = self.facts.read(&self.db, scope, &needs, Whom::Ids(&ids), self.clock.now()).await?;
        // Others may have asked for more, in another order.
        let list = |id: CustomerId| {
            let of = |definition: &Arc<Definition>| {
                known.attributes_of(id).iter().find(|own| own.definition.id == definition.id).cloned()
            };
            (AttributesOf(id), definitions.iter().filter_map(of).collect())
        };
        Ok(ids.into_iter().map(list).collect())
    }
}
