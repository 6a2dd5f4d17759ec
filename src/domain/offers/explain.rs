//! Why each candidate of a decision is shown or not. Reckoned anew from what the decision was made from, when
//! somebody asks: deciding itself makes no words.

use std::collections::HashMap;

use entities::timestamp::Timestamp;
use entities::values::{ConsentStatus, TextEnum};
use serde_json::{Value, json};

use crate::domain::offers::catalogue::{OfferDefinitions, Placement};
use crate::domain::offers::decide::{Decided, Moment, Stage, Subject, Winner};
use crate::domain::offers::live::{LiveOffer, OfferRule, PeriodCap};
use crate::domain::offers::reasons::{Code, Reason};

/// The verdict on an offer, with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The offer's place in the catalogue.
    pub offer: usize,
    /// Whether the customer may have it, though others may be shown before it.
    pub eligible: bool,
    pub reasons: Vec<Reason>,
}

/// Explains every offer of the placement, whatever its channel: first what is shown, then what came closest. Behind
/// the first `detailed` ones the kind of reason is all that is told.
pub fn explain(
    definitions: &OfferDefinitions,
    placement: &Placement,
    subject: &Subject<'_>,
    moment: &Moment,
    decided: &Decided,
    detailed: usize,
) -> Vec<Explained> {
    let stopped: HashMap<usize, Option<Stage>> =
        decided.verdicts.iter().map(|verdict| (verdict.offer, verdict.stopped)).collect();
    let mut all: Vec<(usize, Option<Stage>)> = placement
        .offers
        .iter()
        .chain(decided.winners.iter().map(|winner| &winner.offer))
        .map(|place| (*place, stopped.get(place).copied().unwrap_or(Some(Stage::Channel))))
        .collect();
    all.sort_unstable_by_key(|(place, stage)| (nearness(*stage), rank_of(*place, decided), *place));
    all.dedup();
    let explain = |(at, (place, stage)): (usize, (usize, Option<Stage>))| {
        let offer = &definitions.offers()[place];
        let winner = decided.winners.iter().find(|winner| winner.offer == place);
        let reasons = match stage {
            Some(stage) if at >= detailed => vec![Reason::new(code_of(stage), "")],
            _ => reasons(offer, stage, winner, subject, moment, decided),
        };
        Explained { offer: place, eligible: matches!(stage, None | Some(Stage::Outranked)), reasons }
    };
    all.into_iter().enumerate().map(explain).collect()
}

/// The later the stage, the nearer it was to being shown.
fn nearness(stage: Option<Stage>) -> u8 {
    stage.map_or(0, |stage| u8::MAX - stage as u8)
}

fn rank_of(place: usize, decided: &Decided) -> usize {
    decided.winners.iter().position(|winner| winner.offer == place).unwrap_or(usize::MAX)
}

/// The code of a stage whose code is the same whatever the offer.
pub fn code_of(stage: Stage) -> Code {
    match stage {
        Stage::Channel => Code::Channel,
        Stage::Schedule => Code::Schedule,
        Stage::Consent => Code::Consent,
        Stage::Eligibility => Code::Rule,
        Stage::CustomerCap | Stage::PeriodCap | Stage::ShownCap => Code::CapReached,
        Stage::Dismissed => Code::Dismissed,
        Stage::Budget => Code::BudgetSpent,
        Stage::UniversalHoldout | Stage::Holdout => Code::Holdout,
        Stage::Experiment => Code::Experiment,
        Stage::Outranked => Code::Outranked,
    }
}

/// What kinds of reasons there are why an offer is not shown, with the parts of its rule that do not hold.
pub fn kinds(offer: &LiveOffer, stage: Stage, subject: &Subject<'_>) -> Vec<Reason> {
    match stage {
        Stage::Eligibility => ineligible(&offer.eligibility, subject),
        stage => vec![Reason::new(code_of(stage), "")],
    }
}

fn reasons(
    offer: &LiveOffer,
    stage: Option<Stage>,
    winner: Option<&Winner>,
    subject: &Subject<'_>,
    moment: &Moment,
    decided: &Decided,
) -> Vec<Reason> {
    let mut reasons = match stage {
        None if winner.is_some_and(|winner| winner.is_fallback) => {
            vec![Reason::new(Code::Fallback, "It is shown because nothing else is")]
        }
        None => Vec::new(),
        Some(Stage::Eligibility) => return ineligible(&offer.eligibility, subject),
        Some(stage) => vec![stop(offer, stage, subject, moment, decided)],
    };
    // Only what passed all else was ranked.
    if matches!(stage, None | Some(Stage::Outranked)) {
        reasons.extend(unranked(offer, subject));
    }
    reasons
}

fn stop(
    offer: &LiveOffer,
    stage: Stage,
    subject: &Subject<'_>,
    moment: &Moment,
    decided: &Decided,
) -> Reason {
    let reason = |message: &str| Reason::new(code_of(stage), message);
    match stage {
        Stage::Channel => {
            let channel = moment.channel.text();
            reason(&format!("It is not shown on {channel}")).between(channel, offer.channels.names())
        }
        Stage::Schedule => match offer.schedule.opens_at(&moment.calendar) {
            Some(opens) => reason(&format!("It counts from {opens} on"))
                .between(moment.calendar.now.to_string(), opens.to_string()),
            None => reason("It is over").between(moment.calendar.now.to_string(), Value::Null),
        },
        Stage::Consent => {
            let purpose = offer.consent.map_or("", TextEnum::text);
            let given = offer.consent.and_then(|purpose| subject.consents.get(&purpose));
            reason(&format!("{purpose} has not been allowed"))
                .between(given.map(|status| status.text()), ConsentStatus::Granted.text())
        }
        Stage::CustomerCap => {
            let (times, most) = (subject.times(offer.id), offer.per_customer.unwrap_or_default());
            reason(&format!("Redeemed {times} times; {most} is the most")).between(times, most)
        }
        Stage::PeriodCap => {
            let redeemed = subject.redeemed.get(&offer.id).map_or(&[][..], Vec::as_slice);
            period_cap(("Redeemed", offer.per_period.as_ref()), redeemed, moment)
        }
        Stage::ShownCap => {
            let shown = subject.responses.get(&offer.id).map_or(&[][..], |answered| &answered.shown);
            period_cap(("Shown", offer.shown.as_ref()), shown, moment)
        }
        Stage::Dismissed => match subject.waits(offer, moment).dismissed_until {
            Some(until) => reason(&format!("Dismissed; it comes back on {until}")),
            None => reason("Dismissed"),
        },
        Stage::Budget => {
            let (taken, minor) = subject.taken.get(&offer.id).copied().unwrap_or_default();
            let budget = offer.budget;
            let most = json!({ "count": budget.count, "minor": budget.minor });
            reason("All of it is taken").between(json!({ "count": taken, "minor": minor }), most)
        }
        Stage::UniversalHoldout => reason("The customer is held out of all offers"),
        Stage::Holdout => reason("The customer is held out of this offer"),
        Stage::Experiment => reason("No variant has any weight"),
        Stage::Outranked => {
            let last = decided.winners.last().map(|winner| winner.score);
            let reason = reason("Others come first");
            match last {
                Some(last) => reason.between(json!({ "priority": offer.priority }), json!({ "score": last })),
                None => reason,
            }
        }
        Stage::Eligibility => reason("Its rule does not hold"),
    }
}

fn period_cap((done, cap): (&str, Option<&PeriodCap>), times: &[Timestamp], moment: &Moment) -> Reason {
    let Some(cap) = cap else { return Reason::new(Code::CapReached, format!("{done} too often")) };
    let counts = |at: &&_| cap.leaves_at(**at, &moment.calendar) > moment.calendar.now;
    let counted = times.iter().filter(counts).count();
    let again = cap.frees_at(times, &moment.calendar).filter(|at| *at < Timestamp::MAX);
    let again = again.map_or_else(String::new, |at| format!(", again from {at} on"));
    let message = format!("{done} {counted} times in {}; {} is the most{again}", cap.text, cap.most);
    Reason::new(Code::CapReached, message).between(counted, cap.most)
}

/// All clauses that do not hold.
fn ineligible(eligibility: &Result<OfferRule, String>, subject: &Subject<'_>) -> Vec<Reason> {
    let rule = match eligibility {
        Ok(rule) => rule,
        Err(failure) => return vec![Reason::new(Code::RuleFailed, failure.clone())],
    };
    let clauses = rule.rule.explain(subject.facts).into_iter().filter(|clause| !clause.holds);
    let reasons: Vec<Reason> = clauses.map(Reason::of_clause).collect();
    match reasons.is_empty() {
        false => reasons,
        true => vec![Reason::new(Code::RuleFailed, "the rules of all offers together are too much work")],
    }
}

/// Why an offer's rank counts as 0, if that is because it failed.
fn unranked(offer: &LiveOffer, subject: &Subject<'_>) -> Option<Reason> {
    let failure = match offer.rank.as_ref()? {
        Ok(rule) => rule.rule.number(subject.facts).err()?,
        Err(failure) => failure.clone(),
    };
    Some(Reason::new(Code::RuleFailed, format!("`rank` counts as 0: {failure}")))
}
