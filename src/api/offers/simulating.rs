//! Simulating offers: a draft in, what it would do out, and nothing is done.

use async_graphql::{Context, InputObject, Object, OneofObject};

use crate::api::inputs::parse_id;
use crate::api::offers::inputs::{OfferCreateInput, OfferUpdateInput};
use crate::api::offers::simulation::{OfferSimulatePayload, SimulatedOffer};
use crate::api::payload::{reads, require, settle_faults};
use crate::api::reads::Reads;
use crate::domain::offers::define::Draft;
use crate::domain::offers::faults::Refused;
use crate::domain::offers::simulation::{Asked, PATIENCE, Simulation, Simulator};
use crate::graph::scalars::DateTime;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct SimulationMutations;

/// What is to be simulated.
#[derive(InputObject)]
pub struct OfferSimulateInput {
    /// The offer that is tried.
    pub draft: OfferDraftInput,
    /// From when on purchases are replayed, to see what the offer would have cost.
    pub since: DateTime,
    /// How many customers are drawn, 100,000 at most.
    #[graphql(default = 1000)]
    pub sample: i32,
    /// Another number draws other customers; the same one the same.
    #[graphql(default = 0)]
    pub seed: i32,
    /// The most offers in one placement, from 1 to 50: what devices ask for.
    #[graphql(default = 3)]
    pub limit: i32,
}

/// An offer to be tried: exactly one of these.
#[derive(OneofObject)]
pub enum OfferDraftInput {
    /// One that is not written yet, as `offerCreate` takes it.
    New(OfferCreateInput),
    /// One that is there, with what is to be another, as `offerUpdate` takes it: a draft or a paused one is tried as
    /// if it were live, with or without changes.
    Changed(OfferUpdateInput),
}

impl OfferDraftInput {
    /// What is to be tried; the error names the first thing that cannot be read, where it stands.
    pub fn draft(self) -> Result<Draft> {
        let below = |path: &'static str| {
            move |error: Error| match error {
                Error::Invalid { field, message } => {
                    let field = field.strip_prefix("input.").unwrap_or(&field);
                    Error::invalid(format!("input.draft.{path}.{field}"), message)
                }
                other => other,
            }
        };
        match self {
            Self::New(input) => {
                let parts = input.parts.parts().map_err(below("new"))?;
                Ok(Draft::New { key: input.key, parts })
            }
            Self::Changed(OfferUpdateInput { id, version, parts }) => {
                let id = parse_id("input.id", &id).map_err(below("changed"))?;
                Ok(Draft::Changed { id, version, parts: parts.parts().map_err(below("changed"))? })
            }
        }
    }
}

#[Object]
impl SimulationMutations {
    /// Tries an offer on recorded customers and purchases: whom it would reach, which live offers it would outrank, what
    /// it would have cost, and which limits would have bound. Nothing is written. Needs the scopes `offers:write` and
    /// `lists:read`: how many customers a rule holds for says something of them.
    async fn offer_simulate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be simulated.")] input: OfferSimulateInput,
    ) -> async_graphql::Result<OfferSimulatePayload> {
        let reads = reads(context)?;
        require(reads, Scope::OffersWrite)?;
        require(reads, Scope::Lists)?;
        Ok(match settle_faults(reads, simulate(reads, input).await)? {
            Ok(simulation) => OfferSimulatePayload {
                simulation: Some(SimulatedOffer::of(simulation)),
                user_errors: Vec::new(),
            },
            Err(user_errors) => OfferSimulatePayload { simulation: None, user_errors },
        })
    }
}

async fn simulate(reads: &Reads, input: OfferSimulateInput) -> Result<Simulation, Refused> {
    let OfferSimulateInput { draft, since, sample, seed, limit } = input;
    let asked = Asked { draft: draft.draft()?, since: since.0, sample, seed, limit };
    let services = &reads.services;
    let simulator = Simulator {
        db: reads.db.clone(),
        ids: reads.ids.clone(),
        now: reads.clock.now(),
        zone: services.time_zone,
        segments: services.ingest.segments.catalogue.current(),
        universal_holdout: services.deciding.universal_holdout,
    };
    simulator.simulate(asked, Some(PATIENCE), |_| {}).await
}
