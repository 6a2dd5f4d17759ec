//! Whom a draft would reach: decides for customers with it and, where it is shown, without it.

use std::collections::BTreeMap;
use std::sync::Arc;

use entities::ids::{CustomerId, OfferId};
use entities::values::{Channel, TextEnum};

use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::catalogue::{OfferDefinitions, Placement};
use crate::domain::offers::decide::{self, Moment};
use crate::domain::offers::decision::Evidence;
use crate::domain::offers::experience::Judged;
use crate::domain::offers::explain::kinds;
use crate::domain::offers::live::LiveOffer;
use crate::domain::offers::reasons::Code;
use crate::domain::offers::simulation::Simulator;
use crate::domain::offers::store::Offer;
use crate::kernel::turn::Turn;
use crate::rules::Rule;

/// What became of the customers that were looked at: each is in one of the four.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// They are shown it, somewhere.
    pub reached: u64,
    /// They may have it, and others are shown before it everywhere.
    pub outranked: u64,
    /// They would be shown it if they were not held out.
    pub held_out: u64,
    /// It is not for them, or not now.
    pub excluded: u64,
    /// Why those are not reached who are not: a kind of reason, the part of the rule if it is one, how many.
    pub reasons: BTreeMap<(Code, Option<String>), u64>,
    pub outranks: BTreeMap<OfferId, Outranked>,
}

/// A live offer that is not shown where it was, because the draft is.
#[derive(Clone, Debug)]
pub struct Outranked {
    pub offer: Arc<Offer>,
    /// In how many decisions: one a customer, placement and channel.
    pub decisions: u64,
    /// For how many customers, in one decision or another.
    pub customers: u64,
}

impl Reach {
    pub fn looked_at(&self) -> u64 {
        self.reached + self.outranked + self.held_out + self.excluded
    }
}

/// Where a draft is tried.
#[derive(Debug)]
pub struct Trial {
    live: Arc<OfferDefinitions>,
    tried: Arc<OfferDefinitions>,
    /// The draft's place in what is tried.
    draft: usize,
    spots: Vec<Spot>,
    pub reach: Reach,
}

/// A placement in a channel, and in how many channels it is decided alike there.
#[derive(Debug)]
struct Spot {
    placement: String,
    moment: Moment,
    channels: u64,
}

/// What stopped the draft where it came closest to being shown.
struct Nearest<'s> {
    stage: decide::Stage,
    evidence: Evidence,
    placement: &'s str,
}

impl Trial {
    /// A draft among the live offers, which are given without it and with it.
    pub fn new(
        simulator: &Simulator,
        (live, tried): (OfferDefinitions, OfferDefinitions),
        draft: OfferId,
        limit: usize,
    ) -> Self {
        let draft = tried.place(draft).unwrap_or_default();
        let moment = Moment {
            calendar: Calendar::at(simulator.zone, simulator.now),
            channel: Channel::Web,
            limit,
            universal_holdout: simulator.universal_holdout,
        };
        let spots =
            tried.offers().get(draft).map_or_else(Vec::new, |draft| spots(draft, [&live, &tried], moment));
        Self { live: Arc::new(live), tried: Arc::new(tried), draft, spots, reach: Reach::default() }
    }

    pub fn draft(&self) -> &LiveOffer {
        &self.tried.offers()[self.draft]
    }

    /// Where it is decided.
    pub fn placements(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.spots.iter().map(|spot| spot.placement.clone()).collect();
        keys.dedup();
        keys
    }

    /// By what it is decided.
    pub fn catalogues(&self) -> (Arc<OfferDefinitions>, Option<&OfferDefinitions>) {
        (Arc::clone(&self.tried), Some(&self.live))
    }

    /// Decides for a customer in every spot; whether it is reached. One of whom nothing was read is not counted.
    pub async fn look_at(&mut self, judged: &Judged, customer: CustomerId, turn: &mut Turn) -> bool {
        let (mut is_reached, mut nearest) = (false, None::<Nearest<'_>>);
        let mut outranked: BTreeMap<usize, u64> = BTreeMap::new();
        for spot in &self.spots {
            turn.give().await;
            let Some(evidence) = judged.decide(&self.tried, customer, &spot.placement, spot.moment) else {
                return false;
            };
            let verdict = evidence.decided.verdicts.iter().find(|verdict| verdict.offer == self.draft);
            match verdict.map(|verdict| verdict.stopped) {
                Some(None) => {
                    is_reached = true;
                    for place in self.pushed_out(judged, customer, spot, &evidence) {
                        *outranked.entry(place).or_default() += spot.channels;
                    }
                }
                Some(Some(stage)) if nearest.as_ref().is_none_or(|nearest| nearest.stage < stage) => {
                    nearest = Some(Nearest { stage, evidence, placement: &spot.placement });
                }
                _ => {}
            }
        }
        for (place, decisions) in outranked {
            let row = self.live.row(place);
            let nothing = || Outranked { offer: Arc::clone(row), decisions: 0, customers: 0 };
            let outranked = self.reach.outranks.entry(row.id).or_insert_with(nothing);
            outranked.decisions += decisions;
            outranked.customers += 1;
        }
        match nearest.filter(|_| !is_reached) {
            Some(nearest) => {
                let draft = &self.tried.offers()[self.draft];
                self.reach.miss(draft, &nearest);
            }
            None => self.reach.reached += u64::from(is_reached),
        }
        is_reached
    }

    /// What is shown without the draft and not with it.
    fn pushed_out(&self, judged: &Judged, customer: CustomerId, spot: &Spot, with: &Evidence) -> Vec<usize> {
        let Some(without) = judged.decide(&self.live, customer, &spot.placement, spot.moment) else {
            return Vec::new();
        };
        let shown = |place: usize| {
            let id = self.live.offers()[place].id;
            with.decided.winners.iter().any(|winner| self.tried.offers()[winner.offer].id == id)
        };
        let winners = without.decided.winners.iter().map(|winner| winner.offer);
        winners.filter(|place| !shown(*place)).collect()
    }
}

impl Reach {
    fn miss(&mut self, draft: &LiveOffer, nearest: &Nearest<'_>) {
        let count = match nearest.stage {
            decide::Stage::Outranked => &mut self.outranked,
            decide::Stage::UniversalHoldout | decide::Stage::Holdout => &mut self.held_out,
            _ => &mut self.excluded,
        };
        *count += 1;
        let kinds =
            nearest.evidence.with_subject(nearest.placement, |subject| kinds(draft, nearest.stage, subject));
        let mut kinds: Vec<_> = kinds.into_iter().map(|reason| (reason.code, reason.expression)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *self.reasons.entry(kind).or_default() += 1;
        }
    }
}

/// The placements and channels of a draft. Channels in which everything is the same are one spot.
fn spots(draft: &LiveOffer, catalogues: [&OfferDefinitions; 2], moment: Moment) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    let mut keys: Vec<&String> = draft.placements.iter().collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let first = spots.len();
        let there: Vec<(&OfferDefinitions, &Placement)> = catalogues
            .into_iter()
            .filter_map(|definitions| Some((definitions, definitions.placement(key)?)))
            .collect();
        for channel in Channel::ALL.iter().copied().filter(|channel| draft.channels.has(*channel)) {
            let alike =
                spots[first..].iter_mut().find(|spot| are_alike(&there, channel, spot.moment.channel));
            match alike {
                Some(spot) => spot.channels += 1,
                None => spots.push(Spot {
                    placement: key.clone(),
                    moment: Moment { channel, ..moment },
                    channels: 1,
                }),
            }
        }
    }
    spots
}

/// Whether everybody is shown the same in one channel as in another: the same offers may be, and no rule asks which it
/// is.
fn are_alike(there: &[(&OfferDefinitions, &Placement)], one: Channel, other: Channel) -> bool {
    there.iter().all(|(definitions, placement)| {
        let is_fallback = |channel| {
            placement.fallback.is_some_and(|place| definitions.offers()[place].channels.has(channel))
        };
        let all = placement
            .offers
            .iter()
            .chain(placement.fallback.as_ref())
            .map(|place| &definitions.offers()[*place]);
        let asks = |rule: &Rule| rule.reads_root("channel");
        placement.candidates(one) == placement.candidates(other)
            && is_fallback(one) == is_fallback(other)
            && !all.flat_map(LiveOffer::rules).any(asks)
    })
}
