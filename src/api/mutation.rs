//! The mutation root: one line a noun.

use async_graphql::MergedObject;

use crate::api::attributes::mutations::AttributeMutations;
use crate::api::behaviors::mutations::BehaviorMutations;
use crate::api::customers::mutations::CustomerMutations;
use crate::api::offers::mutations::OfferMutations;
use crate::api::offers::simulating::SimulationMutations;
use crate::api::placements::mutations::PlacementMutations;
use crate::api::privacy::mutations::PrivacyMutations;
use crate::api::products::mutations::ProductMutations;
use crate::api::purchases::carting::CartMutations;
use crate::api::purchases::mutations::PurchaseMutations;
use crate::api::segments::mutations::SegmentMutations;

/// What can be changed. Every mutation takes one `input` and answers with a payload; `userErrors` of the payload
/// say what the caller can mend, and are empty when it was done.
#[derive(Default, MergedObject)]
pub struct Mutation(
    CustomerMutations,
    BehaviorMutations,
    AttributeMutations,
    SegmentMutations,
    OfferMutations,
    SimulationMutations,
    PlacementMutations,
    PrivacyMutations,
    SalesMutations,
);

/// What is sold, and how.
#[derive(Default, MergedObject)]
pub struct SalesMutations(ProductMutations, CartMutations, PurchaseMutations);
