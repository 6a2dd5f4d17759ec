//! `encircle demo`: a seeded cinema chain on SQLite, served at once, with a ready-made token for each kind of
//! viewer.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{DEMO_IDS, DEMO_NOW, DemoPeople, find, seed};
use crate::app::{self, App};
use crate::cli::serve::listen;
use crate::config::Settings;
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

pub async fn run(args: DemoArgs) -> Result<()> {
    let (listener, address) = listen(&args.listen).await?;
    let temporary = tempfile::Builder::new().prefix("encircle-demo-").tempdir().map_err(Error::internal)?;
    let directory = args.data.as_deref().unwrap_or(temporary.path());
    let (db, people) = open(directory, args.scale).await?;

    let settings = Settings::default();
    let app = App::new(db.clone(), Clock::fixed(DEMO_NOW), Ids::random(), settings.limits());
    let (router, readiness) = app::server(app, tokens(people), &console(), &settings)?;
    announce(&format!("http://{address}"), args.json).map_err(Error::internal)?;
    serve(listener, router, &readiness, &ServeSettings::default(), shutdown::signal()).await;
    db.close().await
}

/// The demo's database in a directory; seeded if it is not there yet. It gets its name when it is complete,
/// so that a seed that was broken off is begun anew.
async fn open(directory: &Path, scale: u32) -> Result<(Db, DemoPeople)> {
    let unusable =
        |error: std::io::Error| Error::invalid("data", format!("{}: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(unusable)?;
    let file = directory.join(format!("demo-{scale}.db"));
    if !file.exists() {
        let unfinished = directory.join(format!("demo-{scale}.part"));
        for leftover in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{leftover}", unfinished.display()));
        }
        fill(&unfinished, scale).await?;
        std::fs::rename(&unfinished, &file).map_err(unusable)?;
    }
    let config = address_of(&file);
    migrate::migrate(&config).await?;
    let db = Db::connect(&config).await?;
    let missing = || {
        Error::invalid("data", format!("{} is not a demo's database; name another directory", file.display()))
    };
    let people = find(&db).await?.ok_or_else(missing)?;
    Ok((db, people))
}

async fn fill(file: &Path, scale: u32) -> Result<()> {
    let config = address_of(file);
    migrate::migrate(&config).await?;
    let db = Db::connect(&config).await?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("seeding {bar:40} {pos}/{len} customers {elapsed}") {
        bar.set_style(style);
    }
    seed(&db, &Ids::seeded(DEMO_IDS), DEMO_NOW, scale, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    db.close().await
}

fn address_of(file: &Path) -> DbConfig {
    DbConfig::new(format!("sqlite://{}", file.display()))
}

fn tokens(people: DemoPeople) -> Tokens {
    Tokens::new([
        (CUSTOMER_TOKEN, Viewer::Customer(people.customer)),
        (TOUCHPOINT_TOKEN, Viewer::Touchpoint(people.touchpoint)),
        (STAFF_TOKEN, Viewer::Staff(Scopes::all())),
    ])
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
        subscription_endpoint: None,
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
        writeln!(out, "{}", json!({"graphql": graphql, "graphiql": graphiql, "tokens": tokens}))?;
    } else {
        writeln!(out, "\nAurora Cinemas is open.\n")?;
        writeln!(out, "  GraphiQL  {graphiql}\n  GraphQL   {graphql}\n")?;
        writeln!(out, "  Authorization: Bearer {CUSTOMER_TOKEN:<17}Ada Okafor, a customer")?;
        writeln!(out, "  Authorization: Bearer {TOUCHPOINT_TOKEN:<17}a kiosk in Vienna")?;
        writeln!(out, "  Authorization: Bearer {STAFF_TOKEN:<17}staff, who see everything\n")?;
        writeln!(out, "Ctrl-C ends it.")?;
    }
    out.flush()
}
