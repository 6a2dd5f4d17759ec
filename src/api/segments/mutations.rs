//! Defining segments, and trying rules.

use async_graphql::{Context, ID, Object, SimpleObject};
use entities::ids::{CustomerId, SegmentId};

use crate::api::customers::types::Customer;
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, require, settle, settle_at};
use crate::api::reads::Reads;
use crate::api::segments::batches::SegmentById;
use crate::api::segments::inputs::{
    SegmentCreateInput, SegmentDeleteInput, SegmentPreviewInput, SegmentUpdateInput,
};
use crate::api::segments::types::Segment;
use crate::domain::customers::store;
use crate::domain::offers::removal::remove_segment;
use crate::domain::segments::define::{NewSegment, SegmentChange};
use crate::domain::segments::preview::PATIENCE;
use crate::graph::Batched;
use crate::kernel::error::Result;
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct SegmentMutations;

/// What became of `segmentCreate`.
#[derive(SimpleObject)]
pub struct SegmentCreatePayload {
    /// The segment; null when there are `userErrors`.
    segment: Batched<Option<Segment>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `segmentUpdate`.
#[derive(SimpleObject)]
pub struct SegmentUpdatePayload {
    /// The segment; null when there are `userErrors`.
    segment: Batched<Option<Segment>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `segmentDelete`.
#[derive(SimpleObject)]
pub struct SegmentDeletePayload {
    /// The id that the segment had; null when there are `userErrors`.
    deleted_id: Option<ID>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `segmentPreview`.
#[derive(SimpleObject)]
pub struct SegmentPreviewPayload {
    /// Who would belong; null when there are `userErrors`.
    preview: Option<SegmentPreview>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Who would belong to a segment with this rule.
#[derive(SimpleObject)]
pub struct SegmentPreview {
    /// How many customers would belong; reckoned from those judged when `isExact` is false.
    size: i32,
    /// Whether everybody was judged. With very many customers the newest are, for two seconds.
    is_exact: bool,
    /// How many customers were judged.
    judged: i32,
    /// Up to ten who would belong, newest first.
    sample: Batched<Vec<Customer>>,
    /// Why the rule fails for some customers, who then would not belong; null when it fails for none.
    failure: Option<String>,
}

#[Object]
impl SegmentMutations {
    /// Makes a segment. Customers belong to it at once; `members` and `size` are found in the background, and
    /// `judgedAt` tells when they are complete. Needs the scope `definitions:write`.
    async fn segment_create(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the segment is to be.")] input: SegmentCreateInput,
    ) -> async_graphql::Result<SegmentCreatePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let new = NewSegment {
            name: input.name.unwrap_or_else(|| input.key.clone()),
            key: input.key,
            rule: input.rule,
            purpose: input.purpose.into(),
        };
        let created = reads.services.ingest.segments.create(new).await;
        let (segment, user_errors) = defined(reads, created, "input.key")?;
        Ok(SegmentCreatePayload { segment, user_errors })
    }

    /// Changes a segment. Another rule or purpose counts at once; `members` and `size` follow in the background.
    /// Needs the scope `definitions:write`.
    async fn segment_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be another.")] input: SegmentUpdateInput,
    ) -> async_graphql::Result<SegmentUpdatePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let change =
            SegmentChange { name: input.name, rule: input.rule, purpose: input.purpose.map(Into::into) };
        let changed = match parse_id("input.id", &input.id) {
            Ok(id) => reads.services.ingest.segments.change(id, change).await,
            Err(error) => Err(error),
        };
        let (segment, user_errors) = defined(reads, changed, "input.id")?;
        Ok(SegmentUpdatePayload { segment, user_errors })
    }

    /// Takes a segment away: nobody belongs to it any more, and its list of members goes. One that
    /// rules of offers read is refused. Needs the scope `definitions:write`.
    async fn segment_delete(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which segment.")] input: SegmentDeleteInput,
    ) -> async_graphql::Result<SegmentDeletePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let deleted = remove_segment(&reads.services.ingest.segments, &input.key).await;
        let (deleted_id, user_errors) = match settle_at(reads, deleted, "input.key")? {
            Ok(id) => (Some(ID(id.to_string())), Vec::new()),
            Err(errors) => (None, errors),
        };
        Ok(SegmentDeletePayload { deleted_id, user_errors })
    }

    /// Judges everybody by a rule without keeping it. Needs the scopes `definitions:write` and `lists:read`: how many
    /// customers a rule holds for says something of them.
    async fn segment_preview(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rule to be tried.")] input: SegmentPreviewInput,
    ) -> async_graphql::Result<SegmentPreviewPayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        require(reads, Scope::Lists)?;
        let segments = &reads.services.ingest.segments;
        let preview = segments.preview(&input.rule, input.purpose.into(), PATIENCE).await;
        Ok(match settle(reads, preview)? {
            Ok(preview) => {
                let count = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
                let preview = SegmentPreview {
                    size: count(preview.size),
                    is_exact: preview.is_exact,
                    judged: count(preview.judged),
                    sample: sample(preview.sample),
                    failure: preview.failure,
                };
                SegmentPreviewPayload { preview: Some(preview), user_errors: Vec::new() }
            }
            Err(user_errors) => SegmentPreviewPayload { preview: None, user_errors },
        })
    }
}

type Defined = (Batched<Option<Segment>>, Vec<UserError>);

/// `named_by` is the argument that says which segment is meant.
fn defined(reads: &Reads, result: Result<SegmentId>, named_by: &str) -> async_graphql::Result<Defined> {
    let (id, user_errors) = match settle_at(reads, result, named_by)? {
        Ok(id) => (Some(id), Vec::new()),
        Err(errors) => (None, errors),
    };
    Ok((Batched::by_viewer(move |_| id.map(SegmentById)), user_errors))
}

fn sample(ids: Vec<CustomerId>) -> Batched<Vec<Customer>> {
    Batched::read(move |reads: &Reads, wanted| {
        let (ids, columns) = (ids.clone(), wanted.columns());
        Box::pin(async move {
            let mut found = store::by_ids(&reads.db, reads.listed_scope(), &ids, columns).await?;
            Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
        })
    })
}
