//! The arguments of fields that give behaviors.

use async_graphql::{Enum, ID, InputObject};

use crate::api::customers::inputs::CustomerBy;
use crate::api::enums::Channel;
use crate::api::inputs::DateTimeRange;
use crate::api::scalars::JSONObject;
use crate::db::read::Order;
use crate::domain::behaviors::store;
use crate::graph::PageArguments;
use crate::graph::scalars::DateTime;

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

/// What was done.
#[derive(InputObject)]
pub struct BehaviorsRecordInput {
    /// The behaviors, at most 500.
    pub behaviors: Vec<BehaviorInput>,
}

/// Something a customer did.
#[derive(InputObject)]
pub struct BehaviorInput {
    /// What was done: `Product Viewed`.
    pub name: String,
    /// Whose behavior it is; nobody yet known by the identity is made. Left out with a customer's token, whose own it
    /// is.
    pub customer: Option<CustomerBy>,
    /// What it was done with, 32 KB at most: `{"sku": "T-104", "genre": "drama"}`.
    pub properties: Option<JSONObject>,
    /// When it was done; now, if it is not said. The future is taken for now.
    pub occurred_at: Option<DateTime>,
    /// An id of your own, unique among what you send: sent again with it, the behavior counts once. With other
    /// content it is refused.
    pub message_id: Option<String>,
    /// The key of the touchpoint where it was done; a touchpoint's own token needs none.
    pub touchpoint: Option<String>,
    /// Through which channel; the touchpoint's without one.
    pub channel: Option<Channel>,
}

/// What behaviors of one name must look like.
#[derive(InputObject)]
pub struct BehaviorDefineInput {
    /// The name of the behaviors: `Product Viewed`. One that is defined already gets the new schema.
    pub name: String,
    /// What the behavior means, for people.
    pub description: Option<String>,
    /// A JSON Schema of their properties: `{"type": "object", "required": ["sku"]}`.
    pub schema: JSONObject,
}

/// Which quarantined behaviors are recorded once more.
#[derive(InputObject)]
pub struct BehaviorsReplayInput {
    /// Their ids, at most 500.
    #[graphql(validator(max_items = 500))]
    pub ids: Vec<ID>,
}

/// What a list of quarantined behaviors is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct QuarantinedBehaviorFilter {
    /// Only behaviors with one of these names.
    #[graphql(validator(max_items = 50))]
    pub names: Option<Vec<String>>,
}

/// How a list of definitions or of quarantined behaviors is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ArrivalSort {
    /// Latest first.
    #[default]
    LatestFirst,
    /// Earliest first.
    EarliestFirst,
}

impl ArrivalSort {
    pub fn order(self) -> Order {
        match self {
            Self::LatestFirst => Order::Descending,
            Self::EarliestFirst => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct QuarantinedBehaviorListArguments {
    /// Leaves only those for which all of this holds.
    pub filter: Option<QuarantinedBehaviorFilter>,
    /// How the list is sorted, by when they arrived.
    #[graphql(default)]
    pub sort: ArrivalSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct BehaviorDefinitionListArguments {
    /// How the list is sorted, by when they were first defined.
    #[graphql(default)]
    pub sort: ArrivalSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}
