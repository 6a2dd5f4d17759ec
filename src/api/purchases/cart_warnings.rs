//! What a customer is told of a cart.

use std::borrow::Cow;

use async_graphql::Enum;

use crate::api::offers::batches::OfferById;
use crate::api::offers::types::Offer;
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::domain::purchases::cart::entered;
use crate::domain::purchases::cart::warnings::{self, Warning};
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier};

/// Something to be told of a cart.
pub struct CartWarning;

impl GraphType for CartWarning {
    type Row = Warning;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "CartWarning".into()
    }

    fn description() -> Cow<'static, str> {
        "What the customer should be told of a cart.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("code", "For programs: what kind of thing it is.", &[], |row| {
            EnumLeaf(CartWarningCode::from(row.code))
        });
        t.leaf("message", "For developers: what it is.", &[], |row| &row.message);
        t.calc("lineId", "The line that it is about: `cli_…`; null when it is about none.", &[], |row| {
            row.line.map(Identifier)
        });
        t.leaf("enteredCode", "The code that it is about; null when it is about none.", &[], |row| {
            &row.entered
        });
        t.calc("codeReason", "Why the code takes nothing off, of CODE_NOT_APPLIED; null else.", &[], |row| {
            row.fault.map(|fault| EnumLeaf(CartCodeReason::from(fault)))
        });
        t.calc("available", "How many there are left, of OUT_OF_STOCK; null else.", &[], |row| {
            row.left.map(count)
        });
        t.maybe::<Offer, _>(
            "offer",
            "The offer that it is about; null when it is about none, or it is over and you may not see it any more.",
            &[],
            |row| row.offer.map(OfferById),
        );
        t.leaf("retryAt", "When it may go otherwise; null when waiting does not help.", &[], |row| {
            &row.retry_at
        });
    }
}

/// What kind of thing a cart warns of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "warnings::Code")]
pub enum CartWarningCode {
    /// The line costs another amount than when it was added or last changed.
    PriceChanged,
    /// The line is not held any more, but there still are enough.
    HoldExpired,
    /// The line is not held, for the customer has held it as long as may be: it can be bought and paid for at once, or held
    /// again from `retryAt` on.
    HoldLimitReached,
    /// There are not so many left.
    OutOfStock,
    /// The product is not sold in this currency any more.
    NotSold,
    /// The code takes nothing off this cart.
    CodeNotApplied,
    /// An offer that applied by itself when the cart was last changed takes nothing off any more: it is over or used up,
    /// or another one applies instead.
    OfferNotApplied,
    /// The customer has another cart, begun before signing in.
    OtherCart,
    /// It costs more than can be counted: nothing is taken off, and it cannot be bought.
    TooDear,
}

/// Why a code takes nothing off a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entered::Fault")]
pub enum CartCodeReason {
    /// It is no code that can be used: not known, used before, another customer's, or its offer is over.
    Unknown,
    /// Its offer does not count at this time, by its schedule.
    NotNow,
    /// Its offer is not for this customer, this cart or this channel: a smaller cart than it asks for, say.
    NotEligible,
    /// The customer has used its offer as often as it may.
    LimitReached,
    /// Not as much is left of its offer as it would take off.
    UsedUp,
    /// Its offer is in another currency than the cart.
    OtherCurrency,
    /// There is nothing in the cart that it could be taken off.
    NothingToTakeOff,
    /// It does not go together with another offer that applies.
    NotTogether,
}
