//! The events of one subscription: read anew whenever something changed that may concern it, and told when the answer
//! is another.

use std::mem;
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
use crate::domain::customers::family;
use crate::domain::live::watchers::Watcher;
use crate::domain::offers::decision::Decision;
use crate::domain::offers::queue::DecisionQueue;
use crate::graph::events::{Authenticate, End, Event};
use crate::kernel::clock::Clock;
use crate::kernel::error::Result;
use crate::kernel::viewer::Viewer;

/// How long a change may go unnoticed for which nobody was told, as when a token is taken out of the settings.
const LOOK: Duration = Duration::from_secs(30);
/// The least time between two looks: what happens in it is one change.
const PAUSE: Duration = Duration::from_millis(50);

/// What a subscription watches, and what was decided for its event.
#[derive(Debug)]
pub struct Watched(Mutex<State>);

#[derive(Debug)]
struct State {
    watcher: Watcher,
    decided: Vec<Arc<Decision>>,
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a customer: all rows that are merged into one with it.
    pub async fn follow(&self, db: &Db, customer: CustomerId) -> Result<()> {
        let rows = family::family(db.connection(), customer).await?;
        self.lock().watcher.follow(rows);
        Ok(())
    }

    /// Notes a decision. It is kept when it is told.
    pub fn note(&self, decisions: impl IntoIterator<Item = Arc<Decision>>) {
        self.lock().decided.extend(decisions);
    }

    fn signal(&self) -> Arc<Notify> {
        self.lock().watcher.signal()
    }

    fn take(&self) -> Vec<Arc<Decision>> {
        mem::take(&mut self.lock().decided)
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
    let watched = Arc::new(Watched(Mutex::new(State { watcher, decided: Vec::new() })));
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
            if self.told.is_some() {
                self.wait().await;
            }
            let viewer = (self.source.authenticate)().await.map_err(End::Failed)?.ok_or(End::TokenOver)?;
            let event = (self.source.read)(viewer, Arc::clone(&self.watched)).await.map_err(End::Failed)?;
            let decided = self.watched.take();
            if decided.is_empty() {
                return Ok((event, false));
            }
            self.valid_until = decided.iter().map(|decision| decision.valid_until).min();
            let answer = answer(&decided);
            if self.told.as_ref() == Some(&answer) {
                continue;
            }
            self.told = Some(answer);
            for decision in decided {
                self.source.queue.keep(decision).await.map_err(End::Failed)?;
            }
            return Ok((event, true));
        }
    }

    /// Returns when the answer may be another.
    async fn wait(&self) {
        let signal = self.watched.signal();
        let left =
            self.valid_until.map(|until| until.millis().saturating_sub(self.source.clock.now().millis()));
        let left = left.map_or(LOOK, |left| Duration::from_millis(left.max(0).unsigned_abs()));
        tokio::select! {
            () = signal.notified() => {}
            () = sleep(left.min(LOOK)) => {}
        }
        sleep(PAUSE).await;
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
