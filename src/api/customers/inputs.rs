//! The arguments of fields that give customers.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use crate::api::enums::IdentityKind;
use crate::api::inputs::DateTimeRange;
use crate::db::read::Order;
use crate::domain::customers::store;
use crate::graph::PageArguments;

/// Which customer is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerBy {
    /// By id: `cus_…`.
    Id(ID),
    /// By something that identifies it.
    Identity(CustomerIdentityInput),
}

/// Something that identifies a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerIdentityInput {
    /// What kind of thing it is.
    #[graphql(name = "type")]
    pub kind: IdentityKind,
    /// The thing itself, in the form it was recorded in: `ada@example.com`.
    #[graphql(validator(min_length = 1, max_length = 320))]
    pub value: String,
}

#[derive(Clone, Debug, InputObject)]
pub struct CustomerArguments {
    /// Which customer is meant.
    pub by: CustomerBy,
}

/// What a list of customers is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerFilter {
    /// When the customer was first seen.
    pub created_at: Option<DateTimeRange>,
    /// True: the customers that were merged into another instead, each as it was; its `mergedInto` is who it
    /// turned out to be. Without it, or false: only those that are customers of their own.
    pub merged: Option<bool>,
}

/// How a list of customers is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum CustomerSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl CustomerSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerListArguments {
    /// Leaves only customers for which all of this holds.
    pub filter: Option<CustomerFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: CustomerSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl CustomerListArguments {
    pub fn filter(&self) -> store::CustomerFilter {
        let filter = self.filter.as_ref();
        store::CustomerFilter {
            created: filter.map(|filter| DateTimeRange::range(&filter.created_at)).unwrap_or_default(),
            merged: filter.and_then(|filter| filter.merged).unwrap_or(false),
        }
    }
}
