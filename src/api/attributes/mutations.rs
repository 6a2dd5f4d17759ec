//! Defining attributes.

use async_graphql::{Context, Object, SimpleObject};

use crate::api::attributes::batches::AttributeDefinitionById;
use crate::api::attributes::inputs::AttributeDefineInput;
use crate::api::attributes::types::AttributeDefinition;
use crate::api::payload::{UserError, reads, require, settle};
use crate::api::scalars::Duration;
use crate::domain::attributes::define::{self, NewDefinition};
use crate::graph::Batched;
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct AttributeMutations;

/// What became of `attributeDefine`.
#[derive(SimpleObject)]
pub struct AttributeDefinePayload {
    /// The definition; null when there are `userErrors`.
    definition: Batched<Option<AttributeDefinition>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl AttributeMutations {
    /// Defines an attribute, or gives one another meaning. History is counted in the background: `status` and
    /// `progress` of the definition tell how far that is, and values are null until it is done. Needs the scope
    /// `definitions:write`.
    async fn attribute_define(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the attribute is to mean.")] input: AttributeDefineInput,
    ) -> async_graphql::Result<AttributeDefinePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let new = NewDefinition {
            label: input.label.unwrap_or_else(|| input.key.clone()),
            key: input.key,
            behavior: input.behavior,
            property: input.property,
            filter: input.filter,
            aggregate: input.aggregate.into(),
            window: input.window.map(Duration::into_text),
            time_zone: input
                .time_zone
                .map_or_else(|| reads.services.time_zone.name().to_owned(), |zone| zone.name().to_owned()),
        };
        let (db, attributes) = (&reads.db, &reads.services.ingest.attributes);
        let defined = define::define(db, &reads.ids, attributes, reads.clock.now(), new).await;
        let (id, user_errors) = match settle(reads, defined)? {
            Ok(id) => (Some(id), Vec::new()),
            Err(errors) => (None, errors),
        };
        let definition = Batched::by_viewer(move |_| id.map(AttributeDefinitionById));
        Ok(AttributeDefinePayload { definition, user_errors })
    }
}
