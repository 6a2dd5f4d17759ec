//! Writing placements.

use async_graphql::{Context, ID, MaybeUndefined, Object, SimpleObject};
use entities::ids::{OfferId, PlacementId};

use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, require, settle_faults};
use crate::api::placements::batches::PlacementById;
use crate::api::placements::inputs::PlacementUpsertInput;
use crate::api::placements::types::Placement;
use crate::api::reads::Reads;
use crate::domain::offers::faults::Refused;
use crate::domain::placements::define::{self, PlacementParts};
use crate::graph::Batched;
use crate::kernel::error::Result;
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct PlacementMutations;

/// What became of `placementUpsert`.
#[derive(SimpleObject)]
pub struct PlacementUpsertPayload {
    /// The placement; null when there are `userErrors`.
    placement: Batched<Option<Placement>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PlacementMutations {
    /// Makes a placement, or changes the one with this key. Needs the scope `offers:write`.
    async fn placement_upsert(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the placement is to be.")] input: PlacementUpsertInput,
    ) -> async_graphql::Result<PlacementUpsertPayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let done = upsert(reads, input).await;
        let (id, user_errors) = match settle_faults(reads, done)? {
            Ok(id) => (Some(id), Vec::new()),
            Err(errors) => (None, errors),
        };
        let placement = Batched::by_viewer(move |_: &Reads| id.map(PlacementById));
        Ok(PlacementUpsertPayload { placement, user_errors })
    }
}

async fn upsert(reads: &Reads, input: PlacementUpsertInput) -> Result<PlacementId, Refused> {
    let fallback = fallback(&input.fallback_offer_id)?;
    let parts = PlacementParts { key: input.key, name: input.name, fallback };
    let id = define::upsert(&reads.db, &reads.ids, reads.clock.now(), parts).await?;
    // A fallback counts for the next decision.
    reads.services.deciding.catalogue.refresh(&reads.db).await?;
    Ok(id)
}

fn fallback(id: &MaybeUndefined<ID>) -> Result<Option<Option<OfferId>>> {
    Ok(match id {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(id) => Some(Some(parse_id("input.fallbackOfferId", id)?)),
    })
}
