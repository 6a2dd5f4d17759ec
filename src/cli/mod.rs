//! The commands, one file each.

mod attributes;
mod database;
pub mod demo;
pub mod import;
mod migrate;
mod offers;
mod progress;
mod schema;
mod serve;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::config::Settings;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// The GraphQL gateway for customer touchpoints
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How the log on standard error is written
    #[arg(long, global = true, value_enum, default_value = "text", env = "ENCIRCLE_LOG_FORMAT")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a seeded cinema chain, for trying things out
    Demo(demo::DemoArgs),
    /// Serve the graph
    Serve(serve::ServeArgs),
    /// Bring the database's schema up to date
    Migrate(migrate::MigrateArgs),
    /// Bring customers, behaviors or purchases in from a file
    Import(import::ImportArgs),
    /// Define attributes, and count history for them
    #[command(subcommand)]
    Attributes(attributes::AttributesCommand),
    /// Try offers before they are written
    #[command(subcommand)]
    Offers(offers::OffersCommand),
    /// Print the schema in SDL
    Schema,
}

impl Command {
    /// What is logged when `RUST_LOG` says nothing: a person at a terminal wants to see the command's own words.
    fn default_log(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Migrate(_) => "info,sea_orm_migration=warn",
            Self::Demo(_) | Self::Import(_) | Self::Attributes(_) | Self::Offers(_) | Self::Schema => "warn",
        }
    }
}

/// Where settings come from.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingsArgs {
    /// Settings file (TOML)
    #[arg(long, value_name = "FILE", env = "ENCIRCLE_CONFIG")]
    config: Option<PathBuf>,
    /// Database: sqlite://path or postgres://… [default: sqlite://encircle.db]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl SettingsArgs {
    fn read(&self) -> Result<Settings> {
        let mut settings = Settings::read(self.config.as_deref())?;
        if let Some(url) = &self.database {
            settings.database.url.clone_from(url);
        }
        Ok(settings)
    }
}

/// Stacks of the threads that run requests: deep documents are parsed by recursion.
const STACK: usize = 8 << 20;

/// Runs a command to its end. Errors go to standard error, in words.
pub fn main(cli: Cli) -> ExitCode {
    log(cli.log_format, cli.command.default_log());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let outcome = runtime.map_err(Error::internal).and_then(|runtime| runtime.block_on(run(cli.command)));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("encircle: {error}");
            ExitCode::from(2)
        }
    }
}

/// Sends log events to standard error; `RUST_LOG` says which.
fn log(format: LogFormat, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo(args) => return demo::run(args).await,
        Command::Serve(args) => serve::run(args).await?,
        Command::Migrate(args) => migrate::run(args).await?,
        Command::Import(args) => return import::run(args, &Clock::System, &Ids::random()).await,
        Command::Attributes(command) => attributes::run(command, &Clock::System, &Ids::random()).await?,
        Command::Offers(command) => offers::run(command, &Clock::System, &Ids::random()).await?,
        Command::Schema => schema::run()?,
    }
    Ok(ExitCode::SUCCESS)
}
