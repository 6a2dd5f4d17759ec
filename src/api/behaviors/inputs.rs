//! The arguments of fields that give behaviors.

use async_graphql::{Enum, InputObject};

use crate::api::enums::Channel;
use crate::api::inputs::DateTimeRange;
use crate::db::read::Order;
use crate::domain::behaviors::store;
use crate::graph::PageArguments;

/// What a list of behaviors is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct BehaviorFilter {
    /// Only behaviors with one of these names: `["Product Viewed", "Order Completed"]`.
    #[graphql(validator(max_items = 50))]
    pub names: Option<Vec<String>>,
    /// Only behaviors in one of these channels.
    pub channels: Option<Vec<Channel>>,
    /// When it was done.
    pub occurred_at: Option<DateTimeRange>,
}

/// How a list of behaviors is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum BehaviorSort {
    /// Latest first.
    #[default]
    OccurredAtDesc,
    /// Earliest first.
    OccurredAtAsc,
}

impl BehaviorSort {
    pub fn order(self) -> Order {
        match self {
            Self::OccurredAtDesc => Order::Descending,
            Self::OccurredAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct BehaviorListArguments {
    /// Leaves only behaviors for which all of this holds.
    pub filter: Option<BehaviorFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: BehaviorSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl BehaviorListArguments {
    pub fn filter(&self) -> store::BehaviorFilter {
        let Some(filter) = &self.filter else { return store::BehaviorFilter::default() };
        store::BehaviorFilter {
            names: filter.names.clone(),
            channels: filter
                .channels
                .as_ref()
                .map(|list| list.iter().map(|channel| (*channel).into()).collect()),
            occurred: DateTimeRange::range(&filter.occurred_at),
        }
    }
}
