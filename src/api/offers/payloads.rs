//! What mutations of offers answer.

use async_graphql::SimpleObject;
use entities::ids::OfferId;

use crate::api::offers::batches::OfferById;
use crate::api::offers::types::Offer;
use crate::api::payload::{UserError, settle_faults};
use crate::api::reads::Reads;
use crate::domain::offers::faults::Refused;
use crate::graph::Batched;

/// An offer in a payload: any selection on it is read after the change.
pub type OfferField = Batched<Option<Offer>>;

/// What became of `offerCreate`.
#[derive(SimpleObject)]
pub struct OfferCreatePayload {
    /// The offer, a draft; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `offerUpdate`.
#[derive(SimpleObject)]
pub struct OfferUpdatePayload {
    /// The offer as it is now; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `offerPublish`.
#[derive(SimpleObject)]
pub struct OfferPublishPayload {
    /// The offer, live; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `offerPause`.
#[derive(SimpleObject)]
pub struct OfferPausePayload {
    /// The offer, held back; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `offerEnd`.
#[derive(SimpleObject)]
pub struct OfferEndPayload {
    /// The offer, over; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `offerArchive`.
#[derive(SimpleObject)]
pub struct OfferArchivePayload {
    /// The offer, out of the lists; null when there are `userErrors`.
    pub offer: OfferField,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of `codesGenerate`.
#[derive(SimpleObject)]
pub struct CodesGeneratePayload {
    /// The codes as a file, a line each below the heading `code`. Keep it: it is told once and cannot be read again.
    /// Null when there are `userErrors`.
    pub csv: Option<String>,
    /// How many codes were made.
    pub count: i32,
    /// All that was wrong; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The offer that something was done to, or what was wrong.
pub fn settled(
    reads: &Reads,
    done: Result<OfferId, Refused>,
) -> async_graphql::Result<(OfferField, Vec<UserError>)> {
    let (id, user_errors) = match settle_faults(reads, done)? {
        Ok(id) => (Some(id), Vec::new()),
        Err(errors) => (None, errors),
    };
    Ok((Batched::by_viewer(move |_: &Reads| id.map(OfferById)), user_errors))
}
