//! `encircle demo`: a seeded cinema chain on SQLite, served at once, with a ready-made token for each kind of
//! viewer.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;

use clap::Args;
use entities::values::{Channel, TextEnum};
use futures_util::poll;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::definitions::{ZONE, are_defined};
use super::{DEMO_IDS, DEMO_NOW, DemoPeople, find, seed};
use crate::app::{self, App};
use crate::cli::serve::listen;
use crate::config::Settings;
use crate::config::write_keys::WriteKeySettings;
use crate::db::connect::DbConfig;
use crate::db::{Db, migrate};
use crate::http::auth::Tokens;
use crate::http::console::ConsoleConfig;
use crate::http::examples::{self, TokenKind};
use crate::http::serve::{ServeSettings, serve};
use crate::http::shutdown;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use crate::kernel::viewer::{Scopes, Viewer};

const CUSTOMER_TOKEN: &str = "demo-customer";
const TOUCHPOINT_TOKEN: &str = "demo-touchpoint";
const STAFF_TOKEN: &str = "demo-staff";
/// For SDKs, as the server of the web shop.
const WRITE_KEY: &str = "demo-write-key";

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Address to serve on; port 0 takes a free one. The demo's tokens are public: keep it to this machine
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    listen: String,
    /// Directory to keep the data in [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times as many customers, behaviors and purchases
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    scale: u32,
    /// Print one line of JSON when ready and nothing else
    #[arg(long)]
    json: bool,
}

/// What shells report of a command that was ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

pub async fn run(args: DemoArgs) -> Result<ExitCode> {
    let (listener, address) = listen(&args.listen).await?;
    let mut stop = pin!(shutdown::signal());
    // Looked at once, so that from here on a signal no longer ends the process and leaves the data behind.
    if poll!(stop.as_mut()).is_ready() {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let temporary = tempfile::Builder::new().prefix("encircle-demo-").tempdir().map_err(Error::internal)?;
    let directory = args.data.as_deref().unwrap_or(temporary.path());
    let Some((db, people)) = open(directory, args.scale, stop.as_mut()).await? else {
        return Ok(ExitCode::from(INTERRUPTED));
    };

    let settings = Settings { time_zone: ZONE, write_keys: vec![write_key()], ..Settings::default() };
    let app = App::open(db.clone(), Clock::fixed(DEMO_NOW), Ids::random(), &settings.app()).await?;
    let upkeep = app.upkeep().start();
    let watching = app.watching().start();
    let (router, readiness) = app::server(app, tokens(people), &console(), &settings)?;
    announce(&format!("http://{address}"), args.json).map_err(Error::internal)?;
    serve(listener, router, &readiness, &ServeSettings::default(), stop).await;
    drop(watching);
    upkeep.stop().await;
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The demo's database in a directory; seeded if it is not there yet. It gets its name when it is complete,
/// so that a seed that was broken off is begun anew. None when it was broken off now.
async fn open(
    directory: &Path,
    scale: u32,
    stop: impl Future<Output = ()>,
) -> Result<Option<(Db, DemoPeople)>> {
    let unusable =
        |error: std::io::Error| Error::invalid("data", format!("{}: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(unusable)?;
    let file = directory.join(format!("demo-{scale}.db"));
    if !file.exists() {
        let unfinished = directory.join(format!("demo-{scale}.part"));
        for leftover in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{leftover}", unfinished.display()));
        }
        if !fill(&unfinished, scale, stop).await? {
            return Ok(None);
        }
        std::fs::rename(&unfinished, &file).map_err(unusable)?;
    }
    let config = address_of(&file);
    migrate::migrate(&config).await?;
    let db = Db::connect(&config).await?;
    let missing = || {
        Error::invalid("data", format!("{} is not a demo's database; name another directory", file.display()))
    };
    let people = find(&db).await?.ok_or_else(missing)?;
    if !are_defined(&db).await? {
        let file = file.display();
        eprintln!(
            "{file} comes from an earlier version, without attributes and segments; remove it to have them"
        );
    }
    Ok(Some((db, people)))
}

/// Seeds, and says whether it came to its end. Either way the file is closed then, and may be removed.
async fn fill(file: &Path, scale: u32, stop: impl Future<Output = ()>) -> Result<bool> {
    let config = address_of(file);
    migrate::migrate(&config).await?;
    let db = Db::connect(&config).await?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("seeding {bar:40} {pos}/{len} customers {elapsed}") {
        bar.set_style(style);
    }
    let ids = Ids::seeded(DEMO_IDS);
    let seeding = seed(&db, &ids, DEMO_NOW, scale, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    let seeded = tokio::select! {
        () = stop => None,
        seeded = seeding => Some(seeded),
    };
    bar.finish_and_clear();
    db.close().await?;
    seeded.transpose().map(|people| people.is_some())
}

fn address_of(file: &Path) -> DbConfig {
    DbConfig::new(format!("sqlite://{}", file.display()))
}

fn tokens(people: DemoPeople) -> Tokens {
    Tokens::new([
        (CUSTOMER_TOKEN, Viewer::Customer(people.customer)),
        (TOUCHPOINT_TOKEN, Viewer::Touchpoint(people.touchpoint)),
        (STAFF_TOKEN, Viewer::staff(Scopes::all())),
    ])
}

/// The web shop's, whose word is taken on who somebody is.
fn write_key() -> WriteKeySettings {
    WriteKeySettings {
        name: "web-shop".to_owned(),
        key: WRITE_KEY.to_owned(),
        touchpoint: None,
        channel: Some(Channel::Web.text().to_owned()),
        trusted: true,
        events_per_second: None,
        burst: None,
    }
}

fn token(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Customer => CUSTOMER_TOKEN,
        TokenKind::Touchpoint => TOUCHPOINT_TOKEN,
        TokenKind::Staff => STAFF_TOKEN,
    }
}

fn console() -> ConsoleConfig {
    ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: Some("/graphql/ws".into()),
        tabs: examples::tabs(|kind| Some(token(kind).to_owned())),
        notice: Some("Demo data. Each tab's Headers hold the token of its viewer.".into()),
    }
}

fn announce(origin: &str, json: bool) -> std::io::Result<()> {
    let (graphql, graphiql) = (format!("{origin}/graphql"), format!("{origin}/graphiql"));
    let mut out = std::io::stdout().lock();
    if json {
        let tokens =
            json!({"customer": CUSTOMER_TOKEN, "touchpoint": TOUCHPOINT_TOKEN, "staff": STAFF_TOKEN});
        let ready =
            json!({"graphql": graphql, "graphiql": graphiql, "tokens": tokens, "writeKey": WRITE_KEY});
        writeln!(out, "{ready}")?;
    } else {
        writeln!(out, "\nAurora Cinemas is open.\n")?;
        writeln!(out, "  GraphiQL  {graphiql}\n  GraphQL   {graphql}\n")?;
        writeln!(out, "  Authorization: Bearer {CUSTOMER_TOKEN:<17}Ada Okafor, a customer")?;
        writeln!(out, "  Authorization: Bearer {TOUCHPOINT_TOKEN:<17}a kiosk in Vienna")?;
        writeln!(out, "  Authorization: Bearer {STAFF_TOKEN:<17}staff, who see everything\n")?;
        writeln!(out, "  Segment and RudderStack SDKs: {origin}, write key {WRITE_KEY}\n")?;
        writeln!(out, "Ctrl-C ends it.")?;
    }
    out.flush()
}
