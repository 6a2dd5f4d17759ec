//! The enums of the schema, as frontends see those of the tables.

use async_graphql::Enum;

/// Where the brand meets a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::Channel")]
pub enum Channel {
    /// A web site.
    Web,
    /// An app on a phone or tablet.
    MobileApp,
    /// A self-service terminal.
    Kiosk,
    /// A till with a person behind it.
    PointOfSale,
    /// An app on a television.
    SmartTv,
    /// E-mail.
    Email,
    /// A telephone call.
    CallCenter,
    /// A social network or messenger.
    Social,
    /// Any other.
    Other,
}

/// What kind of thing identifies a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::IdentityKind", name = "IdentityType")]
pub enum IdentityKind {
    /// An e-mail address, lower case.
    Email,
    /// A telephone number, E.164: `+43660…`.
    Phone,
    /// The id of an account with the brand.
    UserId,
    /// The number of a loyalty card.
    LoyaltyCard,
    /// The random id of a browser or app that nobody has signed in to.
    AnonymousId,
    /// The id of a device.
    Device,
}

/// What a customer's data may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::ConsentPurpose")]
pub enum ConsentPurpose {
    /// Measuring how touchpoints are used.
    Analytics,
    /// Choosing what a customer is shown.
    Personalization,
    /// Writing to a customer.
    Marketing,
    /// Selling data to others.
    SaleOfData,
}

/// What a customer said about a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::ConsentStatus")]
pub enum ConsentStatus {
    /// Allowed.
    Granted,
    /// Refused.
    Denied,
    /// Allowed once, taken back since.
    Revoked,
}

/// What kind of thing is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::ProductKind")]
pub enum ProductKind {
    /// Admission to something at a time: a seat at a showing.
    Ticket,
    /// A thing handed over: popcorn.
    Physical,
    /// Something delivered by wire: a stream.
    Digital,
}

/// Where an offer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::OfferStatus")]
pub enum OfferStatus {
    /// Being written; nobody is shown it.
    Draft,
    /// Shown to those it is for.
    Live,
    /// Held back for now.
    Paused,
    /// Over.
    Ended,
    /// Over and out of the lists.
    Archived,
}

/// What kind of codes an offer is redeemed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::CodeKind", name = "OfferCodeKind")]
pub enum CodeKind {
    /// One code that everybody uses.
    Shared,
    /// Many codes, each of which works once.
    SingleUse,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Weekday {
    /// ISO day 1.
    Monday,
    /// ISO day 2.
    Tuesday,
    /// ISO day 3.
    Wednesday,
    /// ISO day 4.
    Thursday,
    /// ISO day 5.
    Friday,
    /// ISO day 6.
    Saturday,
    /// ISO day 7.
    Sunday,
}

impl Weekday {
    const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The day's ISO number.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The day with an ISO number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }
}

/// Where a purchase is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::PurchaseStatus")]
pub enum PurchaseStatus {
    /// Ordered, not yet paid.
    Pending,
    /// Paid.
    Paid,
    /// Called off before it was paid.
    Canceled,
    /// Paid, and some of it given back.
    PartiallyRefunded,
    /// Paid, and all of it given back.
    Refunded,
}

/// Where the use of an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::RedemptionStatus")]
pub enum RedemptionStatus {
    /// Reserved while a cart is open.
    Held,
    /// Used in a purchase.
    Redeemed,
    /// Reserved, and let go unused.
    Released,
    /// Used, and given back with the purchase.
    RolledBack,
}

/// How values of many behaviors become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::Aggregate")]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// The total of numbers; 0 of none.
    Sum,
    /// The least number.
    Min,
    /// The greatest number.
    Max,
    /// The mean of numbers.
    Average,
    /// The earliest value; without a property, when it was first done.
    First,
    /// The latest value; without a property, when it was last done.
    Last,
    /// The value that occurs most often; of several, the one that occurred last. Each element of a list is a value.
    MostFrequent,
    /// How many different values there are. Each element of a list is a value.
    DistinctCount,
    /// How many days ago it was last done, by the calendar: 0 is today.
    DaysSinceLast,
}

/// Whether an attribute's value counts all history yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::AttributeStatus")]
pub enum AttributeStatus {
    /// History is being counted; values are null until it is.
    Backfilling,
    /// All history is counted: values are exact.
    Ready,
}

/// What became of a behavior that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum BehaviorStatus {
    /// It is recorded.
    Recorded,
    /// The same was recorded before; nothing changed.
    Known,
    /// It does not look as its definition says; staff can mend the definition and replay it.
    Quarantined,
    /// The customer refuses that it is stored; it was not.
    Withheld,
    /// It is not what it must be, contradicts what is recorded or in quarantine, or is of no known name; it was not
    /// recorded.
    Refused,
}

/// What an offer's benefit goes together with when a cart is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::Stacking")]
pub enum Stacking {
    /// With all others of this mode, one after the other by priority.
    Stack,
    /// Instead of all others, if it takes more off than they do together.
    BestDeal,
    /// Instead of all others: the first by priority that takes anything off.
    Exclusive,
}

/// What an offer's benefit is taken off from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::values::BenefitScope")]
pub enum BenefitScope {
    /// Once from all lines together.
    AcrossLines,
    /// From each line; an amount from each of its units.
    PerLine,
}
