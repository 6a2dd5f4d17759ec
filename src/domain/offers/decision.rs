//! A decision as it is told and kept: what a customer was to be shown in one placement at one time, and why.

use std::sync::Arc;

use entities::ids::{CustomerId, DecisionId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;
use serde_json::{Map, Value};

use crate::domain::offers::cart_facts::CartFacts;
use crate::domain::offers::catalogue::{OfferDefinitions, Placement};
use crate::domain::offers::decide::{Decided, Moment, Redeemed, Responses, Subject, Taken};
use crate::domain::offers::explain::explain;
use crate::domain::offers::reasons::{Audience, Reason};
use crate::domain::offers::store::Offer;
use crate::domain::segments::facts::Profile;
use crate::rules::Fact;

/// What a customer is to be shown in a placement.
#[derive(Debug)]
pub struct Decision {
    pub id: DecisionId,
    pub customer_id: CustomerId,
    pub placement: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub decided_at: Timestamp,
    pub valid_until: Timestamp,
    /// The best first.
    pub shown: Vec<Shown>,
    pub reasons: Reasons,
}

/// An offer that is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    pub offer: Arc<Offer>,
    pub score: f64,
    pub variant: Option<String>,
    /// What the variant shows instead of the offer's own content, in the same form.
    pub content: Option<Map<String, Value>>,
}

/// Where the reasons come from.
#[derive(Debug)]
pub enum Reasons {
    /// They can be reckoned from what the decision was made from.
    Fresh(Box<Evidence>),
    /// They were kept.
    Kept(Vec<Considered>),
}

/// The verdict on one offer.
#[derive(Clone, Debug)]
pub struct Considered {
    pub offer: Arc<Offer>,
    pub eligible: bool,
    pub reasons: Vec<Reason>,
}

/// What a decision was made from.
#[derive(Debug)]
pub struct Evidence {
    pub definitions: Arc<OfferDefinitions>,
    pub profile: Arc<Profile>,
    /// The keys of the segments to which the customer belongs.
    pub segments: Arc<[String]>,
    pub redeemed: Arc<Redeemed>,
    pub responses: Arc<Responses>,
    pub taken: Arc<Taken>,
    pub changes_at: Option<Timestamp>,
    pub reads_now: bool,
    /// The cart that is priced, if it is for one that it is decided.
    pub cart: Option<CartFacts>,
    pub moment: Moment,
    pub decided: Decided,
}

impl Evidence {
    /// Does something with the customer as the rules of a placement see it.
    pub fn with_subject<T>(&self, placement: &str, work: impl FnOnce(&Subject<'_>) -> T) -> T {
        let segments: Vec<Fact<'_>> = self.segments.iter().map(|key| key.as_str().into()).collect();
        let mut facts = self
            .profile
            .facts(self.moment.calendar.now)
            .with("segments", segments)
            .with("channel", entities::values::TextEnum::text(self.moment.channel))
            // The cart's own has no name that a rule could know.
            .with("placement", placement.trim_start_matches(':'));
        if let Some(cart) = &self.cart {
            facts.set("cart", cart.fact());
        }
        let consents = self.profile.consents();
        work(&Subject {
            customer: self.profile.id(),
            created_at: self.profile.created_at(),
            facts: &facts,
            consents: &consents,
            redeemed: &self.redeemed,
            responses: &self.responses,
            taken: &self.taken,
            changes_at: self.changes_at,
            reads_now: self.reads_now,
        })
    }

    /// The verdict on each offer of the placement: what is shown, then what came closest. Reasons in detail are
    /// given for so many of them.
    pub fn considered(&self, placement: &str, detailed: usize) -> Vec<Considered> {
        let nothing = Placement::default();
        let there = self.definitions.placement(placement).unwrap_or(&nothing);
        let explained = self.with_subject(placement, |subject| {
            explain(&self.definitions, there, subject, &self.moment, &self.decided, detailed)
        });
        let of = |explained: crate::domain::offers::explain::Explained| Considered {
            offer: Arc::clone(self.definitions.row(explained.offer)),
            eligible: explained.eligible,
            reasons: explained.reasons,
        };
        explained.into_iter().map(of).collect()
    }
}

impl Decision {
    /// The verdicts as an audience may see them.
    pub fn considered(&self, audience: Audience) -> Vec<Considered> {
        let all = match &self.reasons {
            Reasons::Fresh(evidence) => evidence.considered(&self.placement, usize::MAX),
            Reasons::Kept(kept) => kept.clone(),
        };
        match audience {
            Audience::Staff => all,
            Audience::Rules => all.into_iter().map(|considered| seen(considered, audience)).collect(),
            Audience::Customer | Audience::Others => {
                let readable = all.into_iter().filter(|considered| self.was_readable(considered));
                readable.map(|considered| seen(considered, audience)).collect()
            }
        }
    }

    /// A customer learns nothing of offers that it could not read when it was decided.
    fn was_readable(&self, considered: &Considered) -> bool {
        let (at, offer) = (self.decided_at, &considered.offer);
        offer.starts_at.is_none_or(|starts| starts <= at) && offer.ends_at.is_none_or(|ends| at < ends)
    }
}

/// A verdict as an audience sees it.
fn seen(considered: Considered, audience: Audience) -> Considered {
    let reasons = considered.reasons.iter().filter_map(|reason| reason.seen_by(audience)).collect();
    Considered { reasons, ..considered }
}
