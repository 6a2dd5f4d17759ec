//! The arguments of fields that give offers.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entities::values;

use crate::api::enums::{Channel, OfferStatus};
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
