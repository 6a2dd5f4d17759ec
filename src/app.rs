//! The application, composed: database, engine and settings become the doors. Nowhere else are these parts
//! joined.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::api::live::stream::{self, Source};
use crate::api::live::watched::Watched;
use crate::api::reads::{Reads, Services};
use crate::api::schema::{Engine, engine};
use crate::config::{AppSettings, Settings, write_keys};
use crate::db::Db;
use crate::domain::customers::idempotency;
use crate::domain::customers::{devices, store as customers};
use crate::domain::ingest::queue::IngestQueue;
use crate::domain::ingest::service::Ingest;
use crate::domain::ingest::upkeep::Upkeep;
use crate::domain::live::watchers::Watchers;
use crate::domain::live::watching::Watching;
use crate::domain::offers::catalogue::OfferCatalogue;
use crate::domain::offers::experience::Deciding;
use crate::domain::offers::queue::DecisionQueue;
use crate::domain::offers::retention;
use crate::domain::purchases::cart::abandoned;
use crate::domain::purchases::{expiry, guessing, holds, spans};
use crate::graph::engine::Prepared;
use crate::graph::events::{Answer, Authenticate, Event};
use crate::graph::request::{Operation, OperationKind, RequestError};
use crate::http::auth::Tokens;
use crate::http::console::{self, ConsoleConfig};
use crate::http::graphql::service::Graph;
use crate::http::ingest::auth::WriteKeys;
use crate::http::ingest::{self, IngestState};
use crate::http::router::router;
use crate::http::shutdown::Readiness;
use crate::http::state::{HttpSettings, HttpState};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use crate::kernel::viewer::Viewer;

/// Everything a request needs, shared by all of them.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub services: Arc<Services>,
    write_keys: WriteKeys,
    engine: Engine,
}

impl App {
    /// Reads what is defined in the database, and starts what writes into it.
    pub async fn open(db: Db, clock: Clock, ids: Ids, settings: &AppSettings) -> Result<Self> {
        let mut ingest = Ingest::open(&db, clock.clone(), ids.clone()).await?;
        ingest.unknown_names = settings.unknown_behaviors;
        ingest.segments.zone = settings.time_zone;
        let decisions = DecisionQueue::start(db.clone());
        ingest.decisions = Arc::new(decisions.recorded());
        let queue = IngestQueue::start(ingest.clone());
        let deciding = Deciding {
            catalogue: OfferCatalogue::open(&db).await?,
            queue: decisions,
            universal_holdout: settings.universal_holdout,
            kept_days: settings.decision_days,
        };
        let services = Arc::new(Services {
            ingest,
            queue,
            deciding,
            watchers: Watchers::default(),
            holds: settings.holds,
            most_held: settings.most_held,
            pending_minutes: settings.pending_minutes,
            cart_days: settings.cart_days,
            time_zone: settings.time_zone,
        });
        let write_keys = write_keys::open(&db, &settings.write_keys).await?;
        let engine = engine(settings.limits.clone());
        Ok(Self { db, clock, ids, services, write_keys, engine })
    }

    /// What is to be done beside requests: a server starts it, a test does it once.
    pub fn upkeep(&self) -> Upkeep {
        let (db, offers) = (self.db.clone(), self.services.deciding.catalogue.clone());
        let refresh = move || -> BoxFuture<'static, Result<()>> {
            let (db, offers) = (db.clone(), offers.clone());
            Box::pin(async move { offers.refresh(&db).await.map(drop) })
        };
        let (db, clock, days) = (self.db.clone(), self.clock.clone(), self.services.deciding.kept_days);
        let cart_days = self.services.cart_days;
        let sweep = move || -> BoxFuture<'static, Result<bool>> {
            let (db, now) = (db.clone(), clock.now());
            Box::pin(async move {
                let more = holds::sweep(&db, now).await?;
                let more = expiry::sweep(&db, now).await? || more;
                let more = abandoned::sweep(&db, now, cart_days).await? || more;
                spans::sweep(&db, now).await?;
                guessing::sweep(&db, now).await?;
                idempotency::sweep(&db, now).await?;
                Ok(retention::sweep(&db, now, days).await? || more)
            })
        };
        Upkeep::of(&self.services.ingest).refreshing(refresh).sweeping(sweep)
    }

    /// The reader of one request.
    fn reads(&self, kind: OperationKind, viewer: Viewer) -> Arc<Reads> {
        let db = match kind {
            OperationKind::Query => self.db.for_reading(),
            OperationKind::Mutation | OperationKind::Subscription => self.db.for_request(),
        };
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Arc::new(Reads::new(db, viewer, clock, ids, Arc::clone(&self.services)))
    }

    /// What tells connected devices of changes: a server starts it.
    pub fn watching(&self) -> Watching {
        let (db, ingest) = (self.db.clone(), self.services.ingest.clone());
        let offers = self.services.deciding.catalogue.clone();
        let refresh = move || -> BoxFuture<'static, Result<()>> {
            let (db, ingest, offers) = (db.clone(), ingest.clone(), offers.clone());
            Box::pin(async move {
                ingest.refresh().await?;
                offers.refresh(&db).await.map(drop)
            })
        };
        Watching::new(self.db.clone(), self.services.watchers.clone(), refresh)
    }

    /// Reads one event of a subscription.
    async fn event(&self, prepared: Prepared, viewer: Viewer, watched: Arc<Watched>) -> Result<Answer> {
        let db = self.db.for_request();
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let reads = Reads::new(db, viewer, clock, ids, Arc::clone(&self.services)).watching(watched);
        self.engine.execute_event(prepared, Arc::new(reads)).await
    }
}

impl Graph for App {
    fn prepare(&self, operation: Operation) -> BoxFuture<'_, Result<Prepared, Vec<RequestError>>> {
        Box::pin(self.engine.prepare(operation))
    }

    fn execute(&self, prepared: Prepared, viewer: Viewer, explain: bool) -> BoxFuture<'_, Result<Bytes>> {
        let reads = self.reads(prepared.kind(), viewer);
        Box::pin(self.engine.execute(prepared, reads, explain))
    }

    fn subscribe(
        self: Arc<Self>,
        prepared: Prepared,
        authenticate: Authenticate,
    ) -> BoxStream<'static, Event> {
        let watcher = self.services.watchers.watch();
        let (queue, clock) = (self.services.deciding.queue.clone(), self.clock.clone());
        let read = move |viewer, watched| -> BoxFuture<'static, Result<Answer>> {
            let (app, prepared) = (Arc::clone(&self), prepared.clone());
            Box::pin(async move { app.event(prepared, viewer, watched).await })
        };
        Box::pin(stream::events(Source { authenticate, read: Box::new(read), queue, clock }, watcher))
    }
}

/// The whole server over an application, and the switch that takes it out of service.
pub fn server(
    app: App,
    tokens: Tokens,
    console: &ConsoleConfig,
    settings: &Settings,
) -> Result<(axum::Router, Arc<Readiness>)> {
    let db = app.db.clone();
    let readiness = Arc::new(Readiness::new(move || {
        let db = db.clone();
        async move { db.ping().await }
    }));
    let allowed_origins = settings.allowed_origins()?;
    let queue = app.services.queue.clone();
    let ingest = IngestState::new(app.write_keys.clone(), queue, app.clock.clone(), app.ids.clone());
    let ingest = ingest::routes(ingest);
    let http = HttpSettings { allowed_origins, ..HttpSettings::default() };
    let sources = (app.ids.clone(), app.clock.clone());
    let device_db = app.db.clone();
    let tokens = tokens.with_devices(move |hash| {
        let db = device_db.clone();
        Box::pin(async move { devices::viewer_by_token(&db, hash).await })
    });
    let customer_db = app.db.clone();
    let tokens = tokens.with_survivors(move |named| {
        let db = customer_db.clone();
        Box::pin(async move { customers::survivor(&db, named).await })
    });
    let state = HttpState::new(Arc::new(app), tokens, Arc::clone(&readiness), http, sources);
    let pages = console::routes(console).map_err(Error::internal)?;
    Ok((router(state, pages.merge(ingest)), readiness))
}
