//! What is said of a PostgreSQL that does not let us in: where it was looked for, why it failed and what to
//! check. Never the password.

use sea_orm::{DbErr, RuntimeErr, sqlx};
use tokio_postgres::config::{Config, Host};

use crate::kernel::error::Error;

/// The error for whoever started the command.
pub fn unreachable(config: &Config, cause: &DbErr) -> Error {
    let (reason, check) = diagnosis(cause);
    Error::Unavailable(format!(
        "PostgreSQL at {} cannot be used: {reason}. {check}. The address is that of --database, else of \
         ENCIRCLE__DATABASE__URL, else of the settings file",
        place(config)
    ))
}

/// Host, port and database.
fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        // Before an `@` stands the end of a password that has one, too.
        Some(Host::Tcp(name)) => name.rsplit('@').next().unwrap_or_default().to_owned(),
        Some(Host::Unix(folder)) => format!("the socket in {}", folder.display()),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_dbname() {
        Some(name) => format!("{host}, port {port}, database `{name}`"),
        None => format!("{host}, port {port}"),
    }
}

/// Why it failed, and what to look at.
fn diagnosis(cause: &DbErr) -> (String, &'static str) {
    const IS_THERE: &str =
        "Check that the server runs, and that host and port are right and open to this machine";
    let error = match cause {
        DbErr::Conn(RuntimeErr::SqlxError(error)) => error.as_ref(),
        DbErr::ConnectionAcquire(_) => return ("it does not answer".to_owned(), IS_THERE),
        other => return (other.to_string(), IS_THERE),
    };
    let sqlx::Error::Database(error) = error else {
        let reason = match error {
            sqlx::Error::PoolTimedOut => "it does not answer".to_owned(),
            other => other.to_string(),
        };
        return (reason, IS_THERE);
    };
    let check = match error.code().as_deref().unwrap_or_default() {
        "3D000" => "Create the database, or correct its name",
        code if code.starts_with("28") => "Check user and password, and that the server lets this user in",
        "53300" => "Close other connections, or allow more with the server's max_connections",
        _ => "The server's own log may say more",
    };
    (error.message().to_owned(), check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_named_and_the_password_is_not() {
        for (url, expected) in [
            ("postgres://ada:secret@db.example:6000/shop", "db.example, port 6000, database `shop`"),
            (
                "postgres://ada:secret@db.example/shop?sslmode=require",
                "db.example, port 5432, database `shop`",
            ),
            ("postgres://ada@%2Frun%2Fpg/shop", "the socket in /run/pg, port 5432, database `shop`"),
            ("postgres://ada:12/secret@db.example/shop", "db.example, port 5432, database `shop`"),
            ("postgres://ada:se@cret@db.example/shop", "db.example, port 5432, database `shop`"),
            ("postgres://db.example", "db.example, port 5432"),
        ] {
            assert_eq!(place(&url.parse().expect("an address")), expected);
        }
    }
}
