//! Reads the outbox for the watchers of one process, as long as there are any: after each commit of its own, at each
//! hint of another process, and every second, since hints may be lost.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::db::Db;
use crate::db::listen::Hints;
use crate::db::outbox::{self, Changed, Outbox};
use crate::domain::live::watchers::Watchers;
use crate::kernel::error::Result;

/// How late a change may be known whose hint was lost.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait after the database was away.
const AWAY: Duration = Duration::from_millis(500);
/// How often what was read long since is swept away.
const SWEEP: Duration = Duration::from_mins(1);

/// Brings what is kept in memory up to date, before anybody is told that it changed.
type Refresh = Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// The watching of one process.
pub struct Watching {
    db: Db,
    watchers: Watchers,
    refresh: Refresh,
}

/// It goes on until this is dropped.
#[derive(Debug)]
pub struct Running(#[expect(dead_code, reason = "dropped, it ends")] JoinSet<()>);

impl Watching {
    pub fn new(
        db: Db,
        watchers: Watchers,
        refresh: impl Fn() -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        Self { db, watchers, refresh: Box::new(refresh) }
    }

    /// Watches from now on.
    pub fn start(self) -> Running {
        let mut tasks = JoinSet::new();
        let db = self.db.clone();
        let swept = self.db.clone();
        tasks.spawn(async move { db.tell_others().await });
        tasks.spawn(async move { sweep(&swept).await });
        tasks.spawn(self.run());
        Running(tasks)
    }

    async fn run(self) {
        loop {
            self.watchers.arrived().await;
            if let Err(error) = self.read().await {
                tracing::warn!(%error, "changes could not be read; trying again");
                sleep(AWAY).await;
            }
        }
    }

    /// Reads until nobody watches, or something fails.
    async fn read(&self) -> Result<()> {
        let mut hints = self.db.listen().await?;
        let mut outbox = Outbox::open(&self.db).await?;
        // Whoever came before, or was there while the database was away, looks at everything once.
        self.tell(vec![Changed::Everything]).await?;
        while !self.watchers.is_empty() {
            self.hinted(&mut hints).await?;
            let changes = outbox.read(&self.db).await?;
            if !changes.is_empty() {
                self.tell(changes).await?;
            }
        }
        Ok(())
    }

    async fn tell(&self, changes: Vec<Changed>) -> Result<()> {
        if changes.contains(&Changed::Everything) {
            (self.refresh)().await?;
        }
        changes.iter().for_each(|changed| self.watchers.tell(changed));
        Ok(())
    }

    /// Returns when there may be something.
    async fn hinted(&self, hints: &mut Option<Hints>) -> Result<()> {
        tokio::select! {
            () = self.db.committed() => Ok(()),
            hinted = async {
                match hints {
                    Some(hints) => hints.next().await,
                    None => std::future::pending().await,
                }
            } => hinted,
            () = sleep(LOOK) => Ok(()),
        }
    }
}

/// Sweeps for ever, whether anybody watches or not: every writer writes.
async fn sweep(db: &Db) {
    loop {
        sleep(SWEEP).await;
        if let Err(error) = db.write(async |transaction| outbox::sweep(transaction).await).await {
            tracing::warn!(%error, "changes that were told long since could not be swept away");
        }
    }
}
