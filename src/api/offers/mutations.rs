//! The mutations of those who write offers: arguments in, a use case called, a payload out.

use async_graphql::{Context, ID, Object};
use entities::ids::OfferId;

use crate::api::inputs::parse_id;
use crate::api::offers::inputs::{
    CodesGenerateInput, OfferArchiveInput, OfferCreateInput, OfferEndInput, OfferPauseInput,
    OfferPublishInput, OfferUpdateInput,
};
use crate::api::offers::payloads::{
    CodesGeneratePayload, OfferArchivePayload, OfferCreatePayload, OfferEndPayload, OfferPausePayload,
    OfferPublishPayload, OfferUpdatePayload, settled,
};
use crate::api::payload::{reads, require, settle_faults};
use crate::api::reads::Reads;
use crate::domain::offers::faults::Refused;
use crate::domain::offers::lifecycle::Step;
use crate::domain::offers::{codes, define};
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct OfferMutations;

#[Object]
impl OfferMutations {
    /// Writes a new offer: a draft, which nobody is shown before `offerPublish`. Needs the scope `offers:write`.
    async fn offer_create(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the offer is to be.")] input: OfferCreateInput,
    ) -> async_graphql::Result<OfferCreatePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let (offer, user_errors) = settled(reads, create(reads, input).await)?;
        Ok(OfferCreatePayload { offer, user_errors })
    }

    /// Changes an offer; of a live one it counts at once, for everybody. Needs the scope `offers:write`.
    async fn offer_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be another.")] input: OfferUpdateInput,
    ) -> async_graphql::Result<OfferUpdatePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let (offer, user_errors) = settled(reads, update(reads, input).await)?;
        Ok(OfferUpdatePayload { offer, user_errors })
    }

    /// Shows an offer to those it is for: a draft, or one that was paused. Needs the scope `offers:write`.
    async fn offer_publish(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: OfferPublishInput,
    ) -> async_graphql::Result<OfferPublishPayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let done = step(reads, &input.id, input.version, Step::Publish).await;
        let (offer, user_errors) = settled(reads, done)?;
        Ok(OfferPublishPayload { offer, user_errors })
    }

    /// Holds a live offer back until it is published again. Needs the scope `offers:write`.
    async fn offer_pause(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: OfferPauseInput,
    ) -> async_graphql::Result<OfferPausePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let done = step(reads, &input.id, input.version, Step::Pause).await;
        let (offer, user_errors) = settled(reads, done)?;
        Ok(OfferPausePayload { offer, user_errors })
    }

    /// Ends an offer that is live or paused, for good. Needs the scope `offers:write`.
    async fn offer_end(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: OfferEndInput,
    ) -> async_graphql::Result<OfferEndPayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let done = step(reads, &input.id, input.version, Step::End).await;
        let (offer, user_errors) = settled(reads, done)?;
        Ok(OfferEndPayload { offer, user_errors })
    }

    /// Puts away an offer that has ended, or a draft that is not wanted. Needs the scope `offers:write`.
    async fn offer_archive(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: OfferArchiveInput,
    ) -> async_graphql::Result<OfferArchivePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        let done = step(reads, &input.id, input.version, Step::Archive).await;
        let (offer, user_errors) = settled(reads, done)?;
        Ok(OfferArchivePayload { offer, user_errors })
    }

    /// Makes codes that work once, for an offer that is redeemed with such. They are told in this answer only: of
    /// each just a hash is kept. Needs the scope `offers:write`.
    async fn codes_generate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "For which offer, and how many.")] input: CodesGenerateInput,
    ) -> async_graphql::Result<CodesGeneratePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        Ok(match settle_faults(reads, generate(reads, &input).await)? {
            Ok(codes) => CodesGeneratePayload {
                csv: Some(codes::csv(&codes)),
                count: i32::try_from(codes.len()).unwrap_or(i32::MAX),
                user_errors: Vec::new(),
            },
            Err(user_errors) => CodesGeneratePayload { csv: None, count: 0, user_errors },
        })
    }
}

async fn create(reads: &Reads, input: OfferCreateInput) -> Result<OfferId, Refused> {
    let (db, ids, now) = (&reads.db, &reads.ids, reads.clock.now());
    shown(reads, define::create(db, ids, now, &input.key, input.parts.parts()?).await).await
}

async fn update(reads: &Reads, input: OfferUpdateInput) -> Result<OfferId, Refused> {
    let id = parse_id("input.id", &input.id)?;
    let (db, now) = (&reads.db, reads.clock.now());
    shown(reads, define::update(db, now, id, input.version, input.parts.parts()?).await).await
}

async fn step(reads: &Reads, id: &ID, version: Option<i32>, step: Step) -> Result<OfferId, Refused> {
    let id = parse_id("input.id", id)?;
    shown(reads, define::step(&reads.db, reads.clock.now(), id, version, step).await).await
}

/// What was done counts for the next decision here; other replicas learn of it within a second.
async fn shown(reads: &Reads, done: Result<OfferId, Refused>) -> Result<OfferId, Refused> {
    if done.is_ok() {
        reads.services.deciding.catalogue.refresh(&reads.db).await?;
    }
    done
}

async fn generate(reads: &Reads, input: &CodesGenerateInput) -> Result<Vec<String>, Refused> {
    let offer = parse_id("input.offerId", &input.offer_id)?;
    let count = usize::try_from(input.count).unwrap_or_default();
    codes::generate(&reads.db, &reads.ids, offer, count).await
}
