//! Behaviors by which devices tell what became of an offer that they showed: limits of offers and the figures of
//! marketing count them.
//!
//! A behavior names the decision that showed the offer, the offer, or both. A decision that is known decides: it must
//! have been made for the same person and have shown the offer, else the behavior is kept but counts for nothing.
//!
//! A decision that is not known may have been swept away, be made up, or be on its way to the disk from another
//! replica (on its own replica it is found in memory). Then the offer that is named counts, as without a decision, and
//! the decision's id is kept: who writes the decision finds what came before it, takes away what it did not show and
//! adds the variant. Only a response that overlaps that very transaction stays as it was counted, and one that names
//! no offer is not counted: devices behind several replicas name both.
//!
//! All that is told is kept, for limits count how often a device showed an offer, also by one decision; figures count
//! a decision once.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use entities::ids::{BehaviorId, CustomerId, DecisionId, Id, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{OfferResponse, TextEnum};
use sea_orm::DatabaseTransaction;

use crate::db::columnar::ColumnarInsert;
use crate::domain::behaviors::decided::{Decided, Decisions};
use crate::domain::behaviors::record::{BehaviorRecord, RecordedBehavior};
use crate::domain::customers::family;
use crate::kernel::error::Result;

/// The property that names the offer.
const OFFER: &str = "offerId";
/// The property that names the decision.
const DECISION: &str = "decisionId";

/// What a behavior tells.
struct Told {
    behavior: BehaviorId,
    customer: CustomerId,
    offer: Option<OfferId>,
    decision: Option<DecisionId>,
    kind: OfferResponse,
    received_at: Timestamp,
}

/// What counts.
struct Response {
    told: Told,
    offer: OfferId,
    variant: Option<String>,
}

/// The decisions that behaviors name, and who the people of both are.
struct Ground {
    decisions: HashMap<DecisionId, Decided>,
    people: HashMap<CustomerId, CustomerId>,
}

/// What the name of a behavior tells of an offer.
fn kind(name: &str) -> Option<OfferResponse> {
    match name {
        "Offer Shown" => Some(OfferResponse::Shown),
        "Offer Clicked" => Some(OfferResponse::Clicked),
        "Offer Dismissed" => Some(OfferResponse::Dismissed),
        _ => None,
    }
}

fn named<I: Id + FromStr>(record: &BehaviorRecord, property: &str) -> Option<I> {
    I::from_str(record.properties.value().get(property)?.as_str()?).ok()
}

fn told(row: &RecordedBehavior) -> Option<Told> {
    let RecordedBehavior { record, customer_id } = row;
    let told = Told {
        behavior: record.id,
        customer: *customer_id,
        kind: kind(&record.name)?,
        offer: named(record, OFFER),
        decision: named(record, DECISION),
        received_at: record.received_at,
    };
    (told.offer.is_some() || told.decision.is_some()).then_some(told)
}

/// Stores what the behaviors that just went in tell of offers.
pub async fn store(
    transaction: &DatabaseTransaction,
    decisions: &dyn Decisions,
    rows: &[RecordedBehavior],
) -> Result<()> {
    let told: Vec<Told> = rows.iter().filter_map(told).collect();
    if told.is_empty() {
        return Ok(());
    }
    let ground = Ground::read(transaction, decisions, &told).await?;
    let responses: Vec<Response> = told.into_iter().filter_map(|told| ground.judge(told)).collect();
    let told = || responses.iter().map(|response| &response.told);
    ColumnarInsert::into("offer_responses", responses.len())
        .uuids("behavior_id", told().map(|told| told.behavior.uuid()))
        .uuids("customer_id", told().map(|told| told.customer.uuid()))
        .uuids("offer_id", responses.iter().map(|response| response.offer.uuid()))
        .texts("kind", told().map(|told| told.kind.text().to_owned()))
        .integers("received_at", told().map(|told| told.received_at.millis()))
        .optional_uuids("decision_id", told().map(|told| told.decision.map(Id::uuid)))
        .optional_texts("variant", responses.iter().map(|response| response.variant.clone()))
        .run(transaction)
        .await?;
    Ok(())
}

impl Ground {
    async fn read(
        transaction: &DatabaseTransaction,
        decisions: &dyn Decisions,
        told: &[Told],
    ) -> Result<Self> {
        let ids: BTreeSet<DecisionId> = told.iter().filter_map(|told| told.decision).collect();
        let ids: Vec<DecisionId> = ids.into_iter().collect();
        let decisions = match ids.as_slice() {
            [] => HashMap::new(),
            ids => decisions.find(transaction, ids).await?,
        };
        let deciding = told.iter().filter(|told| told.decision.is_some_and(|id| decisions.contains_key(&id)));
        let customers: Vec<CustomerId> = deciding
            .map(|told| told.customer)
            .chain(decisions.values().map(|decided| decided.customer))
            .collect();
        let people = family::canonical(transaction, customers).await?;
        Ok(Self { decisions, people })
    }

    /// What of it counts, if anything does.
    fn judge(&self, told: Told) -> Option<Response> {
        let Some(decided) = told.decision.and_then(|id| self.decisions.get(&id)) else {
            return Some(Response { offer: told.offer?, variant: None, told });
        };
        let person = |id| self.people.get(&id);
        if person(told.customer) != person(decided.customer) {
            return None;
        }
        let shown = decided.find(told.offer)?;
        Some(Response { offer: shown.offer, variant: shown.variant.clone(), told })
    }
}
