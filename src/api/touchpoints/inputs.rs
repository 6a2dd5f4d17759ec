//! The arguments of fields that give touchpoints.

use async_graphql::{Enum, InputObject};

use crate::db::read::Order;
use crate::graph::PageArguments;

/// What a list of touchpoints is narrowed to.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TouchpointFilter {
    /// Only touchpoints with one of these keys: `["vienna-kiosk-1"]`.
    #[graphql(validator(max_items = 100))]
    pub keys: Option<Vec<String>>,
}

/// How a list of touchpoints is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum TouchpointSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl TouchpointSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct TouchpointListArguments {
    /// Leaves only touchpoints for which this holds.
    pub filter: Option<TouchpointFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: TouchpointSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl TouchpointListArguments {
    pub fn keys(&self) -> Option<&[String]> {
        self.filter.as_ref()?.keys.as_deref()
    }
}
