//! One of the two servers: the whole application, or the endpoints written by hand. Both are served by the
//! application's own HTTP server, on a runtime like the application's.

use std::io::Read;

use axum::Router;
use encircle::app::{self, App};
use encircle::config::{AppSettings, Settings};
use encircle::db::Db;
use encircle::db::connect::DbConfig;
use encircle::http::auth::Tokens;
use encircle::http::console::ConsoleConfig;
use encircle::http::serve::{ServeSettings, serve};
use encircle::http::shutdown::Readiness;
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use encircle::kernel::viewer::{Scopes, Viewer};
use tokio::net::TcpListener;

use crate::reference;

/// The token with which the graph is asked.
pub const STAFF_TOKEN: &str = "staff-token-of-the-benchmark";

/// The same stack as `encircle serve` gives its threads.
const STACK: usize = 8 << 20;

/// Which of the two is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Ours,
    Reference,
}

impl Side {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Reference => "reference",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Ours, Self::Reference].into_iter().find(|side| side.name() == name)
    }
}

/// Serves until standard input ends, which is when the benchmark ends, in whatever way.
#[expect(clippy::print_stdout, reason = "the address goes to the process that started this one")]
pub fn run(side: Side, url: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let (router, readiness) = match side {
            Side::Ours => application(url).await,
            Side::Reference => (reference::router(url), Readiness::new(|| async { Ok(()) }).into()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        println!("{}", listener.local_addr().expect("a bound listener has an address"));
        let ended = async {
            let read = || std::io::stdin().read_to_end(&mut Vec::new());
            let _ = tokio::task::spawn_blocking(read).await;
        };
        serve(listener, router, &readiness, &ServeSettings::default(), ended).await;
    });
}

async fn application(url: &str) -> (Router, std::sync::Arc<Readiness>) {
    let db = Db::connect(&DbConfig::new(url)).await.expect("the database is there");
    let app = App::open(db, Clock::System, Ids::random(), &AppSettings::default())
        .await
        .expect("the application opens");
    let tokens = Tokens::new([(STAFF_TOKEN, Viewer::staff(Scopes::all()))]);
    let console = ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: None,
        tabs: Vec::new(),
        notice: None,
    };
    app::server(app, tokens, &console, &Settings::default()).expect("the application is composed")
}
