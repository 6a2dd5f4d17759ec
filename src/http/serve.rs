//! Connections: accepted up to a number, given up when they are slow, brought to an end in order.
//!
//! HTTP/1.1 only: TLS and HTTP/2 towards browsers end at the proxy in front, and a version that is not sniffed
//! cannot be stalled in the sniffing. `axum::serve` has neither a header timeout nor a connection cap.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt;

use crate::http::shutdown::{Readiness, signal};

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// Open connections at most; more wait to be accepted.
    pub connections: u32,
    /// How long the head of a request may take, and an idle connection may stay.
    pub header_time: Duration,
    /// How long nothing of an answer may be taken: who does not read is not waited for.
    pub write_time: Duration,
    /// How long requests are still taken after the order to end, so that a load balancer sees `/readyz` first.
    pub notice: Duration,
    /// How long requests in flight may take to end after that.
    pub drain: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_time: Duration::from_secs(5),
            write_time: Duration::from_secs(10),
            notice: Duration::ZERO,
            drain: Duration::from_secs(15),
        }
    }
}

/// The size a request's head may have.
const MAX_HEAD: usize = 64 * 1024;
/// How long to wait when the system cannot give another connection, for want of file descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long to look for connections that came before the order to end.
const LAST_LOOK: Duration = Duration::from_millis(20);

/// Serves until `stop` resolves; then is unready, takes what came before, lets it end, and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    readiness: &Readiness,
    settings: &ServeSettings,
    stop: impl Future<Output = ()>,
) {
    let server = Server::new(router, settings);
    tokio::select! {
        () = server.accept(&listener) => {}
        () = stop => {}
    }
    tracing::info!("ending: no longer ready");
    readiness.drain();
    // What is in the listener's queue was accepted by the system already; its client waits for an answer.
    let _ = tokio::time::timeout(settings.notice + LAST_LOOK, server.accept(&listener)).await;
    drop(listener);
    server.end().await;
}

/// The place of a connection among all. One that is upgraded keeps it for as long as it is open.
#[derive(Clone, Debug)]
pub struct Permit(
    #[expect(dead_code, reason = "dropped, it gives the place back")] Arc<OwnedSemaphorePermit>,
);

struct Server<'a> {
    router: Router,
    http: Builder,
    settings: &'a ServeSettings,
    /// A permit a connection: when all are back, all have ended.
    permits: Arc<Semaphore>,
    /// True when connections are to end after the request they are at.
    ending: watch::Sender<bool>,
}

impl<'a> Server<'a> {
    fn new(router: Router, settings: &'a ServeSettings) -> Self {
        let mut http = Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(settings.header_time).max_header_size(MAX_HEAD);
        let permits = Arc::new(Semaphore::new(settings.connections as usize));
        Self { router, http, settings, permits, ending: watch::Sender::new(false) }
    }

    /// Accepts connections for ever.
    async fn accept(&self, listener: &TcpListener) {
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(self.connection(stream, Permit(Arc::new(permit))));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves one connection to its end.
    fn connection(&self, stream: TcpStream, permit: Permit) -> impl Future<Output = ()> + Send + 'static {
        // Answers are written whole; waiting to fill a packet only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY is not set");
        }
        let mut stream = Box::pin(TimeoutWriter::new(stream));
        stream.as_mut().set_timeout_pinned(Some(self.settings.write_time));
        let held = permit.clone();
        let service = self.router.clone().map_request(move |request: axum::http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            if request.headers().contains_key(header::UPGRADE) {
                request.extensions_mut().insert(held.clone());
            }
            request
        });
        let connection = self
            .http
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .with_upgrades();
        let mut ending = self.ending.subscribe();
        async move {
            let mut connection = pin!(connection);
            let early = tokio::select! {
                ended = connection.as_mut() => Some(ended),
                _ = ending.wait_for(|ending| *ending) => None,
            };
            let ended = match early {
                Some(ended) => ended,
                None => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        }
    }

    /// Ends idle connections, waits for the others; a second signal ends the waiting.
    async fn end(self) {
        self.ending.send_replace(true);
        let all = self.settings.connections;
        tokio::select! {
            _ = self.permits.acquire_many(all) => tracing::info!("ended"),
            () = tokio::time::sleep(self.settings.drain) => {
                let open = all as usize - self.permits.available_permits();
                tracing::warn!(open, "ended before all requests did");
            }
            () = signal() => tracing::warn!("ended at once, as ordered"),
        }
    }
}

/// Whether an accept failed for one connection only, which its peer gave up.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
