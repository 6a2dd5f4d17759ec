//! What payloads of mutations have in common: errors that are expected, as data, and how a service's result
//! becomes a payload.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, SimpleObject};

use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::offers::faults::Refused;
use crate::graph::plans::RequestState;
use crate::graph::scalars::DateTime;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::Scope;

/// Why a mutation did not do what was asked. Nothing of it was done, unless the payload says so.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// For programs: what kind of mistake it is.
    pub code: UserErrorCode,
    /// The path of the argument that is wrong: `["input", "identities", "0", "value"]`; null when it is the whole.
    pub field: Option<Vec<String>>,
    /// For developers: what is wrong and what to do.
    pub message: String,
    /// When to try again; null when waiting does not help.
    pub retry_at: Option<DateTime>,
    /// The id of what it is about beyond the argument: the product `prd_…` of OUT_OF_STOCK and of a LIMIT_REACHED of what is
    /// held, the offer `off_…` of OFFER_EXHAUSTED, OFFER_CAPPED and CODE_USED; null when it is about none, or about
    /// several.
    pub about: Option<ID>,
    /// How many there are left, of OUT_OF_STOCK; null else.
    pub available: Option<i32>,
}

/// What kind of mistake a [`UserError`] tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// A value is not what it must be.
    Invalid,
    /// What was named is not there, or not yours to see.
    NotFound,
    /// It contradicts what is there already.
    Conflict,
    /// The value identifies nobody and is refused: `null`, `guest`, zeros.
    BlockedValue,
    /// There are as many as there may be.
    LimitReached,
    /// The identity is another customer's, and the two may not be joined by this.
    IdentityTaken,
    /// A touchpoint that many people use cannot be anybody's identity.
    SharedTouchpoint,
    /// Somebody, maybe the same customer on another device, was quicker: read it again.
    Stale,
    /// There are not so many left.
    OutOfStock,
    /// It costs another amount by now.
    PriceChanged,
    /// All of the offer is taken.
    OfferExhausted,
    /// The customer has used the offer as often as it may.
    OfferCapped,
    /// The code has been used.
    CodeUsed,
    /// The idempotency key was used for another request.
    KeyReused,
    /// A request with this idempotency key is being done at this moment: ask again with the same key.
    InFlight,
    /// It was tried too often: `retryAt` says when to try again.
    RateLimited,
}

impl UserError {
    /// `path` is dotted: `input.identities.0.value`; empty when it is the whole.
    pub fn new(code: UserErrorCode, path: &str, message: impl Into<String>) -> Self {
        let field = (!path.is_empty()).then(|| path.split('.').map(str::to_owned).collect());
        Self { code, field, message: message.into(), retry_at: None, about: None, available: None }
    }
}

/// What a mutation works with: who asks, and the services.
pub fn reads<'c>(context: &'c Context<'_>) -> async_graphql::Result<&'c Arc<Reads>> {
    Ok(&context.data::<Arc<RequestState<Reads>>>()?.reader)
}

/// Refuses who does not hold the scope.
pub fn require(reads: &Reads, scope: Scope) -> async_graphql::Result<()> {
    if reads.viewer.holds(scope) {
        return Ok(());
    }
    let error = Error::Forbidden(format!("This needs the scope `{}`, which your token lacks.", scope.name()));
    Err(graphql_error(reads, &error))
}

/// Parts what the caller can mend, which goes into the payload, from what fails the field.
pub fn settle<T>(reads: &Reads, result: Result<T>) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    let error = match result {
        Ok(value) => return Ok(Ok(value)),
        Err(error) => error,
    };
    let (code, field) = match &error {
        Error::Invalid { field, .. } => (UserErrorCode::Invalid, field.as_str()),
        Error::NotFound(_) => (UserErrorCode::NotFound, ""),
        Error::Conflict(_) => (UserErrorCode::Conflict, ""),
        Error::Forbidden(_) | Error::Contended(_) | Error::Unavailable(_) | Error::Internal(_) => {
            return Err(graphql_error(reads, &error));
        }
    };
    Ok(Err(vec![UserError::new(code, field, error.to_string())]))
}

/// The same for services whose conflicts and unknown names are about one argument.
pub fn settle_at<T>(
    reads: &Reads,
    result: Result<T>,
    path: &str,
) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    let settled = settle(reads, result)?;
    Ok(settled.map_err(|errors| {
        let at = |error: UserError| match error.field {
            None => UserError::new(error.code, path, error.message),
            Some(_) => error,
        };
        errors.into_iter().map(at).collect()
    }))
}

/// The same for services that refuse with a reason of their own; their paths begin in the input.
pub fn settle_refusal<T>(
    reads: &Reads,
    result: Result<T, Rejection>,
) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Rejection::Refused(refusal)) => Ok(Err(vec![refusal.into()])),
        Err(Rejection::Failed(error)) => settle(reads, Err(error)),
    }
}

/// The same for services that tell all that is wrong at once.
pub fn settle_faults<T>(
    reads: &Reads,
    result: Result<T, Refused>,
) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Refused::Faults(faults)) => Ok(Err(faults.into_iter().map(UserError::from).collect())),
        Err(Refused::Failed(error)) => settle(reads, Err(error)),
    }
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.reason {
            Reason::Invalid => UserErrorCode::Invalid,
            Reason::NotFound => UserErrorCode::NotFound,
            Reason::Conflict => UserErrorCode::Conflict,
            Reason::BlockedValue => UserErrorCode::BlockedValue,
            Reason::LimitReached => UserErrorCode::LimitReached,
            Reason::IdentityTaken => UserErrorCode::IdentityTaken,
            Reason::SharedTouchpoint => UserErrorCode::SharedTouchpoint,
            Reason::Stale => UserErrorCode::Stale,
            Reason::OutOfStock => UserErrorCode::OutOfStock,
            Reason::PriceChanged => UserErrorCode::PriceChanged,
            Reason::OfferExhausted => UserErrorCode::OfferExhausted,
            Reason::OfferCapped => UserErrorCode::OfferCapped,
            Reason::CodeUsed => UserErrorCode::CodeUsed,
            Reason::KeyReused => UserErrorCode::KeyReused,
            Reason::InFlight => UserErrorCode::InFlight,
            Reason::RateLimited => UserErrorCode::RateLimited,
        };
        let path = match refusal.path.as_str() {
            "" => String::new(),
            path => format!("input.{path}"),
        };
        Self {
            retry_at: refusal.retry_at.map(DateTime),
            about: refusal.about.map(ID),
            available: refusal.left.map(count),
            ..Self::new(code, &path, refusal.message)
        }
    }
}

/// The error as a client may see it; an internal one is logged under the id that is shown.
pub fn graphql_error(reads: &Reads, error: &Error) -> async_graphql::Error {
    let safe = crate::graph::failure::to_server_error(error, async_graphql::Pos::default(), reads);
    async_graphql::Error { message: safe.message, source: None, extensions: safe.extensions }
}
