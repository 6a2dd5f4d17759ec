//! A live offer, compiled from its row: whatever of it can be reckoned before anybody asks.

use std::sync::Arc;

use entities::ids::{OfferId, ProductId};
use entities::offer;
use entities::timestamp::Timestamp;
use entities::values::{BenefitScope, Channel, CodeKind, ConsentPurpose, Stacking, TextEnum};

use crate::domain::attributes::window::{Window, begin_of, day_of};
use crate::domain::offers::allocation::{Allocation, allocations};
use crate::domain::offers::bucket::BUCKETS;
use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::parts::Benefit;
use crate::domain::offers::schedule::Schedule;
use crate::kernel::money::Currency;
use crate::rules::{Expect, Rule, RuleNo, RuleSet, Vocabulary};

const DAY: i64 = 86_400_000;

/// A rule, alone to be explained, and its place among the rules of all offers.
#[derive(Clone, Debug)]
pub struct OfferRule {
    pub rule: Arc<Rule>,
    pub number: RuleNo,
}

/// An offer that may be shown.
#[derive(Clone, Debug)]
pub struct LiveOffer {
    pub id: OfferId,
    pub key: String,
    pub priority: i32,
    /// Where it may be shown.
    pub placements: Vec<String>,
    pub channels: Channels,
    pub schedule: Schedule,
    pub consent: Option<ConsentPurpose>,
    /// Whom it is for, or why it is for nobody.
    pub eligibility: Result<OfferRule, String>,
    pub rank: Option<Result<OfferRule, String>>,
    pub per_customer: Option<i64>,
    pub per_period: Option<PeriodCap>,
    /// How often it is shown to one customer.
    pub shown: Option<PeriodCap>,
    /// For how long it is gone when a customer has sent it away: once is the most.
    pub dismissed: Option<PeriodCap>,
    pub budget: Budget,
    /// In which amounts count against the budget.
    pub budget_currency: Option<Currency>,
    /// What it takes off a cart, if anything.
    pub benefit: Option<Benefit>,
    pub stacking: Stacking,
    pub benefit_scope: BenefitScope,
    /// Which products it is taken off, and what is part of them; none: all.
    pub benefit_products: Vec<ProductId>,
    /// With what codes it is redeemed; none: without any.
    pub code_kind: Option<CodeKind>,
    /// The code of all.
    pub code: Option<String>,
    pub holdout_basis_points: u32,
    /// The name of the experiment.
    pub experiment: String,
    pub allocations: Vec<Allocation>,
}

/// A set of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels(u16);

/// How often something may happen to an offer and one customer within a time that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodCap {
    pub most: i64,
    /// As it is stored: `P7D`.
    pub text: String,
    window: Window,
}

/// What of an offer may be taken by all customers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub count: Option<i64>,
    /// In minor units.
    pub minor: Option<i64>,
    /// How much of it is taken at a time, of an amount off: with less left it is spent, also for carts that cost less.
    pub step: Option<i64>,
}

impl Channels {
    /// Those of a stored list; none of them is all of them.
    pub fn of(stored: &serde_json::Value) -> Self {
        let names = stored.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        let bits = names.filter_map(Channel::parse).fold(0, |bits, channel| bits | Self::bit(channel));
        Self(if bits == 0 { u16::MAX } else { bits })
    }

    pub fn has(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }

    pub fn names(self) -> Vec<&'static str> {
        Channel::ALL.iter().filter(|channel| self.has(**channel)).map(|channel| channel.text()).collect()
    }

    fn bit(channel: Channel) -> u16 {
        1 << channel as u16
    }
}

impl PeriodCap {
    fn of(most: Option<i64>, text: Option<&String>) -> Result<Option<Self>, String> {
        let (Some(most), Some(text)) = (most, text) else { return Ok(None) };
        Ok(Some(Self { most, text: text.clone(), window: Window::parse(text)? }))
    }

    /// The longest that anything may count, in whatever zone.
    fn longest(&self) -> i64 {
        match self.window {
            Window::Span(millis) => millis,
            Window::Days(days) => (i64::from(days) + 2) * DAY,
        }
    }

    /// When what happened then no longer counts.
    pub fn leaves_at(&self, at: Timestamp, calendar: &Calendar) -> Timestamp {
        match self.window {
            Window::Span(millis) => Timestamp(at.millis().saturating_add(millis)),
            Window::Days(days) => {
                let day = day_of(calendar.zone, at);
                begin_of(calendar.zone, day.saturating_add(days))
            }
        }
    }

    /// When it may happen again after these times, if it may not now.
    pub fn frees_at(&self, times: &[Timestamp], calendar: &Calendar) -> Option<Timestamp> {
        let leaves = times.iter().map(|at| self.leaves_at(*at, calendar));
        let mut leaves: Vec<Timestamp> = leaves.filter(|at| *at > calendar.now).collect();
        let over = usize::try_from(self.most).ok().and_then(|most| leaves.len().checked_sub(most))?;
        leaves.sort_unstable();
        // With a cap of none it is never.
        Some(leaves.get(over).copied().unwrap_or(Timestamp::MAX))
    }
}

impl Budget {
    pub fn is_limited(self) -> bool {
        self.count.is_some() || self.minor.is_some()
    }

    /// So many times, so much in a currency; of which an offer that takes an amount off takes all of that amount.
    pub fn of(
        count: Option<i64>,
        (minor, currency): (Option<i64>, Option<&str>),
        (off, off_currency): (Option<i64>, Option<&str>),
    ) -> Self {
        // One that is greater than the budget is taken once, by a cart that does not cost so much.
        let step = off.filter(|_| off_currency == currency).zip(minor).map(|(off, minor)| off.min(minor));
        Self { count, minor, step }
    }

    pub fn is_spent(self, taken: i64, taken_minor: i64) -> bool {
        let step = self.step.unwrap_or_default().max(1);
        self.count.is_some_and(|most| taken >= most)
            || self.minor.is_some_and(|most| taken_minor.saturating_add(step) > most)
    }
}

impl LiveOffer {
    /// Compiles a stored offer. One of which something makes no sense is for nobody, and says why.
    pub fn of(row: &offer::Model, vocabulary: &Vocabulary, rules: &mut RuleSet) -> Self {
        let schedule = Schedule::of(row);
        let per_period = PeriodCap::of(row.limit_per_period, row.limit_period.as_ref());
        let shown = PeriodCap::of(row.limit_shown, row.limit_shown_period.as_ref());
        let dismissed = PeriodCap::of(Some(1), row.dismissal_period.as_ref());
        let caps = [&per_period, &shown, &dismissed];
        let fault =
            caps.into_iter().find_map(|cap| cap.as_ref().err()).map_or(Ok(()), |fault| Err(fault.clone()));
        let eligibility = schedule
            .as_ref()
            .map_err(String::clone)
            .and(fault)
            .and_then(|_| compile(&row.eligibility, vocabulary, Expect::Condition, rules));
        let placements = row.placements.as_array().into_iter().flatten();
        let products = row.benefit_products.as_array().into_iter().flatten();
        Self {
            id: row.id,
            key: row.key.clone(),
            priority: row.priority,
            placements: placements.filter_map(|key| key.as_str().map(str::to_owned)).collect(),
            channels: Channels::of(&row.channels),
            schedule: schedule.unwrap_or_default(),
            consent: row.consent,
            rank: row.rank.as_deref().map(|source| compile(source, vocabulary, Expect::Number, rules)),
            per_customer: row.limit_per_customer,
            per_period: per_period.unwrap_or_default(),
            shown: shown.unwrap_or_default(),
            dismissed: dismissed.unwrap_or_default(),
            budget: Budget::of(
                row.limit_total,
                (row.limit_minor, row.limit_currency.as_deref()),
                (row.benefit_minor, row.benefit_currency.as_deref()),
            ),
            budget_currency: row.limit_currency.as_deref().and_then(Currency::parse),
            benefit: Benefit::of(row),
            stacking: row.stacking,
            benefit_scope: row.benefit_scope,
            benefit_products: products.filter_map(|id| id.as_str()?.parse().ok()).collect(),
            code_kind: row.code_kind,
            code: row.code.clone(),
            holdout_basis_points: u32::try_from(row.holdout_basis_points).unwrap_or(0).min(BUCKETS),
            experiment: row.experiment.clone().unwrap_or_else(|| row.key.clone()),
            allocations: allocations(&row.allocations),
            eligibility,
        }
    }

    pub fn is_capped(&self) -> bool {
        self.per_customer.is_some() || self.per_period.is_some()
    }

    /// How long what the customer answered to it counts, in milliseconds at most; `None` if it never does.
    pub fn remembers(&self) -> Option<i64> {
        self.shown.iter().chain(&self.dismissed).map(PeriodCap::longest).max()
    }

    /// The rules that make sense.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let rank = self.rank.as_ref().and_then(|rank| rank.as_ref().ok());
        self.eligibility.as_ref().ok().into_iter().chain(rank).map(|rule| rule.rule.as_ref())
    }
}

fn compile(
    source: &str,
    vocabulary: &Vocabulary,
    expect: Expect,
    rules: &mut RuleSet,
) -> Result<OfferRule, String> {
    let rule = Rule::compile(source, vocabulary, expect).map_err(|error| error.to_string())?;
    let number = rules.add(&rule, expect == Expect::Number);
    Ok(OfferRule { rule: Arc::new(rule), number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_when_its_offer_cannot_take_of_it_once_more() {
        let euros = (Some(1_000), Some("EUR"));
        // So many times, so much in all; what an amount off takes each time; what is taken; whether that is all.
        let cases = [
            (Some(3), (None, None), (None, None), (2, 9_999), false),
            (Some(3), (None, None), (None, None), (3, 0), true),
            (None, euros, (None, None), (9, 999), false),
            (None, euros, (None, None), (9, 1_000), true),
            (None, euros, (Some(300), Some("EUR")), (2, 700), false),
            (None, euros, (Some(300), Some("EUR")), (3, 701), true),
            (None, euros, (Some(300), Some("USD")), (3, 701), false),
            (Some(3), euros, (Some(300), Some("EUR")), (3, 0), true),
            (None, euros, (Some(5_000), Some("EUR")), (0, 0), false),
            (None, euros, (Some(5_000), Some("EUR")), (1, 1), true),
            (None, (None, None), (Some(300), Some("EUR")), (9, i64::MAX), false),
        ];
        for (count, minor, off, (times, taken), expected) in cases {
            let budget = Budget::of(count, minor, off);
            assert_eq!(budget.is_spent(times, taken), expected, "{budget:?} {times} {taken}");
        }
    }
}
