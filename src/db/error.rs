//! The one conversion of database errors: a violated unique key is a conflict; a transaction that made way for another
//! is contended; a database that is busy or away is unavailable; all else is our fault.

use deadpool_postgres::PoolError;
use rusqlite::ErrorCode;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::kernel::error::Error;

const CONTENDED: &str = "another writer was in the way";
const BUSY: &str = "the database is busy or away; try again";

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(message)) = error.sql_err() {
            return Self::Conflict(message);
        }
        match &error {
            DbErr::ConnectionAcquire(_) => unavailable(&error),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))
                if is_contended(cause) =>
            {
                tracing::debug!(%error, "another writer was in the way");
                Self::Contended(CONTENDED.to_owned())
            }
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause))
                if is_sqlx_transient(cause) =>
            {
                unavailable(&error)
            }
            _ => Self::internal(error),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(cause) if cause.code().code() == "23505" => Self::Conflict(cause.message().to_owned()),
            Some(cause) if is_transient_state(cause.code().code()) => unavailable(&error),
            // PostgreSQL's own message is in the cause, which `Display` leaves out.
            Some(cause) => Self::internal(format!("{} ({})", cause.message(), cause.code().code())),
            None if error.is_closed() || is_io(&error) => unavailable(&error),
            None => Self::internal(format!("{error}: {:?}", std::error::Error::source(&error))),
        }
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(cause) => cause.into(),
            PoolError::Timeout(_) | PoolError::Closed => unavailable(&error),
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => Self::internal(error),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen,
            ) => unavailable(&error),
            _ => Self::internal(error),
        }
    }
}

/// The caller is told to come back; the log is told why.
fn unavailable(cause: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%cause, "database unavailable");
    Error::Unavailable(BUSY.to_owned())
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

fn is_sqlx_transient(error: &sea_orm::sqlx::Error) -> bool {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => true,
        Sqlx::Database(cause) => cause.code().is_some_and(|code| {
            // SQLite gives numbers below six digits, whose low byte is the kind: 5 busy, 6 locked, 13 full.
            match code.parse::<u32>() {
                Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 13),
                _ => is_transient_state(&code),
            }
        }),
        _ => false,
    }
}

/// Whether a transaction was chosen to make way for another: it was rolled back, and can be run again at once.
fn is_contended(error: &sea_orm::sqlx::Error) -> bool {
    let state = error.as_database_error().and_then(|cause| cause.code());
    state.is_some_and(|state| matches!(&*state, "40001" | "40P01"))
}

/// PostgreSQL's states that a retry may cure: lost connections, conflicts between transactions, missing
/// resources, cancelled statements, a server that starts or stops.
fn is_transient_state(state: &str) -> bool {
    matches!(state.get(..2), Some("08" | "40" | "53"))
        || matches!(state, "55P03" | "57014" | "57P01" | "57P02" | "57P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_pass_are_told_from_those_that_stay() {
        for state in ["40001", "40P01", "57014", "53300", "08006", "57P01"] {
            assert!(is_transient_state(state), "{state}");
        }
        for state in ["23503", "42601", "22P02", ""] {
            assert!(!is_transient_state(state), "{state}");
        }
    }

    #[test]
    fn an_interrupted_statement_is_worth_a_retry_and_a_wrong_one_is_not() {
        let of = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        assert!(matches!(Error::from(of(rusqlite::ffi::SQLITE_INTERRUPT)), Error::Unavailable(_)));
        assert!(matches!(Error::from(of(rusqlite::ffi::SQLITE_BUSY)), Error::Unavailable(_)));
        assert!(matches!(Error::from(of(rusqlite::ffi::SQLITE_CORRUPT)), Error::Internal(_)));
        let timeout = DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        assert!(matches!(Error::from(timeout), Error::Unavailable(_)));
    }
}
