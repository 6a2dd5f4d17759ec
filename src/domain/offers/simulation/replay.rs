//! What an offer would have cost: purchases redeem it in the order of time, as far as its limits let them. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use entities::ids::CustomerId;
use entities::offer;
use entities::timestamp::Timestamp;

use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::live::{Budget, LiveOffer};
use crate::domain::offers::reasons::Code;
use crate::domain::offers::schedule::Schedule;
use crate::domain::offers::simulation::estimate::Part;
use crate::domain::offers::simulation::history::{History, Sale};
use crate::kernel::money::{Currency, Money};
use crate::kernel::turn::Turn;

/// What it would have cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many purchases were made by those reached.
    pub purchases: u64,
    /// Of how many of them nobody knows whether the benefit fits.
    pub unknown: u64,
    pub redemptions: u64,
    /// In the order of currencies.
    pub totals: Vec<Total>,
    /// The limits that stopped a purchase, in the order in which they are looked at.
    pub stops: Vec<Stop>,
}

/// What was redeemed in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub redemptions: u64,
    /// What was taken off, and what all customers together would have had taken off.
    pub off: Money,
    pub off_of_all: Money,
    /// What was paid for these purchases.
    pub revenue: Money,
    pub revenue_of_all: Money,
}

/// A limit that bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub limit: Limit,
    /// When it stopped the first purchase.
    pub first_at: Timestamp,
    /// How many it stopped.
    pub purchases: u64,
}

/// One of an offer's limits, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    PerCustomer,
    PerPeriod,
    Total,
    Amount,
}

impl Limit {
    /// The kind of reason that a customer would have been told.
    pub fn code(self) -> Code {
        match self {
            Self::PerCustomer | Self::PerPeriod => Code::CapReached,
            Self::Total | Self::Amount => Code::BudgetSpent,
        }
    }
}

/// What a customer has redeemed.
#[derive(Debug, Default)]
struct Redeemed {
    times: i64,
    /// Those that count within the period.
    recent: Vec<Timestamp>,
}

/// What all have redeemed so far.
struct Ledger<'o> {
    offer: &'o LiveOffer,
    /// The currency of the budget by amount.
    currency: Option<Currency>,
    /// Those looked at stand for all.
    part: Part,
    times: i64,
    minor: i64,
    customers: HashMap<CustomerId, Redeemed>,
}

#[derive(Debug, Default)]
struct Sum {
    redemptions: u64,
    off: i128,
    revenue: i128,
}

/// Replays what was bought.
pub async fn replay(offer: &LiveOffer, row: &offer::Model, zone: Tz, history: History, part: Part) -> Cost {
    let History { purchases, unknown, mut sales, .. } = history;
    sales.sort_unstable_by_key(|sale| (sale.placed_at, sale.purchase));
    // The first and last day are those of the future; days of the week and hours are those of any time.
    let hours = Schedule {
        starts_at: None,
        ends_at: None,
        first_day: None,
        last_day: None,
        ..offer.schedule.clone()
    };
    let currency = row.limit_currency.as_deref().and_then(Currency::parse);
    let mut ledger = Ledger { offer, currency, part, times: 0, minor: 0, customers: HashMap::new() };
    let mut sums: BTreeMap<String, (Currency, Sum)> = BTreeMap::new();
    let mut stops: BTreeMap<Limit, Stop> = BTreeMap::new();
    let mut turn = Turn::begin();
    for sale in &sales {
        turn.give().await;
        let calendar = Calendar::at(zone, sale.placed_at);
        if !hours.is_open(&calendar) {
            continue;
        }
        match ledger.redeem(sale, &calendar) {
            Ok(()) => {
                let (_, sum) = sums
                    .entry(sale.currency.code().to_owned())
                    .or_insert_with(|| (sale.currency, Sum::default()));
                sum.add(sale);
            }
            Err(limit) => {
                let none = Stop { limit, first_at: sale.placed_at, purchases: 0 };
                stops.entry(limit).or_insert(none).purchases += 1;
            }
        }
    }
    let totals: Vec<Total> = sums.into_values().map(|(currency, sum)| sum.total(currency, part)).collect();
    let redemptions = totals.iter().map(|total| total.redemptions).sum();
    Cost { purchases, unknown, redemptions, totals, stops: stops.into_values().collect() }
}

impl Ledger<'_> {
    /// Redeems the offer in a purchase, unless a limit stops it.
    fn redeem(&mut self, sale: &Sale, calendar: &Calendar) -> Result<(), Limit> {
        let stop = |limit: Limit, stops: bool| if stops { Err(limit) } else { Ok(()) };
        let own = self.customers.entry(sale.customer).or_default();
        stop(Limit::PerCustomer, self.offer.per_customer.is_some_and(|most| own.times >= most))?;
        if let Some(cap) = &self.offer.per_period {
            own.recent.retain(|at| cap.leaves_at(*at, calendar) > calendar.now);
            stop(Limit::PerPeriod, cap.frees_at(&own.recent, calendar).is_some())?;
        }
        let (taken, minor) = (self.part.of_all(self.times), self.part.of_all(self.minor));
        let budget = self.offer.budget;
        stop(Limit::Total, Budget { minor: None, ..budget }.is_spent(taken, minor))?;
        stop(Limit::Amount, Budget { count: None, ..budget }.is_spent(taken, minor))?;
        own.times += 1;
        own.recent.extend(self.offer.per_period.is_some().then_some(sale.placed_at));
        self.times += 1;
        // As of real redemptions, amounts of other currencies are not counted.
        if self.currency == Some(sale.currency) {
            self.minor = self.minor.saturating_add(sale.off_minor);
        }
        Ok(())
    }
}

impl Sum {
    fn add(&mut self, sale: &Sale) {
        self.redemptions += 1;
        self.off += i128::from(sale.off_minor);
        self.revenue += i128::from(sale.total_minor);
    }

    fn total(&self, currency: Currency, part: Part) -> Total {
        let exact = |sum: i128| Money::new(i64::try_from(sum).unwrap_or(i64::MAX), currency);
        let of_all = |sum: i128| Money::new(part.nearest(sum), currency);
        Total {
            redemptions: self.redemptions,
            off: exact(self.off),
            off_of_all: of_all(self.off),
            revenue: exact(self.revenue),
            revenue_of_all: of_all(self.revenue),
        }
    }
}
