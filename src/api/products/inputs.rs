//! The arguments of fields that give products.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use crate::api::enums::ProductKind;
use crate::api::inputs::DateTimeRange;
use crate::db::read::Order;
use crate::domain::products::store::{self, SortKey};
use crate::graph::PageArguments;

/// Which product is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum ProductBy {
    /// By id: `prd_…`.
    Id(ID),
    /// By the brand's own code: `POPCORN-L`.
    Sku(String),
}

#[derive(Clone, Debug, InputObject)]
pub struct ProductArguments {
    /// Which product is meant.
    pub by: ProductBy,
}

/// What a list of products is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Only products of one of these kinds.
    pub kinds: Option<Vec<ProductKind>>,
    /// Only products with one of these codes.
    #[graphql(validator(max_items = 100))]
    pub skus: Option<Vec<String>>,
    /// When it takes place; leaves out what takes place at no time.
    pub starts_at: Option<DateTimeRange>,
}

/// How a list of products is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ProductSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// What starts latest first; leaves out what takes place at no time.
    StartsAtDesc,
    /// What starts soonest first; leaves out what takes place at no time.
    StartsAtAsc,
}

impl ProductSort {
    pub fn order(self) -> (SortKey, Order) {
        match self {
            Self::CreatedAtDesc => (SortKey::Created, Order::Descending),
            Self::CreatedAtAsc => (SortKey::Created, Order::Ascending),
            Self::StartsAtDesc => (SortKey::Starts, Order::Descending),
            Self::StartsAtAsc => (SortKey::Starts, Order::Ascending),
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct ProductListArguments {
    /// Leaves only products for which all of this holds.
    pub filter: Option<ProductFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: ProductSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl ProductListArguments {
    pub fn filter(&self) -> store::ProductFilter {
        let Some(filter) = &self.filter else { return store::ProductFilter::default() };
        store::ProductFilter {
            kinds: filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind| (*kind).into()).collect()),
            skus: filter.skus.clone(),
            starts: DateTimeRange::range(&filter.starts_at),
        }
    }
}
