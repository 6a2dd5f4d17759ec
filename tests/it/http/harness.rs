//! A server over a small schema, and requests to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{Object, Schema, Subscription};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use bytes::Bytes;
use encircle::graph::Reader;
use encircle::graph::engine::{Engine, Prepared};
use encircle::graph::events::{Authenticate, End, Event};
use encircle::graph::limits::DocumentLimits;
use encircle::graph::request::{Operation, RequestError};
use encircle::graph::types::Measured;
use encircle::http::auth::Tokens;
use encircle::http::graphql::service::Graph;
use encircle::http::router::router;
use encircle::http::shutdown::Readiness;
use encircle::http::state::{HttpSettings, HttpState, RequestLimits};
use encircle::kernel::clock::Clock;
use encircle::kernel::error::{Error, Result as KernelResult};
use encircle::kernel::ids::Ids;
use encircle::kernel::viewer::{Scope, Scopes, Viewer};
use entities::ids::CustomerId;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

pub const CUSTOMER_TOKEN: &str = "customer-token";
pub const STAFF_TOKEN: &str = "staff-token";
/// A token of which it cannot be told now whose it is.
pub const AWAY_TOKEN: &str = "encdev_away";

tokio::task_local! {
    /// Who asks, for the resolvers of the small schema, which have no reader.
    static VIEWER: Viewer;
}

/// The engine over the small schema.
struct SmallGraph(Engine<Query, Mutation, Ticks>);

impl Graph for SmallGraph {
    fn prepare(&self, operation: Operation) -> BoxFuture<'_, Result<Prepared, Vec<RequestError>>> {
        Box::pin(self.0.prepare(operation))
    }

    fn execute(
        &self,
        prepared: Prepared,
        viewer: Viewer,
        explain: bool,
    ) -> BoxFuture<'_, KernelResult<Bytes>> {
        Box::pin(VIEWER.scope(viewer, self.0.execute(prepared, Arc::new(NoReader), explain)))
    }

    /// Three events; then what the operation is named after: `Endless` waits for ever, `Failing` fails, `SignedOut`
    /// has a token that is over, `Flood` tells long ones without end, others end.
    fn subscribe(
        self: Arc<Self>,
        prepared: Prepared,
        authenticate: Authenticate,
    ) -> BoxStream<'static, Event> {
        let last = match prepared.name() {
            Some("Endless") => stream::pending().boxed(),
            Some("Flood") => {
                let long = Bytes::from(format!("{{\"data\":{{\"ticks\":\"{}\"}}}}", "a".repeat(256 * 1024)));
                stream::repeat_with(move || Ok(long.clone())).boxed()
            }
            Some("SignedOut") => stream::iter([Err(End::TokenOver)]).boxed(),
            Some("Failing") => stream::iter([Err(End::Failed(Error::internal("a secret")))]).boxed(),
            _ => stream::empty().boxed(),
        };
        let authenticate = Arc::new(authenticate);
        let ticks = stream::iter(1..=3).then(move |tick| {
            let authenticate = Arc::clone(&authenticate);
            async move {
                authenticate().await.map_err(End::Failed)?.ok_or(End::TokenOver)?;
                Ok(Bytes::from(format!("{{\"data\":{{\"ticks\":{tick}}}}}")))
            }
        });
        ticks.chain(last).boxed()
    }
}

/// Reads nothing: the small schema has no links.
struct NoReader;

impl Reader for NoReader {
    fn holds(&self, _: Scope) -> bool {
        false
    }

    fn error_id(&self) -> String {
        String::new()
    }

    async fn measure<F>(&self, load: F) -> (F::Output, Measured)
    where
        F: Future<Output: Send> + Send,
    {
        (load.await, Measured::default())
    }
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, #[graphql(default)] name: String) -> String {
        format!("hello {name}")
    }

    async fn viewer(&self) -> String {
        match VIEWER.get() {
            Viewer::Anonymous => "anonymous",
            Viewer::Customer(_) | Viewer::Device { .. } => "customer",
            Viewer::Touchpoint(_) => "touchpoint",
            Viewer::Staff { .. } => "staff",
        }
        .to_owned()
    }

    async fn sleep(&self, ms: u64) -> bool {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        true
    }

    async fn panic(&self) -> usize {
        let empty: [usize; 0] = [];
        empty.iter().copied().max().expect("a secret of the inside")
    }

    async fn long(&self, length: usize) -> String {
        "a".repeat(length)
    }

    async fn thing(&self) -> Thing {
        Thing
    }
}

pub struct Thing;

#[Object]
impl Thing {
    async fn thing(&self) -> Thing {
        Thing
    }

    async fn name(&self) -> &str {
        "thing"
    }
}

pub struct Mutation(Arc<AtomicUsize>);

#[Object]
impl Mutation {
    async fn bump(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    async fn bump_slowly(&self, ms: u64) -> usize {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// The events of the small schema, which [`SmallGraph`] makes.
pub struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self) -> impl Stream<Item = i32> {
        stream::empty()
    }
}

/// A server in process, and how often its mutation ran.
pub struct Server {
    pub router: Router,
    pub readiness: Arc<Readiness>,
    bumps: Arc<AtomicUsize>,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn message(&self) -> String {
        self.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl Server {
    pub fn new() -> Self {
        Self::with(HttpSettings::default(), || async { Ok(()) })
    }

    pub fn with_limits(request: RequestLimits) -> Self {
        Self::with(HttpSettings { request, ..HttpSettings::default() }, || async { Ok(()) })
    }

    pub fn with<F>(settings: HttpSettings, database: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let bumps = Arc::new(AtomicUsize::new(0));
        let engine =
            Engine::new(Schema::build(Query, Mutation(Arc::clone(&bumps)), Ticks), DocumentLimits::default());
        let tokens = Tokens::new([
            (CUSTOMER_TOKEN, Viewer::Customer(CustomerId(Uuid::from_u128(1)))),
            (STAFF_TOKEN, Viewer::staff(Scopes::all())),
        ]);
        let tokens =
            tokens.with_devices(|_| Box::pin(async { Err(Error::Unavailable("a test".to_owned())) }));
        let readiness = Arc::new(Readiness::new(database));
        let state = HttpState::new(
            Arc::new(SmallGraph(engine)),
            tokens,
            Arc::clone(&readiness),
            settings,
            (Ids::seeded(1), Clock::System),
        );
        Self { router: router(state, Router::new()), readiness, bumps }
    }

    /// How often the mutation ran.
    pub fn bumps(&self) -> usize {
        self.bumps.load(Ordering::SeqCst)
    }

    pub async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answered { status: parts.status, headers: parts.headers, body }
    }

    /// A GET of `/graphql` with a query string and headers.
    pub async fn get(&self, query: &str, headers: &[(&str, &str)]) -> Answered {
        self.send(request("GET", &format!("/graphql?{query}"), headers, Body::empty())).await
    }

    /// A POST of JSON.
    pub async fn post(&self, body: impl Into<Body>, headers: &[(&str, &str)]) -> Answered {
        let all: Vec<_> = [("content-type", "application/json")].iter().chain(headers).copied().collect();
        self.send(request("POST", "/graphql", &all, body.into())).await
    }

    /// A POST of an operation.
    pub async fn ask(&self, query: &str) -> Answered {
        self.post(operation(query), &[]).await
    }
}

pub fn operation(query: &str) -> String {
    serde_json::json!({ "query": query }).to_string()
}

pub fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap()
}
