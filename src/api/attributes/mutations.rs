//! Defining attributes.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::api::attributes::batches::AttributeDefinitionById;
use crate::api::attributes::inputs::{AttributeDefineInput, AttributeDeleteInput};
use crate::api::attributes::types::AttributeDefinition;
use crate::api::payload::{UserError, graphql_error, reads, require, settle_at};
use crate::api::scalars::{Duration, TimeZone};
use crate::domain::attributes::define::{self, NewDefinition};
use crate::domain::behaviors::names;
use crate::domain::offers::removal::remove_attribute;
use crate::graph::Batched;
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct AttributeMutations;

/// What became of `attributeDefine`.
#[derive(SimpleObject)]
pub struct AttributeDefinePayload {
    /// The definition; null when there are `userErrors`.
    definition: Batched<Option<AttributeDefinition>>,
    /// What may not be what was meant, though it was done: behaviors of this name are unknown so far.
    warnings: Vec<String>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `attributeDelete`.
#[derive(SimpleObject)]
pub struct AttributeDeletePayload {
    /// The id that the definition had; null when there are `userErrors`.
    deleted_id: Option<ID>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl AttributeMutations {
    /// Defines an attribute, or, if `replace` says so, gives one another meaning. History is counted in the background:
    /// `status` and `progress` of the definition tell how far that is, and values are null until it is done. Needs the
    /// scope `definitions:write`.
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
                .map_or_else(|| reads.services.time_zone.name().to_owned(), TimeZone::into_text),
            replace: input.replace,
        };
        let behavior = new.behavior.clone();
        let (db, attributes) = (&reads.db, &reads.services.ingest.attributes);
        let defined = define::define(db, &reads.ids, attributes, reads.clock.now(), new).await;
        let (id, user_errors) = match settle_at(reads, defined, "input.key")? {
            Ok(id) => (Some(id), Vec::new()),
            Err(errors) => (None, errors),
        };
        let warnings = match id {
            Some(_) => names::unknown(&reads.db, &behavior).await,
            None => Ok(None),
        };
        let warnings = warnings.map_err(|error| graphql_error(reads, &error))?;
        let warnings = warnings.iter().map(ToString::to_string).collect();
        let definition = Batched::by_viewer(move |_| id.map(AttributeDefinitionById));
        Ok(AttributeDefinePayload { definition, warnings, user_errors })
    }

    /// Takes an attribute away, and in the background what was counted for it. One that rules of segments or
    /// offers read is refused. Needs the scope `definitions:write`.
    async fn attribute_delete(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which attribute.")] input: AttributeDeleteInput,
    ) -> async_graphql::Result<AttributeDeletePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let ingest = &reads.services.ingest;
        let deleted = remove_attribute(&ingest.segments, &ingest.attributes, &input.key).await;
        let (deleted_id, user_errors) = match settle_at(reads, deleted, "input.key")? {
            Ok(id) => (Some(ID(id.to_string())), Vec::new()),
            Err(errors) => (None, errors),
        };
        Ok(AttributeDeletePayload { deleted_id, user_errors })
    }
}
