//! Which of the two databases an address names. Nothing outside this room asks.

use std::path::PathBuf;

use crate::kernel::error::{Error, Result};

/// One of the databases Encircle runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Postgres,
    Sqlite,
}

impl Backend {
    pub fn of(url: &str) -> Result<Self> {
        match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some("sqlite") => Ok(Self::Sqlite),
            // The address may hold a password: it is not repeated.
            _ => Err(Error::invalid(
                "database",
                "the database address must begin with `sqlite://` (then a file's path) or `postgres://`; it is that of \
                 --database, else of ENCIRCLE__DATABASE__URL, else of the settings file",
            )),
        }
    }
}

/// The file that a `sqlite://` address names.
pub fn sqlite_file(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite://").unwrap_or_default();
    if path.is_empty() || path.starts_with(":memory:") {
        return Err(Error::invalid(
            "database",
            "`sqlite://` must be followed by a file's path; a database in memory cannot be shared by connections",
        ));
    }
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_database() {
        assert_eq!(Backend::of("postgresql://u@h/db").ok(), Some(Backend::Postgres));
        assert_eq!(Backend::of("sqlite://x.db").ok(), Some(Backend::Sqlite));
        assert!(Backend::of("mysql://h/db").is_err());
        assert_eq!(sqlite_file("sqlite:///a b/x.db").ok(), Some(PathBuf::from("/a b/x.db")));
        assert!(sqlite_file("sqlite://:memory:").is_err());
    }
}
