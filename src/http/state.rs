//! What the doors share. Composed once, where the application is; cloning it copies one pointer, for every
//! layer that a request passes clones it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;

use crate::http::auth::Tokens;
use crate::http::graphql::service::Graph;
use crate::http::request_id::RequestIds;
use crate::http::shutdown::Readiness;
use crate::http::sockets::Sockets;
use crate::kernel::clock::Clock;
use crate::kernel::ids::Ids;

/// What a handler finds.
#[derive(Clone)]
pub struct HttpState(Arc<Shared>);

pub struct Shared {
    pub graph: Arc<dyn Graph>,
    pub tokens: Tokens,
    pub readiness: Arc<Readiness>,
    pub settings: HttpSettings,
    pub(super) sockets: Sockets,
    pub(super) request_ids: RequestIds,
}

impl Deref for HttpState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl HttpState {
    pub fn new(
        graph: Arc<dyn Graph>,
        tokens: Tokens,
        readiness: Arc<Readiness>,
        settings: HttpSettings,
        (ids, clock): (Ids, Clock),
    ) -> Self {
        let request_ids = RequestIds::new(ids, clock);
        Self(Arc::new(Shared {
            graph,
            tokens,
            readiness,
            settings,
            sockets: Sockets::default(),
            request_ids,
        }))
    }
}

/// How the doors are set.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    pub request: RequestLimits,
    /// Origins whose pages may call from a browser; none by default.
    pub allowed_origins: Vec<HeaderValue>,
    /// Where a browser that opens `/graphql` is sent; none if there is no console.
    pub console_path: Option<&'static str>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            request: RequestLimits::default(),
            allowed_origins: Vec::new(),
            console_path: Some("/graphiql"),
        }
    }
}

/// What one request may take.
#[derive(Debug, Clone)]
pub struct RequestLimits {
    /// Bytes of a body, as sent and again when decompressed.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How long an operation may take, from its text to its answer.
    pub time: Duration,
    /// Nesting of the JSON of a request.
    pub json_depth: usize,
    /// Values in the JSON of a request, keys not counted.
    pub json_values: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            body_time: Duration::from_secs(15),
            time: Duration::from_secs(10),
            json_depth: 64,
            json_values: 20_000,
        }
    }
}
