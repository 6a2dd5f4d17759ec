//! The events of one subscription: read anew whenever something changed that may concern it, and told when the answer
//! is another.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{Stream, unfold};
use tokio::time::sleep;

use crate::api::live::shown::Shown;
use crate::api::live::watched::{Outcome, Watched};
use crate::domain::live::watchers::Watcher;
use crate::domain::offers::queue::DecisionQueue;
use crate::graph::events::{Answer, Authenticate, End, Event};
use crate::kernel::clock::Clock;
use crate::kernel::error::Result;
use crate::kernel::viewer::Viewer;

/// How often a token is looked at: what it may do ends within this time.
const LOOK: Duration = Duration::from_secs(5);
/// The least time between two looks: what happens in it is one change.
const PAUSE: Duration = Duration::from_millis(50);
/// How long to wait for a database that is away.
const AWAY: Duration = Duration::from_secs(1);

/// Reads one event for a viewer.
pub type Read = Box<dyn Fn(Viewer, Arc<Watched>) -> BoxFuture<'static, Result<Answer>> + Send + Sync>;

/// What a subscription is made of.
pub struct Source {
    pub authenticate: Authenticate,
    pub read: Read,
    pub queue: DecisionQueue,
    pub clock: Clock,
}

struct Subscription {
    source: Source,
    watched: Arc<Watched>,
    told: Option<Shown>,
}

/// The events, from how things are now on.
pub fn events(source: Source, watcher: Watcher) -> impl Stream<Item = Event> + Send {
    let subscription = Subscription { source, watched: Arc::new(Watched::new(watcher)), told: None };
    unfold(Some(subscription), |subscription| async move {
        let mut subscription = subscription?;
        match subscription.next().await {
            Ok((event, goes_on)) => Some((Ok(event), goes_on.then_some(subscription))),
            Err(end) => Some((Err(end), None)),
        }
    })
}

impl Subscription {
    /// The next event, and whether there may be more: an error without an answer is the last.
    async fn next(&mut self) -> std::result::Result<(Bytes, bool), End> {
        loop {
            let viewer = match self.told {
                Some(_) => self.changed().await?,
                None => self.first().await?,
            };
            self.watched.begin();
            let answer = (self.source.read)(viewer, Arc::clone(&self.watched)).await.map_err(End::Failed)?;
            let Outcome { shown, decided } = self.watched.take();
            match shown {
                Some(Err(error)) if error.is_passing() => self.wait().await,
                // What could not be read below it would stay away until something else changes.
                Some(Ok(_)) if answer.lacks_something => self.wait().await,
                Some(Ok(shown)) => {
                    if self.is_told(shown) {
                        continue;
                    }
                    for decision in decided {
                        self.source.queue.keep(decision).await.map_err(End::Failed)?;
                    }
                    return Ok((answer.json, true));
                }
                Some(Err(_)) | None => return Ok((answer.json, false)),
            }
        }
    }

    /// Waits a moment for a database that is away; then it is to be looked at again.
    async fn wait(&self) {
        sleep(AWAY).await;
        self.watched.signal().notify_one();
    }

    /// Who asks at first. A client that is refused because the database is away would not ask again.
    async fn first(&self) -> std::result::Result<Viewer, End> {
        loop {
            match self.viewer().await {
                Err(End::Failed(error)) if error.is_passing() => sleep(AWAY).await,
                viewer => return viewer,
            }
        }
    }

    async fn viewer(&self) -> std::result::Result<Viewer, End> {
        (self.source.authenticate)().await.map_err(End::Failed)?.ok_or(End::TokenOver)
    }

    /// Whether it is what was told last; if not, it is what is told now.
    fn is_told(&mut self, shown: Shown) -> bool {
        let is_told = self.told.as_ref().is_some_and(|told| told.is_same(&shown));
        // Also if it is the same: it may hold for longer.
        self.told = Some(shown);
        is_told
    }

    /// Who asks, when the answer may be another.
    async fn changed(&self) -> std::result::Result<Viewer, End> {
        let signal = self.watched.signal();
        loop {
            let left = self.told.as_ref().and_then(Shown::valid_until).map_or(i64::MAX, |until| {
                until.millis().saturating_sub(self.source.clock.now().millis()).max(0)
            });
            let left = Duration::from_millis(left.unsigned_abs());
            let is_due = tokio::select! {
                () = signal.notified() => true,
                () = sleep(left.min(LOOK)) => left <= LOOK,
            };
            if is_due {
                sleep(PAUSE).await;
            }
            match self.viewer().await {
                Ok(viewer) if is_due => return Ok(viewer),
                Ok(_) => {}
                Err(End::Failed(error)) if error.is_passing() => {
                    sleep(AWAY).await;
                    if is_due {
                        signal.notify_one();
                    }
                }
                Err(end) => return Err(end),
            }
        }
    }
}
