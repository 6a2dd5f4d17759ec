//! The arguments and inputs of attributes.

use async_graphql::{Enum, InputObject};

use crate::api::enums::Aggregate;
use crate::api::scalars::{Duration, TimeZone};
use crate::db::read::Order;
use crate::graph::PageArguments;

#[derive(Clone, Debug, Default, InputObject)]
pub struct AttributesArguments {
    /// Only the attributes with these keys, in this order; all of them without it.
    #[graphql(validator(max_items = 100))]
    pub keys: Option<Vec<String>>,
}

/// How a list of definitions is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum AttributeDefinitionSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl AttributeDefinitionSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct AttributeDefinitionListArguments {
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: AttributeDefinitionSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

/// What an attribute is to mean.
#[derive(InputObject)]
pub struct AttributeDefineInput {
    /// The name that rules and devices use: a small letter, then small letters, digits and `_`, 64 at most. With the
    /// same meaning as one that is there nothing changes but the label; another meaning needs `replace`.
    pub key: String,
    /// The name that people use; the key without one.
    pub label: Option<String>,
    /// The name of the behaviors that count: `Product Viewed`.
    pub behavior: String,
    /// Which of their properties is reckoned with, names with dots: `product.genre`. COUNT and DAYS_SINCE_LAST take
    /// only behaviors that have it; FIRST and LAST without one give the time.
    pub property: Option<String>,
    /// A CEL condition on the behavior: `properties.price >= 10 && channel == "WEB"`.
    #[graphql(name = "where")]
    pub filter: Option<String>,
    /// How many values become one.
    pub aggregate: Aggregate,
    /// How far back behaviors count, ISO 8601: `P30D` (days, which turn at midnight) or `PT24H` (to the second, 168
    /// hours at most); all history without one.
    pub window: Option<Duration>,
    /// The zone in which days begin; the brand's without one.
    pub time_zone: Option<TimeZone>,
    /// Whether an attribute that is there may be given another meaning. It is counted anew from all history then, and
    /// has no value until that is done.
    #[graphql(default)]
    pub replace: bool,
}

/// Which attribute is taken away.
#[derive(InputObject)]
pub struct AttributeDeleteInput {
    /// Its key: `visits_90d`.
    pub key: String,
}
