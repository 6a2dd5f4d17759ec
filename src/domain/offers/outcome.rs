//! The outcome of a decision as JSON, as it is kept. Reasons are kept of what is shown and of what came closest;
//! of the rest, which may be a thousand offers, the kind of reason.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use entities::ids::{Id, OfferId};
use serde::{Deserialize, Serialize};

use crate::domain::behaviors::decided::ShownOffer;
use crate::domain::offers::decision::{Considered, Decision, Reasons, Shown};
use crate::domain::offers::reasons::{Code, Reason};
use crate::domain::offers::store::Offer;

/// Verdicts kept with their reasons.
const DETAILED: usize = 100;

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The best first.
    winners: Vec<Winner>,
    verdicts: Vec<Verdict>,
    /// Offers that came less close, by what stopped them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rest: BTreeMap<Code, Vec<String>>,
}

/// The place of the winners in what is kept.
pub const WINNERS: &str = "winners";

#[derive(Debug, Serialize, Deserialize)]
struct Winner {
    offer: String,
    rank: usize,
    score: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Verdict {
    offer: String,
    eligible: bool,
    reasons: Vec<Reason>,
}

/// What was shown, from the part of what is kept that tells it.
pub fn shown(winners: &str) -> serde_json::Result<Vec<ShownOffer>> {
    let winners: Vec<Winner> = serde_json::from_str(winners)?;
    let shown = |winner: Winner| {
        let offer = OfferId::parse(&winner.offer).ok()?;
        Some(ShownOffer { offer, variant: winner.variant })
    };
    Ok(winners.into_iter().filter_map(shown).collect())
}

impl Outcome {
    pub fn of(decision: &Decision) -> Self {
        let winner = |(at, shown): (usize, &Shown)| Winner {
            offer: shown.offer.id.to_string(),
            rank: at + 1,
            score: shown.score,
            variant: shown.variant.clone(),
        };
        let all = match &decision.reasons {
            Reasons::Fresh(evidence) => evidence.considered(&decision.placement, DETAILED),
            Reasons::Kept(kept) => kept.clone(),
        };
        let (mut verdicts, mut rest) = (Vec::new(), BTreeMap::<Code, Vec<String>>::new());
        for (at, considered) in all.into_iter().enumerate() {
            let offer = considered.offer.id.to_string();
            match considered.reasons.first().filter(|_| at >= DETAILED) {
                Some(reason) => rest.entry(reason.code).or_default().push(offer),
                None => verdicts.push(Verdict {
                    offer,
                    eligible: considered.eligible,
                    reasons: considered.reasons,
                }),
            }
        }
        Self { winners: decision.shown.iter().enumerate().map(winner).collect(), verdicts, rest }
    }

    /// The offers it speaks of.
    pub fn offers(&self) -> impl Iterator<Item = OfferId> {
        let winners = self.winners.iter().map(|winner| &winner.offer);
        let verdicts = self.verdicts.iter().map(|verdict| &verdict.offer);
        winners.chain(verdicts).chain(self.rest.values().flatten()).filter_map(|id| OfferId::parse(id).ok())
    }

    /// What was shown, and the verdicts; `offers` are those it speaks of.
    pub fn told(self, offers: &HashMap<OfferId, Arc<Offer>>) -> (Vec<Shown>, Vec<Considered>) {
        let find = |id: &str| offers.get(&OfferId::parse(id).ok()?).cloned();
        let shown = |winner: Winner| {
            let offer = find(&winner.offer)?;
            let content = winner.variant.as_deref().and_then(|variant| content_of(&offer, variant));
            Some(Shown { offer, score: winner.score, variant: winner.variant, content })
        };
        let considered = |verdict: Verdict| {
            let offer = find(&verdict.offer)?;
            Some(Considered { offer, eligible: verdict.eligible, reasons: verdict.reasons })
        };
        let rest = |(code, ids): (Code, Vec<String>)| {
            let reasons = vec![Reason::new(code, "Kept without detail: many others came closer")];
            let of = move |offer| Considered {
                offer,
                eligible: code == Code::Outranked,
                reasons: reasons.clone(),
            };
            ids.iter().filter_map(|id| find(id)).map(of).collect::<Vec<_>>()
        };
        let verdicts = self.verdicts.into_iter().filter_map(considered);
        let verdicts = verdicts.chain(self.rest.into_iter().flat_map(rest)).collect();
        (self.winners.into_iter().filter_map(shown).collect(), verdicts)
    }
}

/// What a variant of an offer shows now.
fn content_of(offer: &Offer, variant: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let allocations: Vec<crate::domain::offers::allocation::Allocation> =
        offer.allocations.parse().unwrap_or_default();
    let mut variants = allocations.into_iter().rev().flat_map(|allocation| allocation.variants);
    variants.find(|own| own.key == variant)?.content
}
