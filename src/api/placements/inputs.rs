//! The arguments and inputs of placements.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use crate::db::read::Order;
use crate::graph::PageArguments;

/// How a list of placements is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum PlacementSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl PlacementSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct PlacementListArguments {
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: PlacementSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

/// What a placement is to be.
#[derive(InputObject)]
pub struct PlacementUpsertInput {
    /// The name that devices ask by: `home.hero`. One that is there already is changed.
    pub key: String,
    /// The name that people use; left out, it stays, and is the key at first.
    pub name: Option<String>,
    /// The offer that is shown when no other may be: `off_…`. Left out, it stays; null takes it away.
    pub fallback_offer_id: MaybeUndefined<ID>,
}
