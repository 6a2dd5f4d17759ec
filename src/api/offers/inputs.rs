//! The arguments of fields that give offers, and the inputs of those that change them.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entities::values;

use crate::api::enums::{Channel, OfferStatus};
use crate::api::offers::parts::OfferPartsInput;
use crate::db::read::Order;
use crate::graph::PageArguments;

/// Which offer is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum OfferBy {
    /// By id: `off_…`.
    Id(ID),
    /// By the name that machines use: `popcorn-combo`.
    Key(String),
}

#[derive(Clone, Debug, InputObject)]
pub struct OfferArguments {
    /// Which offer is meant.
    pub by: OfferBy,
}

/// What a list of offers is narrowed to.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferFilter {
    /// Only offers with one of these statuses. Without the scope `offers:read` only live ones are seen anyway.
    pub statuses: Option<Vec<OfferStatus>>,
}

/// How a list of offers is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum OfferSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl OfferSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferListArguments {
    /// Leaves only offers for which this holds.
    pub filter: Option<OfferFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: OfferSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl OfferListArguments {
    pub fn statuses(&self) -> Option<Vec<values::OfferStatus>> {
        let statuses = self.filter.as_ref()?.statuses.as_ref()?;
        Some(statuses.iter().map(|status| (*status).into()).collect())
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferContentArguments {
    /// For which kind of device; without it, the content for all of them.
    pub channel: Option<Channel>,
}

/// What a new offer is to be. All but the key may be left out: it is then for everybody, everywhere, at any time.
#[derive(InputObject)]
pub struct OfferCreateInput {
    /// The name that machines use: `popcorn-combo`. Unique; it stays.
    pub key: String,
    #[graphql(flatten)]
    pub parts: OfferPartsInput,
}

/// What of an offer is to be another. What is left out stays; where null means something, it is said.
#[derive(InputObject)]
pub struct OfferUpdateInput {
    /// Which offer: `off_…`.
    pub id: ID,
    /// The `version` that you have read. When somebody was quicker, nothing is changed and the error CONFLICT tells
    /// the version that it has now.
    pub version: i32,
    #[graphql(flatten)]
    pub parts: OfferPartsInput,
}

/// Which offer is to be shown.
#[derive(InputObject)]
pub struct OfferPublishInput {
    /// Which offer: `off_…`.
    pub id: ID,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
}

/// Which offer is to be held back.
#[derive(InputObject)]
pub struct OfferPauseInput {
    /// Which offer: `off_…`.
    pub id: ID,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
}

/// Which offer is to end.
#[derive(InputObject)]
pub struct OfferEndInput {
    /// Which offer: `off_…`.
    pub id: ID,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
}

/// Which offer is to be put away.
#[derive(InputObject)]
pub struct OfferArchiveInput {
    /// Which offer: `off_…`.
    pub id: ID,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
}

/// For which offer codes are to be made.
#[derive(InputObject)]
pub struct CodesGenerateInput {
    /// Which offer: `off_…`; one with `codes: { singleUse: true }`.
    pub offer_id: ID,
    /// How many, 1 to 100,000. More are made by asking again.
    pub count: i32,
}

#[derive(Clone, Debug, InputObject)]
pub struct ExperienceArguments {
    /// The keys of the placements, 20 at most: `["home-hero", "basket"]`. One in which nothing is shown has an empty
    /// list of offers.
    pub placements: Vec<String>,
    /// For which kind of device; without it that of the device or touchpoint that asks, else WEB.
    pub channel: Option<Channel>,
    /// The most offers in one placement, from 1 to 50.
    #[graphql(default = 3)]
    pub limit: i32,
}
