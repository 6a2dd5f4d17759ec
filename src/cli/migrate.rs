//! `encircle migrate`: brings a database's schema up to date.

use clap::Args;

use crate::cli::SettingsArgs;
use crate::db::migrate;
use crate::kernel::error::Result;

#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

pub async fn run(args: MigrateArgs) -> Result<()> {
    let settings = args.settings.read()?;
    migrate::migrate(&settings.database()).await?;
    tracing::info!("the schema is up to date");
    Ok(())
}
