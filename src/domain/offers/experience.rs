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
use crate::domain::offers::cart_facts::CartFacts;
use crate::domain::offers::catalogue::{OfferCatalogue, OfferDefinitions, Placement};
use crate::domain::offers::decide::{Decided, Moment, Redeemed, Responses, Taken, Winner, decide};
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

/// What decisions are made from, as it was read.
#[derive(Debug)]
pub struct Ground {
    definitions: Arc<OfferDefinitions>,
    segments: Arc<SegmentDefinitions>,
    /// Whether a rule asks to which of them customers belong.
    asks_segments: bool,
    known: Arc<Known>,
    usage: Usage,
}

/// The same, with the segments to which the customers belong: what is left to be done is pure.
#[derive(Debug)]
pub struct Judged {
    segments: Arc<SegmentDefinitions>,
    known: Arc<Known>,
    redeemed: HashMap<CustomerId, Arc<Redeemed>>,
    responses: HashMap<CustomerId, Arc<Responses>>,
    taken: Arc<Taken>,
    members: HashMap<CustomerId, Arc<[String]>>,
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
        Ground::read(db, scope, facts, (self.catalogue.current(), None), segments, question).await
    }

    /// Decides for each customer and placement. Who shows the decisions has them kept.
    pub async fn decide(
        &self,
        ids: &Ids,
        question: &Question<'_>,
        ground: Ground,
        place: Place,
        limit: usize,
    ) -> Result<HashMap<CustomerId, Vec<Arc<Decision>>>> {
        let calendar = Calendar::at(place.zone, question.now);
        let moment =
            Moment { calendar, channel: place.channel, limit, universal_holdout: self.universal_holdout };
        let definitions = Arc::clone(&ground.definitions);
        let judged = ground.judged(question).await;
        let mut turn = Turn::begin();
        let mut decisions = HashMap::with_capacity(question.customers.len());
        for id in question.customers.iter().map(|row| row.id) {
            let mut of_customer = Vec::with_capacity(question.placements.len());
            for key in question.placements {
                let Some(evidence) = judged.decide(&definitions, id, key, moment) else { continue };
                let decision = Arc::new(decision(evidence, key, ids, place.touchpoint));
                of_customer.push(decision);
                turn.give().await;
            }
            decisions.insert(id, of_customer);
        }
        Ok(decisions)
    }
}

impl Ground {
    /// Reads what has to be known to decide by a catalogue, and by another one beside it.
    pub async fn read(
        db: &Db,
        scope: CustomerScope,
        facts: &SharedFacts,
        (definitions, beside): (Arc<OfferDefinitions>, Option<&OfferDefinitions>),
        segments: Arc<SegmentDefinitions>,
        question: &Question<'_>,
    ) -> Result<Self> {
        let (mut needs, mut asked) = (Needs::default(), usage::Asked::default());
        let mut asks_segments = false;
        let catalogues = || [Some(definitions.as_ref()), beside].into_iter().flatten();
        let placements = question
            .placements
            .iter()
            .flat_map(|key| catalogues().filter_map(move |definitions| definitions.placement(key)));
        for placement in placements {
            needs.add(&placement.needs);
            asks_segments |= placement.segments;
            asked.add(placement, question.now);
        }
        if asks_segments {
            needs.add(segments.needs());
        }
        let ids: Vec<CustomerId> = question.customers.iter().map(|row| row.id).collect();
        let (known, usage) = futures_util::try_join!(
            facts.read(db, scope, &needs, Whom::Rows(question.customers), question.now),
            usage::read(db, scope, &ids, &asked),
        )?;
        Ok(Self { definitions, segments, asks_segments, known, usage })
    }

    /// Finds the segments of each customer, if a rule asks for them.
    pub async fn judged(self, question: &Question<'_>) -> Judged {
        let Self { segments, asks_segments, known, usage, .. } = self;
        let members = match asks_segments {
            true => members(&segments, question, &known).await,
            false => HashMap::new(),
        };
        let redeemed = usage.redeemed.into_iter().map(|(id, redeemed)| (id, Arc::new(redeemed))).collect();
        let responses = usage.responses.into_iter().map(|(id, answered)| (id, Arc::new(answered))).collect();
        Judged { segments, known, redeemed, responses, taken: Arc::new(usage.taken), members }
    }
}

impl Ground {
    pub fn definitions(&self) -> &Arc<OfferDefinitions> {
        &self.definitions
    }
}

impl Judged {
    /// Decides what a customer is shown in a placement; nothing is kept. None for a customer of whom nothing was
    /// read.
    pub fn decide(
        &self,
        definitions: &Arc<OfferDefinitions>,
        customer: CustomerId,
        key: &str,
        moment: Moment,
    ) -> Option<Evidence> {
        self.decide_with(definitions, customer, key, moment, None)
    }

    /// The same for a cart that is priced.
    pub fn decide_with(
        &self,
        definitions: &Arc<OfferDefinitions>,
        customer: CustomerId,
        key: &str,
        moment: Moment,
        cart: Option<CartFacts>,
    ) -> Option<Evidence> {
        let profile = self.known.profiles.get(&customer)?;
        let nothing = Placement::default();
        // Who was merged into another is decided for as the other.
        let is_merged = profile.merged_into().is_some();
        let placement = definitions.placement(key).filter(|_| !is_merged).unwrap_or(&nothing);
        // What the offers' rules read, and those of segments if one of them asks for segments.
        let needs = [Some(&placement.needs), placement.segments.then(|| self.segments.needs())];
        let needs = || needs.into_iter().flatten();
        let evidence = Evidence {
            definitions: Arc::clone(definitions),
            profile: Arc::clone(profile),
            segments: self.members.get(&customer).cloned().unwrap_or_default(),
            redeemed: self.redeemed.get(&customer).cloned().unwrap_or_default(),
            responses: self.responses.get(&customer).cloned().unwrap_or_default(),
            taken: Arc::clone(&self.taken),
            changes_at: needs().filter_map(|needs| profile.changes_at(needs)).min(),
            reads_now: needs().any(|needs| needs.now),
            cart,
            moment,
            decided: Decided::default(),
        };
        let decided = evidence.with_subject(key, |subject| decide(definitions, placement, subject, &moment));
        Some(Evidence { decided, ..evidence })
    }
}

async fn members(
    segments: &SegmentDefinitions,
    question: &Question<'_>,
    known: &Known,
) -> HashMap<CustomerId, Arc<[String]>> {
    let asked = question.customers.iter().filter_map(|row| known.profiles.get(&row.id));
    let judged = judge_known(segments, asked.map(AsRef::<Profile>::as_ref), question.now).await;
    let key = |place: usize| segments.all()[place].row.key.clone();
    judged
        .into_iter()
        .map(|(id, judgement)| (id, judgement.segments.into_iter().map(key).collect()))
        .collect()
}

/// A decision as it is told and kept.
fn decision(evidence: Evidence, key: &str, ids: &Ids, touchpoint: Option<TouchpointId>) -> Decision {
    let (moment, definitions) = (evidence.moment, &evidence.definitions);
    let shown = |winner: &Winner| Shown {
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
        valid_until: evidence.decided.valid_until,
        shown: evidence.decided.winners.iter().map(shown).collect(),
        reasons: Reasons::Fresh(Box::new(evidence)),
    }
}
