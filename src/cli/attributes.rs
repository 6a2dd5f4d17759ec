//! `encircle attributes`: defines an attribute and counts history for it, with its progress. A run that was broken
//! off goes on where it was; servers may count at the same time.

use std::io::Write;

use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use entities::values::{Aggregate, TextEnum};

use crate::cli::SettingsArgs;
use crate::cli::database::open_existing;
use crate::cli::progress;
use crate::config::Settings;
use crate::db::Db;
use crate::domain::attributes::backfill::{self, Progress};
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::attributes::define::{NewDefinition, define};
use crate::domain::behaviors::names;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use crate::kernel::zone;

#[derive(Debug, Subcommand)]
pub enum AttributesCommand {
    /// Define an attribute, or give one another meaning, and count all history for it
    Define(Box<DefineArgs>),
    /// Count the history that attributes still lack
    Backfill(BackfillArgs),
}

#[derive(Debug, Args)]
pub struct BackfillArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub struct DefineArgs {
    /// The name that rules and devices use: visits_90d
    key: String,
    /// The name of the behaviors that count: "Ticket Scanned"
    #[arg(long, value_name = "NAME")]
    behavior: String,
    /// How many values become one
    #[arg(long, default_value = "COUNT", ignore_case = true, value_parser = aggregates())]
    aggregate: Aggregate,
    /// Which of their properties is reckoned with, names with dots: product.genre
    #[arg(long, value_name = "PATH")]
    property: Option<String>,
    /// A CEL condition on the behavior: 'properties.price >= 10 && channel == "WEB"'
    #[arg(long = "where", value_name = "CEL")]
    filter: Option<String>,
    /// How far back behaviors count: P30D, PT24H [default: all history]
    #[arg(long, value_name = "DURATION")]
    window: Option<String>,
    /// The zone in which days begin [default: that of the settings]
    #[arg(long, value_name = "ZONE", value_parser = zone::parse)]
    time_zone: Option<Tz>,
    /// The name that people use [default: the key]
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Give an attribute that is there another meaning, and count it anew
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

fn aggregates() -> impl TypedValueParser<Value = Aggregate> {
    PossibleValuesParser::new(Aggregate::ALL.iter().map(|aggregate| aggregate.text())).try_map(|text| {
        Aggregate::parse(&text.to_uppercase()).ok_or_else(|| format!("`{text}` is no aggregate"))
    })
}

pub async fn run(command: AttributesCommand, clock: &Clock, ids: &Ids) -> Result<()> {
    match command {
        AttributesCommand::Define(args) => {
            let settings = args.settings.read()?;
            let new = args.definition(settings.time_zone);
            count(&settings, clock, Some((ids, new))).await
        }
        AttributesCommand::Backfill(args) => count(&args.settings.read()?, clock, None).await,
    }
}

impl DefineArgs {
    fn definition(self, zone: Tz) -> NewDefinition {
        NewDefinition {
            label: self.label.unwrap_or_else(|| self.key.clone()),
            key: self.key,
            behavior: self.behavior,
            property: self.property,
            filter: self.filter,
            aggregate: self.aggregate,
            window: self.window,
            time_zone: self.time_zone.unwrap_or(zone).name().to_owned(),
            replace: self.replace,
        }
    }
}

/// Defines what is to be defined, then counts the history that is lacking.
async fn count(settings: &Settings, clock: &Clock, new: Option<(&Ids, NewDefinition)>) -> Result<()> {
    let db = open_existing(settings).await?;
    let counted = count_within(&db, clock, new).await;
    db.close().await?;
    for progress in counted? {
        say(&format!("{} is ready: {} behaviors looked at", progress.key, progress.counted))?;
    }
    say("all attributes are ready")
}

/// What was counted to its end here.
async fn count_within(db: &Db, clock: &Clock, new: Option<(&Ids, NewDefinition)>) -> Result<Vec<Progress>> {
    let attributes = Attributes::open(db).await?;
    if let Some((ids, new)) = new {
        let behavior = new.behavior.clone();
        define(db, ids, &attributes, clock.now(), new).await?;
        if let Some(warning) = names::unknown(db, &behavior).await? {
            eprintln!("encircle: {warning}");
        }
    }
    let bar = progress::bar(None, "{msg} {bar:40} {pos} of {len} behaviors, {eta} left");
    let mut done = Vec::new();
    let counted = backfill::run(
        db,
        &attributes,
        || clock.now(),
        |progress| {
            bar.set_message(progress.key.clone());
            bar.set_length(progress.total.max(progress.counted));
            bar.set_position(progress.counted);
            if progress.is_done {
                done.push(progress.clone());
            }
        },
    );
    let counted = counted.await;
    bar.finish_and_clear();
    counted.map(|()| done)
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").map_err(Error::internal)
}
