//! What an offer consists of, as somebody says it: each part may be said or left as it is.

use entities::ids::ProductId;
use entities::offer::Model;
use entities::timestamp::Timestamp;
use entities::values::{BenefitKind, BenefitScope, Channel, CodeKind, ConsentPurpose, Stacking, TextEnum};
use serde_json::{Map, Value, json};

use crate::domain::offers::allocation::{self, Experiment};
use crate::kernel::money::{Currency, Money};

/// What is said of an offer. Of what may be without a value, `Some(None)` takes it away.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub name: Option<String>,
    pub placements: Option<Vec<String>>,
    pub channels: Option<Vec<Channel>>,
    /// From channel name, or `default`, to an object.
    pub content: Option<Map<String, Value>>,
    pub eligibility: Option<String>,
    pub rank: Option<Option<String>>,
    pub priority: Option<i32>,
    pub benefit: Option<Option<Benefit>>,
    pub stacking: Option<Stacking>,
    pub benefit_scope: Option<BenefitScope>,
    pub benefit_products: Option<Vec<ProductId>>,
    pub consent: Option<Option<ConsentPurpose>>,
    pub schedule: Option<Schedule>,
    pub limits: Option<Limits>,
    pub codes: Option<Option<Codes>>,
    pub experiment: Option<Option<Experiment>>,
}

/// What an offer gives.
#[derive(Clone, Copy, Debug)]
pub enum Benefit {
    /// Hundredths of a percent.
    PercentageOff(i32),
    AmountOff(Money),
    FreeProduct(ProductId),
}

/// When an offer counts. Days and minutes are those of the touchpoint's zone.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub starts_on: Option<String>,
    pub ends_on: Option<String>,
    /// ISO numbers: 1 is Monday.
    pub weekdays: Vec<u8>,
    pub from_minute: Option<i32>,
    pub until_minute: Option<i32>,
}

/// How often an offer may be redeemed and shown.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    pub total: Option<i64>,
    pub amount: Option<Money>,
    pub per_customer: Option<i64>,
    pub per_period: Option<i64>,
    pub period: Option<String>,
    pub shown_per_period: Option<i64>,
    pub shown_period: Option<String>,
    pub dismissal_period: Option<String>,
}

/// With what codes an offer is redeemed.
#[derive(Clone, Debug)]
pub enum Codes {
    Shared(String),
    SingleUse,
}

impl Benefit {
    /// What a stored offer gives; none for one that only informs.
    pub fn of(row: &Model) -> Option<Self> {
        let currency = row.benefit_currency.as_deref().and_then(Currency::parse);
        let amount = row.benefit_minor.zip(currency);
        Self::of_columns(row.benefit_kind?, row.benefit_basis_points, amount, row.benefit_product_id)
    }

    /// What the columns of an offer say; only those of its kind are looked at.
    pub(super) fn of_columns(
        kind: BenefitKind,
        basis_points: Option<i32>,
        amount: Option<(i64, Currency)>,
        product: Option<ProductId>,
    ) -> Option<Self> {
        match kind {
            BenefitKind::PercentageOff => basis_points.map(Self::PercentageOff),
            BenefitKind::AmountOff => {
                amount.map(|(minor, currency)| Self::AmountOff(Money::new(minor, currency)))
            }
            BenefitKind::FreeProduct => product.map(Self::FreeProduct),
        }
    }
}

impl Parts {
    /// Writes what is said into the row.
    pub fn apply(self, row: &mut Model, now: Timestamp) {
        set(&mut row.name, self.name);
        set(&mut row.placements, self.placements.map(|placements| json!(unique(placements))));
        let names = |channels: Vec<Channel>| unique(channels).iter().map(|channel| channel.text()).collect();
        set(&mut row.channels, self.channels.map(names));
        set(&mut row.content, self.content.map(Value::Object));
        set(&mut row.eligibility, self.eligibility);
        set(&mut row.rank, self.rank);
        set(&mut row.priority, self.priority);
        set(&mut row.consent, self.consent);
        set(&mut row.stacking, self.stacking);
        set(&mut row.benefit_scope, self.benefit_scope);
        let texts = |ids: Vec<ProductId>| unique(ids).iter().map(|id| json!(id.to_string())).collect();
        set(&mut row.benefit_products, self.benefit_products.map(texts));
        if let Some(benefit) = self.benefit {
            give(row, benefit);
        }
        if let Some(schedule) = self.schedule {
            schedule.apply(row);
        }
        if let Some(limits) = self.limits {
            limits.apply(row);
        }
        if let Some(codes) = self.codes {
            row.code_kind = codes.as_ref().map(|codes| match codes {
                Codes::Shared(_) => CodeKind::Shared,
                Codes::SingleUse => CodeKind::SingleUse,
            });
            row.code = codes.and_then(|codes| match codes {
                Codes::Shared(code) => Some(code),
                Codes::SingleUse => None,
            });
        }
        if let Some(experiment) = self.experiment {
            allocation::assign(row, experiment, now);
        }
        row.updated_at = now;
    }
}

fn set<T>(column: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *column = said;
    }
}

/// Each once, where it first stood.
fn unique<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

fn give(row: &mut Model, benefit: Option<Benefit>) {
    row.benefit_kind = benefit.map(|benefit| match benefit {
        Benefit::PercentageOff(_) => BenefitKind::PercentageOff,
        Benefit::AmountOff(_) => BenefitKind::AmountOff,
        Benefit::FreeProduct(_) => BenefitKind::FreeProduct,
    });
    (row.benefit_basis_points, row.benefit_minor, row.benefit_currency, row.benefit_product_id) =
        match benefit {
            None => (None, None, None, None),
            Some(Benefit::PercentageOff(basis_points)) => (Some(basis_points), None, None, None),
            Some(Benefit::AmountOff(amount)) => {
                (None, Some(amount.minor), Some(amount.currency.code().to_owned()), None)
            }
            Some(Benefit::FreeProduct(product)) => (None, None, None, Some(product)),
        };
}

impl Schedule {
    fn apply(self, row: &mut Model) {
        let mut weekdays = self.weekdays;
        weekdays.sort_unstable();
        weekdays.dedup();
        row.starts_at = self.starts_at;
        row.ends_at = self.ends_at;
        row.starts_on = self.starts_on;
        row.ends_on = self.ends_on;
        row.weekdays = json!(weekdays);
        row.from_minute = self.from_minute;
        row.until_minute = self.until_minute;
    }
}

impl Limits {
    fn apply(self, row: &mut Model) {
        row.limit_total = self.total;
        row.limit_minor = self.amount.map(|amount| amount.minor);
        row.limit_currency = self.amount.map(|amount| amount.currency.code().to_owned());
        row.limit_per_customer = self.per_customer;
        row.limit_per_period = self.per_period;
        row.limit_period = self.period;
        row.limit_shown = self.shown_per_period;
        row.limit_shown_period = self.shown_period;
        row.dismissal_period = self.dismissal_period;
    }
}
