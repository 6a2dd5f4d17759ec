//! The arguments and inputs of segments.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use crate::api::enums::ConsentPurpose;
use crate::db::read::Order;
use crate::graph::PageArguments;

/// Which segment is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum SegmentBy {
    /// By id: `seg_…`.
    Id(ID),
    /// By the name that rules and devices use: `film_buff`.
    Key(String),
}

#[derive(Clone, Debug, InputObject)]
pub struct SegmentArguments {
    /// Which segment is meant.
    pub by: SegmentBy,
}

/// How a list of segments is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum SegmentSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl SegmentSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct SegmentListArguments {
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: SegmentSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

/// What a segment is to be.
#[derive(InputObject)]
pub struct SegmentCreateInput {
    /// The name that rules and devices use: a small letter, then small letters, digits and `_`, 64 at most. It
    /// stays.
    pub key: String,
    /// The name that people use; the key without one.
    pub name: Option<String>,
    /// A CEL condition on a customer: `attributes.visits_90d >= 3 && traits.plan != "gold"`. It may speak of
    /// `traits`, `attributes`, `consents.MARKETING` (what was said, or null), `identities.EMAIL` (a list),
    /// `createdAt`, `locale` and `now`.
    pub rule: String,
    /// What the segment is used for: who refuses that belongs to it in no case.
    #[graphql(default_with = "ConsentPurpose::Personalization")]
    pub purpose: ConsentPurpose,
}

/// What of a segment is to be another; what is left out stays.
#[derive(InputObject)]
pub struct SegmentUpdateInput {
    /// Which segment.
    pub id: ID,
    /// The name that people use.
    pub name: Option<String>,
    /// A CEL condition on a customer. Everybody is judged anew by another one.
    pub rule: Option<String>,
    /// What the segment is used for.
    pub purpose: Option<ConsentPurpose>,
}

/// Which segment is taken away.
#[derive(InputObject)]
pub struct SegmentDeleteInput {
    /// Its key: `film_buff`.
    pub key: String,
}

/// A rule to be tried.
#[derive(InputObject)]
pub struct SegmentPreviewInput {
    /// A CEL condition on a customer, as `segmentCreate` takes it.
    pub rule: String,
    /// What the segment would be used for.
    #[graphql(default_with = "ConsentPurpose::Personalization")]
    pub purpose: ConsentPurpose,
}
