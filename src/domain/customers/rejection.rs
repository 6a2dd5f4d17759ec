//! How a service says no: a refusal that the caller can mend, told apart from a failure.

use entities::ids::ProductId;
use entities::timestamp::Timestamp;
use sea_orm::DbErr;

use crate::db::Failure;
use crate::kernel::error::Error;

/// What kind of mistake a refusal tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Invalid,
    NotFound,
    Conflict,
    BlockedValue,
    LimitReached,
    IdentityTaken,
    SharedTouchpoint,
    /// Somebody else was quicker: what was looked at is another by now.
    Stale,
    OutOfStock,
    PriceChanged,
    OfferExhausted,
    OfferCapped,
    CodeUsed,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The same request is being done at this moment.
    InFlight,
    /// It was tried too often of late.
    RateLimited,
}

/// A mistake of the caller. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// The part of the request that is wrong, dotted: `identities.0.value`; empty when it is the whole.
    pub path: String,
    pub message: String,
    /// When it may go otherwise, if waiting helps.
    pub retry_at: Option<Timestamp>,
    /// The id of what it is about, if that is not a part of the request.
    pub about: Option<String>,
    /// How many of that there are left.
    pub left: Option<i64>,
}

impl Refusal {
    pub fn new(reason: Reason, path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { reason, path, message, retry_at: None, about: None, left: None }
    }

    /// The same of the thing with this id.
    #[must_use]
    pub fn about(self, id: impl std::fmt::Display) -> Self {
        Self { about: Some(id.to_string()), ..self }
    }

    /// Of a product of which there are not so many left.
    pub fn out_of_stock(path: impl Into<String>, product: ProductId, left: i64, message: String) -> Self {
        Self { left: Some(left), ..Self::new(Reason::OutOfStock, path, message).about(product) }
    }

    /// The same for what may be tried again then.
    #[must_use]
    pub fn retry_at(self, retry_at: Timestamp) -> Self {
        Self { retry_at: Some(retry_at), ..self }
    }

    /// The same for a customer that is not there, or not the caller's to see.
    pub fn no_customer(path: impl Into<String>) -> Self {
        Self::new(Reason::NotFound, path, "There is no such customer.")
    }
}

/// Why nothing was done.
#[derive(Clone, Debug)]
pub enum Rejection {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<DbErr> for Rejection {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure for Rejection {
    fn error(&self) -> Option<&Error> {
        match self {
            Self::Refused(_) => None,
            Self::Failed(error) => Some(error),
        }
    }
}
