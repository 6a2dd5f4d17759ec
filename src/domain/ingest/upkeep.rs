//! What a server does beside answering: looks whether other replicas defined anything, counts history for new
//! attributes, and keeps the members of segments. Every replica does it; they share the work.

use std::sync::Arc;
use std::time::Duration;

use entities::values::AttributeStatus;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::{backfill, retire};
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::Result;

/// How long a definition may be unknown to another replica.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks whether definitions changed that are kept in memory beside those of ingest.
type Refresh = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What is to be done.
#[derive(Clone)]
pub struct Upkeep(Ingest, Option<Refresh>);

/// It is being done. Dropping this ends it in the middle of whatever it does, which loses nothing.
#[derive(Debug)]
pub struct Running(JoinSet<()>);

impl Upkeep {
    pub fn of(ingest: &Ingest) -> Self {
        Self(ingest.clone(), None)
    }

    /// Also looks whether these definitions changed.
    #[must_use]
    pub fn refreshing(
        mut self,
        refresh: impl Fn() -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        self.1 = Some(Arc::new(refresh));
        self
    }

    async fn refresh(&self) -> Result<()> {
        self.0.refresh().await?;
        match &self.1 {
            Some(refresh) => refresh().await,
            None => Ok(()),
        }
    }

    /// Does all there is to do at this moment.
    pub async fn once(&self) -> Result<()> {
        self.refresh().await?;
        while self.count_some().await? {}
        while retire::sweep(&self.0.db).await? {}
        self.0.segments.settle().await
    }

    /// Does it from now on.
    pub fn start(self) -> Running {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.0.segments.clone().keep());
        tasks.spawn(self.watch());
        Running(tasks)
    }

    /// Counts some history; whether there may be more.
    async fn count_some(&self) -> Result<bool> {
        let Ingest { db, attributes, clock, .. } = &self.0;
        let unfinished = |definition: &Arc<Definition>| definition.status == AttributeStatus::Backfilling;
        // Looked up in memory: a transaction a second for nothing would stand in the way of writers.
        if !attributes.current().all().iter().any(unfinished) {
            return Ok(false);
        }
        let progress = backfill::step(db, attributes, clock.now()).await?;
        if progress.as_ref().is_some_and(|progress| progress.is_done) {
            self.0.segments.wake();
        }
        Ok(progress.is_some())
    }

    async fn watch(self) {
        loop {
            let next = Instant::now() + INTERVAL;
            if let Err(error) = self.watch_until(next).await {
                tracing::warn!(%error, "definitions could not be looked at; trying again");
            }
            sleep_until(next).await;
        }
    }

    /// Looks at the definitions, then counts history and sweeps up for so long.
    async fn watch_until(&self, next: Instant) -> Result<()> {
        self.refresh().await?;
        while Instant::now() < next && (self.count_some().await? || retire::sweep(&self.0.db).await?) {}
        Ok(())
    }
}

impl Running {
    /// Ends it, and waits until it has ended.
    pub async fn stop(mut self) {
        self.0.shutdown().await;
    }
}
