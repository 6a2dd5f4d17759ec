//! Enums stored as text, and what they have in common.

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter};

/// An enum that is a text in the database and in the graph, the same in both.
pub trait TextEnum: Copy + Eq + Default + Send + Sync + std::fmt::Debug + 'static {
    /// Every value, in the order of declaration.
    const ALL: &'static [Self];
    fn text(self) -> &'static str;

    /// The value a text stands for.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.text() == text)
    }
}

macro_rules! text_enum {
    (
        $(#[$doc:meta])* $name:ident {
            $(#[$first_doc:meta])* $first:ident = $first_text:tt
            $(, $(#[$value_doc:meta])* $value:ident = $text:tt)* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            #[sea_orm(string_value = $first_text)]
            $first,
            $(
                $(#[$value_doc])*
                #[sea_orm(string_value = $text)]
                $value,
            )*
        }

        impl TextEnum for $name {
            const ALL: &'static [Self] = &[Self::$first, $(Self::$value),*];
            fn text(self) -> &'static str {
                match self {
                    Self::$first => $first_text,
                    $(Self::$value => $text,)*
                }
            }
        }
    };
}

text_enum!(/// Where the brand meets a customer.
Channel {
    /// A web site.
    Web = "WEB",
    /// An app on a phone or tablet.
    MobileApp = "MOBILE_APP",
    /// A self-service terminal.
    Kiosk = "KIOSK",
    /// A till with a person behind it.
    PointOfSale = "POINT_OF_SALE",
    /// An app on a television.
    SmartTv = "SMART_TV",
    /// E-mail.
    Email = "EMAIL",
    /// A telephone call.
    CallCenter = "CALL_CENTER",
    /// A social network or messenger.
    Social = "SOCIAL",
    /// Any other.
    Other = "OTHER",
});
text_enum!(/// What kind of thing identifies a customer.
IdentityKind {
    /// An e-mail address.
    Email = "EMAIL",
    /// A telephone number.
    Phone = "PHONE",
    /// The id of an account with the brand.
    UserId = "USER_ID",
    /// The number of a loyalty card.
    LoyaltyCard = "LOYALTY_CARD",
    /// The random id of a browser or app that nobody has signed in to.
    AnonymousId = "ANONYMOUS_ID",
    /// The id of a device.
    Device = "DEVICE",
});
text_enum!(/// What a customer's data may be used for.
ConsentPurpose {
    /// Measuring how touchpoints are used.
    Analytics = "ANALYTICS",
    /// Choosing what a customer is shown.
    Personalization = "PERSONALIZATION",
    /// Writing to a customer.
    Marketing = "MARKETING",
    /// Selling data to others.
    SaleOfData = "SALE_OF_DATA",
});
text_enum!(/// What a customer said about a purpose. Unread, it counts as denied.
ConsentStatus {
    /// Refused.
    Denied = "DENIED",
    /// Allowed.
    Granted = "GRANTED",
    /// Allowed once, taken back since.
    Revoked = "REVOKED",
});
text_enum!(/// How values of many behaviors become one.
Aggregate {
    /// How many there are.
    Count = "COUNT",
    /// Their total.
    Sum = "SUM",
    /// The least.
    Min = "MIN",
    /// The greatest.
    Max = "MAX",
    /// Their mean.
    Average = "AVERAGE",
    /// The earliest.
    First = "FIRST",
    /// The latest.
    Last = "LAST",
    /// The one that occurs most often.
    MostFrequent = "MOST_FREQUENT",
    /// How many different ones there are.
    DistinctCount = "DISTINCT_COUNT",
    /// How many days ago the latest was.
    DaysSinceLast = "DAYS_SINCE_LAST",
});
text_enum!(/// Whether an attribute's value counts all history yet.
AttributeStatus {
    /// History is being counted.
    Backfilling = "BACKFILLING",
    /// All history is counted.
    Ready = "READY",
});
text_enum!(/// What kind of thing is sold.
ProductKind {
    /// Admission to something at a time.
    Ticket = "TICKET",
    /// A thing handed over.
    Physical = "PHYSICAL",
    /// Something delivered by wire.
    Digital = "DIGITAL",
});
text_enum!(/// Where an offer is in its life.
OfferStatus {
    /// Being written; nobody is shown it.
    Draft = "DRAFT",
    /// Shown to those it is for.
    Live = "LIVE",
    /// Held back for now.
    Paused = "PAUSED",
    /// Over.
    Ended = "ENDED",
    /// Over and out of the lists.
    Archived = "ARCHIVED",
});
text_enum!(/// What an offer gives.
BenefitKind {
    /// A share of the price.
    PercentageOff = "PERCENTAGE_OFF",
    /// An amount of money.
    AmountOff = "AMOUNT_OFF",
    /// A product for nothing.
    FreeProduct = "FREE_PRODUCT",
});
text_enum!(/// What kind of codes an offer is redeemed with.
CodeKind {
    /// One that everybody uses.
    Shared = "SHARED",
    /// Many, each of which works once.
    SingleUse = "SINGLE_USE",
});
text_enum!(/// What an offer goes together with when a cart is priced.
Stacking {
    /// With all others of this mode.
    Stack = "STACK",
    /// Instead of all others, if it takes more off than they do.
    BestDeal = "BEST_DEAL",
    /// Instead of all others.
    Exclusive = "EXCLUSIVE",
});
text_enum!(/// What a benefit is taken off from.
BenefitScope {
    /// Once from all lines together.
    AcrossLines = "ACROSS_LINES",
    /// From each line; an amount from each of its units.
    PerLine = "PER_LINE",
});
text_enum!(/// Where a purchase is in its life.
PurchaseStatus {
    /// Ordered, not yet paid.
    Pending = "PENDING",
    /// Paid.
    Paid = "PAID",
    /// Called off before it was paid.
    Canceled = "CANCELED",
    /// Paid, and some of it given back.
    PartiallyRefunded = "PARTIALLY_REFUNDED",
    /// Paid, and all of it given back.
    Refunded = "REFUNDED",
});
text_enum!(/// What a customer did with an offer that it was shown.
OfferResponse {
    /// It was seen.
    Shown = "SHOWN",
    /// It was followed.
    Clicked = "CLICKED",
    /// It was sent away.
    Dismissed = "DISMISSED",
});
text_enum!(/// Where the use of an offer stands.
RedemptionStatus {
    /// Reserved while a cart is open.
    Held = "HELD",
    /// Used in a purchase.
    Redeemed = "REDEEMED",
    /// Reserved, and let go unused.
    Released = "RELEASED",
    /// Used, and given back with the purchase.
    RolledBack = "ROLLED_BACK",
});

#[cfg(test)]
mod tests {
    use sea_orm::ActiveEnum;

    use super::*;

    fn database_and_text_agree<E: TextEnum + ActiveEnum<Value = String>>() {
        for value in E::ALL {
            assert_eq!(value.to_value(), value.text());
            assert_eq!(E::parse(value.text()), Some(*value));
        }
        assert_eq!(E::ALL.len(), E::iter().count());
        assert_eq!(E::parse(""), None);
    }

    #[test]
    fn every_value_has_one_text() {
        database_and_text_agree::<Channel>();
        database_and_text_agree::<IdentityKind>();
        database_and_text_agree::<ConsentPurpose>();
        database_and_text_agree::<ConsentStatus>();
        database_and_text_agree::<Aggregate>();
        database_and_text_agree::<AttributeStatus>();
        database_and_text_agree::<ProductKind>();
        database_and_text_agree::<OfferStatus>();
        database_and_text_agree::<BenefitKind>();
        database_and_text_agree::<CodeKind>();
        database_and_text_agree::<Stacking>();
        database_and_text_agree::<BenefitScope>();
        database_and_text_agree::<PurchaseStatus>();
        database_and_text_agree::<RedemptionStatus>();
    }
}
