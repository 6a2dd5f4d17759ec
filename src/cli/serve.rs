//! `encircle serve`: the server, on a database that is brought up to date first.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::app::{self, App};
use crate::cli::SettingsArgs;
use crate::config::write_keys;
use crate::db::{Db, migrate};
use crate::http::console::ConsoleConfig;
use crate::http::serve::{ServeSettings, serve};
use crate::http::{examples, shutdown};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// How long the last decisions may take to be written.
const FLUSH: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Address to serve on; port 0 takes a free one [default: 127.0.0.1:4000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Do not bring the schema up to date first
    #[arg(long)]
    no_migrate: bool,
}

pub async fn run(args: ServeArgs) -> Result<()> {
    let mut settings = args.settings.read()?;
    settings.listen = args.listen.unwrap_or(settings.listen);
    // Settings are judged whole before anything is opened.
    let tokens = settings.tokens()?;
    settings.allowed_origins()?;
    write_keys::check(&settings.write_keys)?;
    if !args.no_migrate {
        migrate::migrate(&settings.database()).await?;
    }
    let db = Db::connect(&settings.database()).await?;
    if settings.viewers.is_empty() {
        tracing::warn!("no viewers are configured: everybody is anonymous and sees the catalogue only");
    }
    let app = App::open(db.clone(), Clock::System, Ids::random(), &settings.app()).await?;
    let upkeep = app.upkeep().start();
    let watching = app.watching().start();
    let console = ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: Some("/graphql/ws".into()),
        tabs: examples::tabs(|_| None),
        notice: None,
    };
    let decisions = app.services.deciding.queue.clone();
    let (router, readiness) = app::server(app, tokens, &console, &settings)?;
    let (listener, address) = listen(&settings.listen).await?;
    tracing::info!(graphql = %format!("http://{address}/graphql"), "serving");
    serve(listener, router, &readiness, &ServeSettings::default(), shutdown::signal()).await;
    // A database that is away must not keep the server from ending.
    if timeout(FLUSH, decisions.flush()).await.is_err() {
        tracing::warn!("the last decisions could not be written and are not kept");
    }
    drop(watching);
    upkeep.stop().await;
    db.close().await
}

/// Binds the address, and says which one it is when the port was 0.
pub async fn listen(address: &str) -> Result<(TcpListener, SocketAddr)> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!(
            "cannot listen on {address}: {error}. The address is that of --listen, else of ENCIRCLE__LISTEN, else of \
             the settings file"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
