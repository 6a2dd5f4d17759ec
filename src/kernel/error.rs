//! The one error type. Its variants say who must act: the caller (most of them), nobody but time (contended), the
//! operator (unavailable), we (internal). `code` is what GraphQL clients see in `extensions.code`.

use std::sync::Arc;

/// What went wrong. Cloning is cheap enough to give the same failure to every row that waited for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    NotFound(String),
    /// The caller's input is wrong; `field` is the path of the argument, empty when it is the whole.
    #[error("{message}")]
    Invalid { field: String, message: String },
    /// It contradicts what is there, or a unique key is taken.
    #[error("{0}")]
    Conflict(String),
    /// A transaction made way for another, or what it had read was changed meanwhile. It left nothing behind, and is
    /// cured by running it again.
    #[error("{0}; try again")]
    Contended(String),
    #[error("{0}")]
    Forbidden(String),
    /// A dependency is away for now: worth a retry.
    #[error("{0}")]
    Unavailable(String),
    /// Our fault. The message is for the log only; strangers see `error_id`.
    #[error("{0}")]
    Internal(Arc<str>),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// What is given up after many attempts, others having been quicker each time.
    pub fn overtaken() -> Self {
        Self::Contended("others kept changing the same".to_owned())
    }

    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(message.to_string().into())
    }

    /// Whether it may be over in a moment: the same, asked again, may then be done.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Contended(_) | Self::Unavailable(_))
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "NOT_FOUND",
            Self::Invalid { .. } => "BAD_USER_INPUT",
            Self::Conflict(_) => "CONFLICT",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::Contended(_) | Self::Unavailable(_) => "SERVICE_UNAVAILABLE",
            Self::Internal(_) => "INTERNAL_SERVER_ERROR",
        }
    }
}
