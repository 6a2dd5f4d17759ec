//! Reads the outbox for the watchers of one process, as long as there are any: after each commit of its own, at each
//! hint of another process, and every second, since hints may be lost.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::db::Db;
use crate::db::outbox::{self, Changed, Outbox};
use crate::domain::live::watchers::Watchers;
use crate::kernel::error::Result;

/// How late a change may be known whose hint was lost.
const LOOK: Duration = Duration::from_secs(1);
/// How long the database may take to be listened to.
const CONNECT: Duration = Duration::from_secs(5);
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
    /// Another process hints that there is something.
    heard: Arc<Notify>,
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
        Self { db, watchers, refresh: Box::new(refresh), heard: Arc::default() }
    }

    /// Watches from now on.
    pub fn start(self) -> Running {
        let mut tasks = JoinSet::new();
        let [telling, sweeping, listening] = [(); 3].map(|()| self.db.clone());
        let heard = Arc::clone(&self.heard);
        tasks.spawn(async move { telling.tell_others().await });
        tasks.spawn(async move { sweep(&sweeping).await });
        tasks.spawn(async move { listen(&listening, &heard).await });
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
        let mut outbox = Outbox::open(&self.db).await?;
        // Whoever came before, or was there while the database was away, looks at everything once.
        self.tell(vec![Changed::Everything]).await?;
        while !self.watchers.is_empty() {
            self.hinted().await;
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
    async fn hinted(&self) {
        tokio::select! {
            () = self.db.committed() => {}
            () = self.heard.notified() => {}
            () = sleep(LOOK) => {}
        }
    }
}

/// Listens to other processes for as long as there may be any. While nothing can be heard, changes are known by looking.
async fn listen(db: &Db, heard: &Notify) {
    loop {
        match timeout(CONNECT, db.listen()).await {
            Ok(Ok(None)) => return,
            Ok(Ok(Some(mut hints))) => {
                // Something may have been said before.
                heard.notify_one();
                while hints.next().await.is_ok() {
                    heard.notify_one();
                }
                tracing::warn!("the connection that listens for changes is lost; trying again");
            }
            Ok(Err(error)) => tracing::warn!(%error, "changes cannot be listened for; trying again"),
            Err(_) => tracing::warn!("changes cannot be listened for: no answer; trying again"),
        }
        sleep(AWAY).await;
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
