//! What comes in: behaviors, and what sources say of who somebody is.

use std::sync::Arc;

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;

use crate::domain::behaviors::record::{BehaviorRecord, Outcome};
use crate::domain::customers::caller::Trust;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::Profile;

/// Who sends, and how far it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The source of its messages, unique.
    pub name: String,
    pub trust: Trust,
    /// It is a touchpoint that many people use.
    pub is_shared: bool,
}

/// Something that came in.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// A behavior of the customer that is named; several names must be of one customer.
    Behavior(BehaviorRecord),
    /// A behavior whose several names are said to be one person's: they are joined as far as the sender may.
    Claimed(BehaviorRecord, Arc<Sender>),
    Introduction(Introduction),
}

/// A sender says who somebody is.
#[derive(Clone, Debug)]
pub struct Introduction {
    pub sender: Arc<Sender>,
    /// The strongest first: it says who is meant, the others join it if they can. Never empty.
    pub keys: Vec<IdentityKey>,
    /// What the customer was called before: another account, else a browser.
    pub previous: Option<String>,
    pub profile: Profile,
    /// When it was said.
    pub said_at: Timestamp,
}

/// What became of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Behavior(Outcome),
    Introduced(CustomerId),
    /// With the reason, for people to read.
    NotIntroduced(String),
}
