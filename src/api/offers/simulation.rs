//! What a simulation tells.

use async_graphql::{Enum, SimpleObject};

use crate::api::money::Money;
use crate::api::offers::experience::ReasonCode;
use crate::api::offers::types::Offer;
use crate::api::payload::UserError;
use crate::api::reads::Reads;
use crate::domain::offers::reasons::Code;
use crate::domain::offers::simulation::Simulation;
use crate::domain::offers::simulation::estimate::Estimate;
use crate::domain::offers::simulation::reach::Outranked;
use crate::domain::offers::simulation::replay::{Limit, Stop, Total};
use crate::graph::Batched;
use crate::graph::scalars::DateTime;
use crate::kernel::money;

/// What became of `offerSimulate`.
#[derive(SimpleObject)]
pub struct OfferSimulatePayload {
    /// What the offer would do; null when there are `userErrors`.
    pub simulation: Option<SimulatedOffer>,
    /// All that was wrong; empty when it was simulated.
    pub user_errors: Vec<UserError>,
}

/// What an offer would do if it were live.
#[derive(SimpleObject)]
pub struct SimulatedOffer {
    /// How many customers there are.
    customers: i32,
    /// How many of them were drawn.
    sample: i32,
    /// How many of those were looked at. They are a fair sample, too, when not all were.
    looked_at: i32,
    /// Whether all that were to be drawn were, and looked at. It is looked for five seconds: ask for a smaller sample,
    /// or let the command `encircle offers simulate` take its time.
    is_complete: bool,
    /// Which share of the sample was looked at; 1 when all of it was.
    progress: f64,
    /// Whom it would reach.
    reach: SimulatedReach,
    /// The live offers that would not be shown where they are now because this one is, most often outranked first.
    outranks: Vec<SimulatedOutranking>,
    /// What it would have cost.
    cost: SimulatedCost,
}

/// Whom an offer would reach: each customer looked at is in one of the first four.
#[derive(SimpleObject)]
pub struct SimulatedReach {
    /// Who would be shown it, in one of its placements and channels at least.
    reached: SimulatedShare,
    /// Who may have it, but is shown others before it everywhere.
    outranked: SimulatedShare,
    /// Who would be shown it, were they not held out so that what offers do can be measured.
    held_out: SimulatedShare,
    /// Whom it is not for, or not now.
    excluded: SimulatedShare,
    /// Why customers are not reached, the most frequent first. Who has several reasons counts with each.
    reasons: Vec<SimulatedReason>,
}

/// How many customers something is true of.
#[derive(SimpleObject)]
pub struct SimulatedShare {
    /// Of how many of those looked at.
    customers: i32,
    /// The same as a share of those looked at, 0 to 1.
    share: f64,
    /// The least that the share of all customers may be. In 95 of 100 samples it is between `low` and `high`, after
    /// Wilson; the same as `share` when everybody was looked at.
    low: f64,
    /// The most that the share of all customers may be.
    high: f64,
    /// Of how many of all customers, reckoned from the share.
    estimate: i32,
    /// The least that may be.
    estimate_low: i32,
    /// The most that may be.
    estimate_high: i32,
}

/// Why customers are not reached.
#[derive(SimpleObject)]
pub struct SimulatedReason {
    /// For programs: what kind of reason it is.
    code: ReasonCode,
    /// The part of the rule that does not hold; null when it is no rule.
    expression: Option<String>,
    /// How many of those looked at.
    customers: i32,
}

/// A live offer that would give way.
#[derive(SimpleObject)]
pub struct SimulatedOutranking {
    /// The offer that is shown now.
    offer: Batched<Offer>,
    /// In how many decisions it would not be shown any more: one a customer, placement and channel.
    decisions: i32,
    /// How many customers would not be shown it in one place or another.
    customers: i32,
}

/// What an offer would have cost, had it counted since `since`: the purchases of those reached are replayed in the order
/// of time. That the offer might have brought more of them is not guessed.
#[derive(SimpleObject)]
pub struct SimulatedCost {
    /// How many purchases those reached have made, paid and not given back.
    purchases: i32,
    /// In how many of them the offer would have been redeemed: the benefit fits, it counts at that hour, and no limit
    /// stops it. None for an offer that only informs.
    redemptions: i32,
    /// Of how many nobody knows: the offer gives a product, and what was bought is not recorded.
    unknown: i32,
    /// What was redeemed, one a currency.
    totals: Vec<SimulatedTotal>,
    /// The limits that bound, in the order in which they are looked at.
    caps: Vec<SimulatedCap>,
}

/// What would have been redeemed in one currency.
#[derive(SimpleObject)]
pub struct SimulatedTotal {
    /// In how many purchases.
    redemptions: i32,
    /// What was taken off of them.
    off: Batched<Money>,
    /// What would be taken off if all customers did as those looked at.
    off_estimate: Batched<Money>,
    /// What was paid for these purchases, before that.
    revenue: Batched<Money>,
    /// What all customers would have paid, if they did as those looked at.
    revenue_estimate: Batched<Money>,
}

/// A limit that bound.
#[derive(SimpleObject)]
pub struct SimulatedCap {
    /// Which one.
    limit: SimulatedLimit,
    /// The reason that a customer would have been told.
    code: ReasonCode,
    /// When it stopped the first purchase. That of a budget is reckoned as if all customers did as those looked at.
    first_at: DateTime,
    /// How many purchases it stopped.
    purchases: i32,
}

/// One of an offer's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Limit")]
pub enum SimulatedLimit {
    /// How often one customer may redeem it.
    PerCustomer,
    /// How often one customer may redeem it within the period.
    PerPeriod,
    /// How often all may redeem it together.
    Total,
    /// How much it may take off for all together.
    Amount,
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn amount(money: money::Money) -> Batched<Money> {
    Batched::read(move |_: &Reads, _| Box::pin(async move { Ok(money) }))
}

impl SimulatedOffer {
    pub fn of(simulation: Simulation) -> Self {
        let (part, reasons, outranks) = (simulation.part(), simulation.reasons(), simulation.outranks());
        let Simulation { customers, sample, looked_at, is_complete, reach, cost } = simulation;
        let reason = |((code, expression), customers): ((Code, Option<String>), u64)| SimulatedReason {
            code: code.into(),
            expression,
            customers: count(customers),
        };
        Self {
            customers: count(customers),
            sample: count(sample),
            looked_at: count(looked_at),
            is_complete,
            progress: if sample == 0 { 1.0 } else { looked_at as f64 / sample as f64 },
            reach: SimulatedReach {
                reached: part.estimate(reach.reached).into(),
                outranked: part.estimate(reach.outranked).into(),
                held_out: part.estimate(reach.held_out).into(),
                excluded: part.estimate(reach.excluded).into(),
                reasons: reasons.into_iter().map(reason).collect(),
            },
            outranks: outranks.into_iter().map(Into::into).collect(),
            cost: SimulatedCost {
                purchases: count(cost.purchases),
                redemptions: count(cost.redemptions),
                unknown: count(cost.unknown),
                totals: cost.totals.into_iter().map(Into::into).collect(),
                caps: cost.stops.into_iter().map(Into::into).collect(),
            },
        }
    }
}

impl From<Estimate> for SimulatedShare {
    fn from(estimate: Estimate) -> Self {
        let Estimate { customers, share, low, high, all, all_low, all_high } = estimate;
        Self {
            customers: count(customers),
            share,
            low,
            high,
            estimate: count(all),
            estimate_low: count(all_low),
            estimate_high: count(all_high),
        }
    }
}

impl From<Outranked> for SimulatedOutranking {
    fn from(outranked: Outranked) -> Self {
        let Outranked { offer, decisions, customers } = outranked;
        let offer = Batched::read(move |_: &Reads, _| {
            let row = offer.as_ref().clone();
            Box::pin(async move { Ok(row) })
        });
        Self { offer, decisions: count(decisions), customers: count(customers) }
    }
}

impl From<Total> for SimulatedTotal {
    fn from(total: Total) -> Self {
        Self {
            redemptions: count(total.redemptions),
            off: amount(total.off),
            off_estimate: amount(total.off_of_all),
            revenue: amount(total.revenue),
            revenue_estimate: amount(total.revenue_of_all),
        }
    }
}

impl From<Stop> for SimulatedCap {
    fn from(stop: Stop) -> Self {
        Self {
            limit: stop.limit.into(),
            code: stop.limit.code().into(),
            first_at: DateTime(stop.first_at),
            purchases: count(stop.purchases),
        }
    }
}
