//! Inputs that several nouns share, and how ids are read from arguments.

use async_graphql::{ID, InputObject};
use entities::ids::Id;

use crate::api::scalars::{CurrencyCode, Decimal};
use crate::domain::time_range::TimeRange;
use crate::graph::scalars::DateTime;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Money;

/// A span of time. Without `from` it has no beginning, without `until` no end.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DateTimeRange {
    /// The first instant that is in the range.
    pub from: Option<DateTime>,
    /// The first instant that is out of it again.
    pub until: Option<DateTime>,
}

impl DateTimeRange {
    pub fn range(range: &Option<Self>) -> TimeRange {
        let bound = |time: Option<DateTime>| time.map(|time| time.0);
        range.as_ref().map_or_else(TimeRange::default, |range| TimeRange {
            from: bound(range.from),
            until: bound(range.until),
        })
    }
}

/// An amount of a currency.
#[derive(InputObject)]
pub struct MoneyInput {
    /// The amount, with at most the currency's own number of digits: `"12.50"`.
    pub amount: Decimal,
    /// The currency, ISO 4217: `EUR`.
    pub currency_code: CurrencyCode,
}

impl MoneyInput {
    /// The amount in minor units; `path` is where it stands.
    pub fn money(&self, path: &str) -> Result<Money> {
        let (amount, currency) = (self.amount.value(), self.currency_code.value());
        Money::from_amount(amount, currency).ok_or_else(|| {
            let digits = currency.minor_digits();
            let message =
                format!("`{amount}` is no amount of {}, which has {digits} digits", currency.code());
            Error::invalid(format!("{path}.amount"), message)
        })
    }
}

/// Reads an id argument; an id of another kind is the caller's mistake.
pub fn parse_id<I: Id>(field: &str, id: &ID) -> Result<I> {
    I::parse(id).map_err(|error| {
        Error::invalid(field, format!("`{}` is not an id for `{field}`: {error}", id.as_str()))
    })
}
