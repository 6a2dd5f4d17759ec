//! Ready or not: the word a load balancer asks for, and the signals that end the process in order.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

/// How long the database may take to show that it is there.
const PROBE_TIME: Duration = Duration::from_secs(1);

type Probe = dyn Fn() -> BoxFuture<'static, crate::kernel::error::Result<()>> + Send + Sync;

/// Whether this process should be sent requests.
pub struct Readiness {
    draining: watch::Sender<bool>,
    database: Box<Probe>,
}

/// Why a process is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    Draining,
    Database,
}

impl Readiness {
    /// `database` asks the database something trivial.
    pub fn new<F>(database: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = crate::kernel::error::Result<()>> + Send + 'static,
    {
        Self { draining: watch::Sender::new(false), database: Box::new(move || Box::pin(database())) }
    }

    /// Says from now on that no new requests should come.
    pub fn drain(&self) {
        self.draining.send_replace(true);
    }

    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Returns when no new requests should come.
    pub async fn drained(&self) {
        // The sender is ours: it is there for as long as this waits.
        let _ = self.draining.subscribe().wait_for(|draining| *draining).await;
    }

    pub async fn check(&self) -> Result<(), Unready> {
        if self.is_draining() {
            return Err(Unready::Draining);
        }
        match tokio::time::timeout(PROBE_TIME, (self.database)()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not answer");
                Err(Unready::Database)
            }
            Err(_) => {
                tracing::warn!("the database does not answer within {PROBE_TIME:?}");
                Err(Unready::Database)
            }
        }
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("draining", &self.draining).finish_non_exhaustive()
    }
}

/// Resolves when the process is asked to end: SIGTERM, or SIGINT from a terminal.
pub async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
