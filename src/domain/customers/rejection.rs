//! How a service says no: a refusal that the caller can mend, told apart from a failure.

use entities::timestamp::Timestamp;
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::db::Db;
use crate::kernel::error::{Error, Result};

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
}

impl Refusal {
    pub fn new(reason: Reason, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason, path: path.into(), message: message.into(), retry_at: None }
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

/// How often a transaction is run that others get in the way of.
const ATTEMPTS: usize = 8;

/// Runs `work` on its input in one transaction, and again when another writer was quicker; a refusal leaves
/// nothing. The input is passed rather than captured, so that the work may move between threads.
pub async fn write<I, T>(
    db: &Db,
    input: &I,
    work: impl for<'t> Fn(&'t DatabaseTransaction, &'t I) -> BoxFuture<'t, Result<T, Rejection>>,
) -> Result<T, Rejection> {
    let mut attempt = 1;
    loop {
        let transaction = db.begin().await?;
        let done = match work(&transaction, input).await {
            Ok(value) => db.commit(transaction).await.map(|()| value).map_err(Rejection::from),
            Err(rejection) => {
                transaction.rollback().await?;
                Err(rejection)
            }
        };
        match done {
            Err(Rejection::Failed(Error::Conflict(_))) if attempt < ATTEMPTS => attempt += 1,
            Err(Rejection::Failed(Error::Conflict(_))) => {
                let message = "Others kept changing the same customers; try again.";
                return Err(Error::Unavailable(message.to_owned()).into());
            }
            done => return done,
        }
    }
}
