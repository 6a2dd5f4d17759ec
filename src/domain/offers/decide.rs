//! The decision: of the offers that may be shown in a placement, which this customer is shown here and now. Pure:
//! whatever it needs was read before.
//!
//! A candidate goes through the stages in the order of [`Stage`]; the first that stops it decides. Those that pass
//! are ranked by the number of their `rank` (0 without one, or if it fails), then by priority, then by age; the
//! first few win. If none does, the placement's fallback is shown, unless anything before the holdouts stops it.

use std::collections::HashMap;

use entities::ids::{CustomerId, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, ConsentPurpose, ConsentStatus};

use crate::domain::offers::allocation::Variant;
use crate::domain::offers::bucket;
use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::catalogue::{OfferDefinitions, Placement};
use crate::domain::offers::live::{LiveOffer, PeriodCap};
use crate::rules::{Facts, Session, Truth};

/// How long a decision is good for at most.
const DAY: i64 = 86_400_000;
/// How long if a rule reads the time itself.
const MINUTE: i64 = 60_000;

/// Where and when it is decided, and how.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub calendar: Calendar,
    pub channel: Channel,
    /// The most offers that are shown.
    pub limit: usize,
    /// The share of customers who are shown no offers at all, in basis points.
    pub universal_holdout: u32,
}

/// Redemptions of one customer that count, by offer.
pub type Redeemed = HashMap<OfferId, Vec<Timestamp>>;
/// What one customer answered to offers that it was shown, by offer.
pub type Responses = HashMap<OfferId, Answered>;

/// When an offer was seen, and when it was sent away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    pub shown: Vec<Timestamp>,
    pub dismissed: Vec<Timestamp>,
}

/// How often and how much of offers is taken, where there is any.
pub type Taken = HashMap<OfferId, (i64, i64)>;

/// Whom it is decided for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'f> {
    /// The canonical customer.
    pub customer: CustomerId,
    pub created_at: Timestamp,
    /// What rules may read.
    pub facts: &'f Facts<'f>,
    pub consents: &'f HashMap<ConsentPurpose, ConsentStatus>,
    pub redeemed: &'f Redeemed,
    pub responses: &'f Responses,
    pub taken: &'f Taken,
    /// When time alone makes what rules read another.
    pub changes_at: Option<Timestamp>,
    /// Whether a rule that is read reads the time itself.
    pub reads_now: bool,
}

/// What stops a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Channel,
    Schedule,
    Consent,
    Eligibility,
    CustomerCap,
    PeriodCap,
    Dismissed,
    ShownCap,
    Budget,
    UniversalHoldout,
    Holdout,
    Experiment,
    Outranked,
}

/// What became of a candidate, by its place in the catalogue; it won if nothing stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub offer: usize,
    pub stopped: Option<Stage>,
}

/// An offer that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Winner {
    pub offer: usize,
    pub score: f64,
    pub variant: Option<Variant>,
    pub is_fallback: bool,
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decided {
    /// The best first.
    pub winners: Vec<Winner>,
    /// One for each candidate of the channel, in the order of the catalogue.
    pub verdicts: Vec<Verdict>,
    pub valid_until: Timestamp,
}

/// A candidate that nothing stopped so far.
struct Passed<'c> {
    /// Its place among the verdicts.
    verdict: usize,
    offer: usize,
    score: f64,
    variant: Option<&'c Variant>,
}

/// Decides what a customer is shown in a placement.
pub fn decide(
    definitions: &OfferDefinitions,
    placement: &Placement,
    subject: &Subject<'_>,
    moment: &Moment,
) -> Decided {
    let mut session = definitions.rules().bind(subject.facts);
    let mut until = Until::of(subject, moment);
    let candidates = placement.candidates(moment.channel);
    let mut verdicts = Vec::with_capacity(candidates.len());
    let mut passed = Vec::new();
    let all_held_out = bucket::is_held_out(bucket::UNIVERSAL, moment.universal_holdout, subject.customer);
    for place in candidates.iter().copied() {
        let offer = &definitions.offers()[place];
        let waits = subject.waits(offer, moment);
        until.look_at(offer, &waits, moment);
        let stage = admitted(offer, subject, moment, &waits, &mut session)
            .and_then(|()| chosen(offer, subject, all_held_out));
        match stage {
            Err(stage) => verdicts.push(Verdict { offer: place, stopped: Some(stage) }),
            Ok(variant) => {
                let score = score(offer, &mut session);
                passed.push(Passed { verdict: verdicts.len(), offer: place, score, variant });
                verdicts.push(Verdict { offer: place, stopped: None });
            }
        }
    }
    // The catalogue is in the order of ids, so its place breaks the last ties.
    passed.sort_unstable_by(|a, b| {
        let priority = |passed: &Passed<'_>| definitions.offers()[passed.offer].priority;
        b.score.total_cmp(&a.score).then(priority(b).cmp(&priority(a))).then(a.offer.cmp(&b.offer))
    });
    for behind in passed.iter().skip(moment.limit) {
        verdicts[behind.verdict].stopped = Some(Stage::Outranked);
    }
    let mut winners: Vec<Winner> = passed.iter().take(moment.limit).map(Passed::winner).collect();
    if let Some(place) = placement.fallback.filter(|_| winners.is_empty()) {
        let offer = &definitions.offers()[place];
        let waits = subject.waits(offer, moment);
        until.look_at(offer, &waits, moment);
        if admitted(offer, subject, moment, &waits, &mut session).is_ok() {
            verdicts.retain(|verdict| verdict.offer != place);
            verdicts.push(Verdict { offer: place, stopped: None });
            winners.push(Winner { offer: place, score: 0.0, variant: None, is_fallback: true });
        }
    }
    Decided { winners, verdicts, valid_until: until.0 }
}

impl Passed<'_> {
    fn winner(&self) -> Winner {
        Winner { offer: self.offer, score: self.score, variant: self.variant.cloned(), is_fallback: false }
    }
}

/// Whether a customer may be shown an offer at all: the stages before the holdouts.
fn admitted(
    offer: &LiveOffer,
    subject: &Subject<'_>,
    moment: &Moment,
    waits: &Waits,
    session: &mut Session<'_>,
) -> Result<(), Stage> {
    let stop = |stage: Stage, stops: bool| if stops { Err(stage) } else { Ok(()) };
    stop(Stage::Channel, !offer.channels.has(moment.channel))?;
    stop(Stage::Schedule, !offer.schedule.is_open(&moment.calendar))?;
    stop(Stage::Consent, offer.consent.is_some_and(|purpose| !subject.granted(purpose)))?;
    let is_eligible = |rule: RuleResult<'_>, session: &mut Session<'_>| {
        rule.is_ok_and(|rule| session.judge(rule.number) == Truth::Holds)
    };
    stop(Stage::Eligibility, !is_eligible(offer.eligibility.as_ref(), session))?;
    stop(Stage::CustomerCap, offer.per_customer.is_some_and(|most| subject.times(offer.id) >= most))?;
    stop(Stage::PeriodCap, waits.redeemed_until.is_some())?;
    stop(Stage::Dismissed, waits.dismissed_until.is_some())?;
    stop(Stage::ShownCap, waits.shown_until.is_some())?;
    let (taken, taken_minor) = subject.taken.get(&offer.id).copied().unwrap_or_default();
    stop(Stage::Budget, offer.budget.is_spent(taken, taken_minor))
}

type RuleResult<'o> = Result<&'o crate::domain::offers::live::OfferRule, &'o String>;

/// Which variant of an offer a customer is shown, unless it is held out.
fn chosen<'o>(
    offer: &'o LiveOffer,
    subject: &Subject<'_>,
    all_held_out: bool,
) -> Result<Option<&'o Variant>, Stage> {
    if all_held_out {
        return Err(Stage::UniversalHoldout);
    }
    if bucket::is_held_out(&offer.key, offer.holdout_basis_points, subject.customer) {
        return Err(Stage::Holdout);
    }
    let (allocations, experiment) = (&offer.allocations, &offer.experiment);
    bucket::variant_of(allocations, experiment, subject.customer, subject.created_at)
        .map_err(|_| Stage::Experiment)
}

/// How well an offer fits.
pub(super) fn score(offer: &LiveOffer, session: &mut Session<'_>) -> f64 {
    let rank = offer.rank.as_ref().and_then(|rank| rank.as_ref().ok());
    // 0 and -0 are one.
    rank.and_then(|rule| session.number(rule.number)).unwrap_or(0.0) + 0.0
}

/// When a customer may redeem an offer again that it redeemed as often as it may in the period; `None` if it may now.
pub(super) fn frees_at(offer: &LiveOffer, subject: &Subject<'_>, moment: &Moment) -> Option<Timestamp> {
    let cap = offer.per_period.as_ref()?;
    let redeemed = subject.redeemed.get(&offer.id).map_or(&[][..], Vec::as_slice);
    cap.frees_at(redeemed, &moment.calendar)
}

/// Until when caps with a period stop an offer for a customer; `None` for one that does not stop it now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    pub redeemed_until: Option<Timestamp>,
    pub dismissed_until: Option<Timestamp>,
    pub shown_until: Option<Timestamp>,
}

impl Subject<'_> {
    pub(super) fn waits(&self, offer: &LiveOffer, moment: &Moment) -> Waits {
        let answered = |cap: &Option<PeriodCap>, times: &dyn Fn(&Answered) -> &[Timestamp]| {
            let cap = cap.as_ref()?;
            let times = self.responses.get(&offer.id).map_or(&[][..], times);
            cap.frees_at(times, &moment.calendar)
        };
        Waits {
            redeemed_until: frees_at(offer, self, moment),
            dismissed_until: answered(&offer.dismissed, &|answered| &answered.dismissed),
            shown_until: answered(&offer.shown, &|answered| &answered.shown),
        }
    }

    pub(super) fn granted(&self, purpose: ConsentPurpose) -> bool {
        self.consents.get(&purpose) == Some(&ConsentStatus::Granted)
    }

    /// How often the customer redeemed an offer.
    pub(super) fn times(&self, offer: OfferId) -> i64 {
        self.redeemed.get(&offer).map_or(0, |redeemed| redeemed.len() as i64)
    }
}

/// The next instant at which time alone may make another decision.
struct Until(Timestamp);

impl Until {
    fn of(subject: &Subject<'_>, moment: &Moment) -> Self {
        let now = moment.calendar.now.millis();
        let mut until = Self(Timestamp(now + DAY));
        until.at(subject.reads_now.then_some(Timestamp(now + MINUTE)), moment);
        until.at(subject.changes_at, moment);
        until
    }

    fn at(&mut self, at: Option<Timestamp>, moment: &Moment) {
        if let Some(at) = at.filter(|at| *at > moment.calendar.now) {
            self.0 = self.0.min(at);
        }
    }

    fn look_at(&mut self, offer: &LiveOffer, waits: &Waits, moment: &Moment) {
        self.at(offer.schedule.next_edge(&moment.calendar), moment);
        self.at(waits.redeemed_until, moment);
        self.at(waits.dismissed_until, moment);
        self.at(waits.shown_until, moment);
    }
}
