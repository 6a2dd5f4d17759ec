//! How often an offer may be redeemed and shown, as frontends send it.

use async_graphql::InputObject;

use crate::api::inputs::MoneyInput;
use crate::api::scalars::Duration;
use crate::domain::offers::parts::Limits;
use crate::kernel::error::Result;

/// How often an offer may be redeemed and shown.
#[derive(InputObject)]
pub struct OfferLimitsInput {
    /// By all customers together.
    pub total: Option<i32>,
    /// How much it may take off for all customers together.
    pub amount: Option<MoneyInput>,
    /// By one customer.
    pub per_customer: Option<i32>,
    /// By one customer within `period`.
    pub per_period: Option<i32>,
    /// How far back `perPeriod` looks: `P7D` (days) or `PT24H` (168 hours at most).
    pub period: Option<Duration>,
    /// How often it is shown to one customer within `shownPeriod`, by what devices tell with `Offer Shown`. Of a
    /// customer who refuses ANALYTICS nothing of the kind is kept: then it does not hold.
    pub shown_per_period: Option<i32>,
    /// How far back `shownPerPeriod` looks: `P7D` (days) or `PT24H` (168 hours at most).
    pub shown_period: Option<Duration>,
    /// For how long it is not shown to a customer who sent it away (`Offer Dismissed`): `P30D` or `PT24H`. Not
    /// for one who refuses ANALYTICS, of whom that is not kept.
    pub dismissal_period: Option<Duration>,
}

impl OfferLimitsInput {
    pub fn read(self) -> Result<Limits> {
        Ok(Limits {
            total: self.total.map(Into::into),
            amount: self.amount.map(|amount| amount.money("input.limits.amount")).transpose()?,
            per_customer: self.per_customer.map(Into::into),
            per_period: self.per_period.map(Into::into),
            period: self.period.map(Duration::into_text),
            shown_per_period: self.shown_per_period.map(Into::into),
            shown_period: self.shown_period.map(Duration::into_text),
            dismissal_period: self.dismissal_period.map(Duration::into_text),
        })
    }
}
