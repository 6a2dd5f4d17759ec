//! The database of a command that works on what is there.

use crate::config::Settings;
use crate::db::{Db, migrate};
use crate::kernel::error::{Error, Result};

/// Opens a database that must be there, its schema brought up to date. One that is not would be made, empty, at a path
/// that is likely a slip.
pub async fn open_existing(settings: &Settings) -> Result<Db> {
    let config = settings.database();
    if let Some(file) = config.missing_file()? {
        return Err(Error::NotFound(format!(
            "there is no database at {}; check --database and ENCIRCLE__DATABASE__URL, or make one with `encircle \
             migrate`",
            file.display()
        )));
    }
    migrate::migrate(&config).await?;
    Db::connect(&config).await
}
