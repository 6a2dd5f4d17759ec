//! The events of one subscription: read anew whenever something changed that may concern it, and told when the answer
//! is another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use entities::ids::{CustomerId, OfferId};
use entities::timestamp::Timestamp;
use futures_util::future::BoxFuture;
use futures_util::stream::{Stream, unfold};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::db::Db;
use crate::domain::customers::store as customers;
use crate::domain::live::watchers::Watcher;
use crate::domain::offers::decision::Decision;
use crate::domain::offers::queue::DecisionQueue;
use crate::graph::events::{Authenticate, End, Event};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::Viewer;

/// How often a token is looked at: what it may do ends within this time.
const LOOK: Duration = Duration::from_secs(5);
/// The least time between two looks: what happens in it is one change.
const PAUSE: Duration = Duration::from_millis(50);
/// How long to wait for a database that is away.
const AWAY: Duration = Duration::from_secs(1);

/// What a subscription watches, and what came of reading an event.
#[derive(Debug)]
pub struct Watched(Mutex<State>);

#[derive(Debug)]
struct State {
    watcher: Watcher,
    /// None when the event was refused before anything was read.
    outcome: Option<Result<Vec<Arc<Decision>>>>,
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a customer: all rows that are merged into one with it.
    pub async fn follow(&self, db: &Db, customer: CustomerId) -> Result<()> {
        // Whoever merges this one meanwhile says so of it, too.
        self.lock().watcher.begin(customer);
        let rows = customers::family(db, customer).await?;
        self.lock().watcher.follow(rows);
        Ok(())
    }

    /// Notes what was decided. It is kept when it is told.
    pub fn note(&self, outcome: Result<Vec<Arc<Decision>>>) {
        self.lock().outcome = Some(outcome);
    }

    fn signal(&self) -> Arc<Notify> {
        self.lock().watcher.signal()
    }

    fn take(&self) -> Option<Result<Vec<Arc<Decision>>>> {
        self.lock().outcome.take()
    }
}

/// Reads one event for a viewer.
pub type Read = Box<dyn Fn(Viewer, Arc<Watched>) -> BoxFuture<'static, Result<Bytes>> + Send + Sync>;

/// What a subscription is made of.
pub struct Source {
    pub authenticate: Authenticate,
    pub read: Read,
    pub queue: DecisionQueue,
    pub clock: Clock,
}

/// What tells one answer from another: of each placement what is shown, in its order.
type Answer = Vec<(String, Vec<(OfferId, i32, Option<String>)>)>;

struct Subscription {
    source: Source,
    watched: Arc<Watched>,
    told: Option<Answer>,
    valid_until: Option<Timestamp>,
}

/// The events, from how things are now on.
pub fn events(source: Source, watcher: Watcher) -> impl Stream<Item = Event> + Send {
    let watched = Arc::new(Watched(Mutex::new(State { watcher, outcome: None })));
    let subscription = Subscription { source, watched, told: None, valid_until: None };
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
                None => self.viewer().await?,
            };
            let event = (self.source.read)(viewer, Arc::clone(&self.watched)).await.map_err(End::Failed)?;
            match self.watched.take() {
                // Whoever is connected already waits until the database is there again.
                Some(Err(Error::Unavailable(_))) if self.told.is_some() => {
                    sleep(AWAY).await;
                    self.watched.signal().notify_one();
                }
                Some(Ok(decided)) if self.is_told(&decided) => {}
                Some(Ok(decided)) => {
                    for decision in decided {
                        self.source.queue.keep(decision).await.map_err(End::Failed)?;
                    }
                    return Ok((event, true));
                }
                Some(Err(_)) | None => return Ok((event, false)),
            }
        }
    }

    async fn viewer(&self) -> std::result::Result<Viewer, End> {
        (self.source.authenticate)().await.map_err(End::Failed)?.ok_or(End::TokenOver)
    }

    /// Whether these decisions show what was told last; if not, they are what is told now.
    fn is_told(&mut self, decided: &[Arc<Decision>]) -> bool {
        self.valid_until = decided.iter().map(|decision| decision.valid_until).min();
        let answer = Some(answer(decided));
        let is_told = self.told == answer;
        self.told = answer;
        is_told
    }

    /// Who asks, when the answer may be another.
    async fn changed(&self) -> std::result::Result<Viewer, End> {
        let signal = self.watched.signal();
        loop {
            let left = self.valid_until.map_or(i64::MAX, |until| {
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
                Err(End::Failed(Error::Unavailable(_))) => {
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

fn answer(decisions: &[Arc<Decision>]) -> Answer {
    let shown = |decision: &Arc<Decision>| {
        let shown = decision.shown.iter();
        let shown = shown.map(|shown| (shown.offer.id, shown.offer.version, shown.variant.clone())).collect();
        (decision.placement.clone(), shown)
    };
    decisions.iter().map(shown).collect()
}
