//! What a server does beside answering: looks whether other replicas defined anything, counts history for new
//! attributes, keeps the members of segments, and sweeps up. Every replica does it; they share the work.

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

/// Sweeps away some of what is kept for a time only; whether there may be more.
type Sweep = Arc<dyn Fn() -> BoxFuture<'static, Result<bool>> + Send + Sync>;

/// What is to be done.
#[derive(Clone)]
pub struct Upkeep {
    ingest: Ingest,
    refresh: Option<Refresh>,
    sweep: Option<Sweep>,
}

/// It is being done. Dropping this ends it in the middle of whatever it does, which loses nothing.
#[derive(Debug)]
pub struct Running(JoinSet<()>);

impl Upkeep {
    pub fn of(ingest: &Ingest) -> Self {
        Self { ingest: ingest.clone(), refresh: None, sweep: None }
    }

    /// Also looks whether these definitions changed.
    #[must_use]
    pub fn refreshing(
        mut self,
        refresh: impl Fn() -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        self.refresh = Some(Arc::new(refresh));
        self
    }

    /// Also sweeps this away.
    #[must_use]
    pub fn sweeping(
        mut self,
        sweep: impl Fn() -> BoxFuture<'static, Result<bool>> + Send + Sync + 'static,
    ) -> Self {
        self.sweep = Some(Arc::new(sweep));
        self
    }

    async fn refresh(&self) -> Result<()> {
        self.ingest.refresh().await?;
        match &self.refresh {
            Some(refresh) => refresh().await,
            None => Ok(()),
        }
    }

    /// Does all there is to do at this moment.
    pub async fn once(&self) -> Result<()> {
        self.refresh().await?;
        while self.count_some().await? {}
        while self.sweep_some().await? {}
        self.ingest.segments.settle().await
    }

    /// Does it from now on.
    pub fn start(self) -> Running {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.ingest.segments.clone().keep());
        tasks.spawn(self.watch());
        Running(tasks)
    }

    /// Counts some history; whether there may be more.
    async fn count_some(&self) -> Result<bool> {
        let Ingest { db, attributes, clock, .. } = &self.ingest;
        let unfinished = |definition: &Arc<Definition>| definition.status == AttributeStatus::Backfilling;
        // Looked up in memory: a transaction a second for nothing would stand in the way of writers.
        if !attributes.current().all().iter().any(unfinished) {
            return Ok(false);
        }
        let progress = backfill::step(db, attributes, clock.now()).await?;
        if progress.as_ref().is_some_and(|progress| progress.is_done) {
            self.ingest.segments.wake();
        }
        Ok(progress.is_some())
    }

    /// Sweeps some of what is no longer wanted away; whether there may be more.
    async fn sweep_some(&self) -> Result<bool> {
        if retire::sweep(&self.ingest.db).await? {
            return Ok(true);
        }
        match &self.sweep {
            Some(sweep) => sweep().await,
            None => Ok(false),
        }
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
        while Instant::now() < next && (self.count_some().await? || self.sweep_some().await?) {}
        Ok(())
    }
}

impl Running {
    /// Ends it, and waits until it has ended.
    pub async fn stop(mut self) {
        self.0.shutdown().await;
    }
}
