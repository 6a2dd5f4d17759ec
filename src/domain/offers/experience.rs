//! What customers are shown: reads what the decisions need, in one round trip, and makes them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entities::ids::{CustomerId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;

use crate::db::Db;
use crate::domain::customers::rows::Customer;
use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::catalogue::{OfferCatalogue, OfferDefinitions, Placement};
use crate::domain::offers::decide::{Decided, Moment, Redeemed, decide};
use crate::domain::offers::decision::{Decision, Evidence, Reasons, Shown};
use crate::domain::offers::queue::DecisionQueue;
use crate::domain::offers::usage::{self, Usage};
use crate::domain::segments::catalogue::{Needs, SegmentDefinitions};
use crate::domain::segments::facts::{Known, Profile};
use crate::domain::segments::judge::judge_known;
use crate::domain::segments::sharing::{SharedFacts, Whom};
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::turn::Turn;
use crate::kernel::viewer::CustomerScope;

/// The deciding of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Deciding {
    pub catalogue: OfferCatalogue,
    pub queue: DecisionQueue,
    /// The share of customers who are shown no offers at all, in basis points.
    pub universal_holdout: u32,
    /// How many days decisions are kept.
    pub kept_days: u32,
}

/// For whom and where it is to be decided.
#[derive(Debug)]
pub struct Question<'a> {
    pub customers: &'a [Arc<Customer>],
    pub placements: &'a [String],
    pub now: Timestamp,
}

/// Where the customers are.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub channel: Channel,
    pub zone: Tz,
    pub touchpoint: Option<TouchpointId>,
}

/// What decisions are made from.
#[derive(Debug)]
pub struct Ground {
    definitions: Arc<OfferDefinitions>,
    segments: Arc<SegmentDefinitions>,
    known: Arc<Known>,
    usage: Usage,
}

impl Deciding {
    /// Reads what has to be known: attributes, consents and identities with whoever else reads them now, and what of
    /// limits is used.
    pub async fn read(
        &self,
        db: &Db,
        scope: CustomerScope,
        facts: &SharedFacts,
        segments: Arc<SegmentDefinitions>,
        question: &Question<'_>,
    ) -> Result<Ground> {
        let definitions = self.catalogue.current();
        let (mut needs, mut capped, mut limited) = (Needs::default(), Vec::new(), Vec::new());
        let placements = question.placements.iter().filter_map(|key| definitions.placement(key));
        for placement in placements {
            needs.add(&placement_needs(placement, &segments));
            capped.extend_from_slice(&placement.capped);
            limited.extend_from_slice(&placement.limited);
        }
        for ids in [&mut capped, &mut limited] {
            ids.sort_unstable();
            ids.dedup();
        }
        let ids: Vec<CustomerId> = question.customers.iter().map(|row| row.id).collect();
        let (known, usage) = futures_util::try_join!(
            facts.read(db, scope, &needs, Whom::Rows(question.customers), question.now),
            usage::read(db, scope, &ids, &capped, &limited),
        )?;
        Ok(Ground { definitions, segments, known, usage })
    }

    /// Decides for each customer and placement, and has the decisions kept.
    pub async fn decide(
        &self,
        ids: &Ids,
        question: &Question<'_>,
        ground: Ground,
        place: Place,
        limit: usize,
    ) -> Result<HashMap<CustomerId, Vec<Arc<Decision>>>> {
        let Ground { definitions, segments, known, mut usage } = ground;
        let calendar = Calendar::at(place.zone, question.now);
        let moment =
            Moment { calendar, channel: place.channel, limit, universal_holdout: self.universal_holdout };
        let taken = Arc::new(std::mem::take(&mut usage.taken));
        let members = members(&definitions, &segments, question, &known).await;
        let mut turn = Turn::begin();
        let mut decisions = HashMap::with_capacity(question.customers.len());
        for id in question.customers.iter().map(|row| row.id) {
            let Some(profile) = known.profiles.get(&id) else { continue };
            let redeemed = Arc::new(usage.redeemed.remove(&id).unwrap_or_default());
            let mut of_customer = Vec::with_capacity(question.placements.len());
            for key in question.placements {
                let evidence = Evidence {
                    definitions: Arc::clone(&definitions),
                    profile: Arc::clone(profile),
                    segments: members.get(&id).cloned().unwrap_or_default(),
                    redeemed: Arc::<Redeemed>::clone(&redeemed),
                    taken: Arc::clone(&taken),
                    changes_at: None,
                    reads_now: false,
                    moment,
                    decided: Decided::default(),
                };
                let decision = Arc::new(decided(evidence, &segments, key, ids, place.touchpoint));
                self.queue.keep(Arc::clone(&decision)).await?;
                of_customer.push(decision);
                turn.give().await;
            }
            decisions.insert(id, of_customer);
        }
        Ok(decisions)
    }
}

/// What the rules of a placement's offers read, and those of segments if one of them asks for segments.
fn placement_needs(placement: &Placement, segments: &SegmentDefinitions) -> Needs {
    let mut needs = placement.needs.clone();
    if placement.segments {
        needs.add(segments.needs());
    }
    needs
}

/// The segments of each customer, if a rule asks for them.
async fn members(
    definitions: &OfferDefinitions,
    segments: &SegmentDefinitions,
    question: &Question<'_>,
    known: &Known,
) -> HashMap<CustomerId, Arc<[String]>> {
    let mut placements = question.placements.iter().filter_map(|key| definitions.placement(key));
    if !placements.any(|placement| placement.segments) {
        return HashMap::new();
    }
    let asked = question.customers.iter().filter_map(|row| known.profiles.get(&row.id));
    let judged = judge_known(segments, asked.map(AsRef::<Profile>::as_ref), question.now).await;
    let key = |place: usize| segments.all()[place].row.key.clone();
    judged
        .into_iter()
        .map(|(id, judgement)| (id, judgement.segments.into_iter().map(key).collect()))
        .collect()
}

/// Makes one decision.
fn decided(
    mut evidence: Evidence,
    segments: &SegmentDefinitions,
    key: &str,
    ids: &Ids,
    touchpoint: Option<TouchpointId>,
) -> Decision {
    let definitions = Arc::clone(&evidence.definitions);
    let nothing = Placement::default();
    // Who was merged into another is decided for as the other.
    let is_merged = evidence.profile.merged_into().is_some();
    let placement = definitions.placement(key).filter(|_| !is_merged).unwrap_or(&nothing);
    let needs = placement_needs(placement, segments);
    evidence.changes_at = evidence.profile.changes_at(&needs);
    evidence.reads_now = needs.now;
    let moment = evidence.moment;
    let decided = evidence.with_subject(key, |subject| decide(&definitions, placement, subject, &moment));
    let shown = |winner: &crate::domain::offers::decide::Winner| Shown {
        offer: Arc::clone(definitions.row(winner.offer)),
        score: winner.score,
        variant: winner.variant.as_ref().map(|variant| variant.key.clone()),
        content: winner.variant.as_ref().and_then(|variant| variant.content.clone()),
    };
    let now = moment.calendar.now;
    Decision {
        id: ids.next(now),
        customer_id: evidence.profile.id(),
        placement: key.to_owned(),
        channel: moment.channel,
        touchpoint_id: touchpoint,
        decided_at: now,
        valid_until: decided.valid_until,
        shown: decided.winners.iter().map(shown).collect(),
        reasons: Reasons::Fresh(Box::new(Evidence { decided, ..evidence })),
    }
}
