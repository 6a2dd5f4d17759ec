//! The arguments of fields that give purchases.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use crate::api::enums::{Channel, PurchaseStatus};
use crate::api::inputs::DateTimeRange;
use crate::db::read::Order;
use crate::domain::purchases::store;
use crate::graph::PageArguments;

/// Which purchase is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum PurchaseBy {
    /// By id: `pur_…`.
    Id(ID),
    /// By the number on the receipt.
    Number(String),
}

#[derive(Clone, Debug, InputObject)]
pub struct PurchaseArguments {
    /// Which purchase is meant.
    pub by: PurchaseBy,
}

/// What a list of purchases is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PurchaseFilter {
    /// Only purchases with one of these statuses.
    pub statuses: Option<Vec<PurchaseStatus>>,
    /// Only purchases made in one of these channels.
    pub channels: Option<Vec<Channel>>,
    /// When it was made.
    pub placed_at: Option<DateTimeRange>,
}

/// How a list of purchases is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum PurchaseSort {
    /// Latest first.
    #[default]
    PlacedAtDesc,
    /// Earliest first.
    PlacedAtAsc,
}

impl PurchaseSort {
    pub fn order(self) -> Order {
        match self {
            Self::PlacedAtDesc => Order::Descending,
            Self::PlacedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct PurchaseListArguments {
    /// Leaves only purchases for which all of this holds.
    pub filter: Option<PurchaseFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: PurchaseSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl PurchaseListArguments {
    pub fn filter(&self) -> store::PurchaseFilter {
        let Some(filter) = &self.filter else { return store::PurchaseFilter::default() };
        store::PurchaseFilter {
            statuses: filter
                .statuses
                .as_ref()
                .map(|list| list.iter().map(|status| (*status).into()).collect()),
            channels: filter
                .channels
                .as_ref()
                .map(|list| list.iter().map(|channel| (*channel).into()).collect()),
            placed: DateTimeRange::range(&filter.placed_at),
        }
    }
}
