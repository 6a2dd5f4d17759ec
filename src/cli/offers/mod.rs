//! `encircle offers`: tries an offer on all that is recorded, for as long as it takes, with its progress. Nothing is
//! written.

mod draft;
mod report;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use clap::{Args, Subcommand};
use entities::timestamp::Timestamp;

use crate::cli::SettingsArgs;
use crate::cli::database::open_existing;
use crate::cli::progress;
use crate::config::Settings;
use crate::db::Db;
use crate::db::catalogue::Definitions;
use crate::domain::attributes::window::begin_of;
use crate::domain::offers::faults::Refused;
use crate::domain::offers::schedule::day_number;
use crate::domain::offers::simulation::{Asked, MAX_SAMPLE, Simulation, Simulator};
use crate::domain::segments::catalogue::SegmentDefinitions;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

#[derive(Debug, Subcommand)]
pub enum OffersCommand {
    /// Tell whom an offer would reach, what it would have cost, and which live offers it would outrank
    Simulate(SimulateArgs),
}

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The offer: what `offerCreate` takes as `input`, or `offerUpdate` for one that is there, as JSON
    draft: PathBuf,
    /// From when on purchases are replayed: 2026-01-01, or 2026-01-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: String,
    /// How many customers are drawn
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(i32).range(1..=i64::from(MAX_SAMPLE)))]
    sample: i32,
    /// Another number draws other customers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: i32,
    /// The most offers in one placement
    #[arg(long, value_name = "N", default_value_t = 3)]
    limit: i32,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub async fn run(command: OffersCommand, clock: &Clock, ids: &Ids) -> Result<()> {
    let OffersCommand::Simulate(args) = command;
    let settings = args.settings.read()?;
    let (since, draft) = (read_since(&args.since, settings.time_zone)?, draft::read(&args.draft)?);
    let asked = Asked { draft, since, sample: args.sample, seed: args.seed, limit: args.limit };
    let db = open_existing(&settings).await?;
    let simulated = simulate(&db, &settings, (clock, ids), asked).await;
    db.close().await?;
    write!(std::io::stdout(), "{}", report::Report { simulation: &simulated?, since })
        .map_err(Error::internal)
}

async fn simulate(
    db: &Db,
    settings: &Settings,
    (clock, ids): (&Clock, &Ids),
    asked: Asked,
) -> Result<Simulation> {
    let simulator = Simulator {
        db: db.clone(),
        ids: ids.clone(),
        now: clock.now(),
        zone: settings.time_zone,
        segments: Arc::new(SegmentDefinitions::load(db.connection()).await?),
        universal_holdout: settings.app().universal_holdout,
    };
    let bar = progress::bar(None, "{bar:40} {pos} of {len} customers, {eta} left");
    let simulated = simulator.simulate(asked, None, |progress| {
        bar.set_length(progress.sample);
        bar.set_position(progress.looked_at);
    });
    let simulated = simulated.await;
    bar.finish_and_clear();
    simulated.map_err(complaint)
}

/// All that is wrong with a draft, a line each.
fn complaint(refused: Refused) -> Error {
    let faults = match refused {
        Refused::Failed(error) => return error,
        Refused::Faults(faults) => faults,
    };
    let lines = faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message));
    Error::invalid("draft", lines.collect::<Vec<_>>().join("\n"))
}

fn read_since(text: &str, zone: Tz) -> Result<Timestamp> {
    if let Some(day) = day_number(text) {
        return Ok(begin_of(zone, day));
    }
    Timestamp::parse(text).map_err(|error| {
        let message = format!("--since {text}: {error}; write a day or a time: 2026-01-01T12:00:00Z");
        Error::invalid("since", message)
    })
}
