//! Keeps the lists of members: judges whoever is due, batch by batch. Stopping it anywhere loses nothing, and
//! any number of replicas may do it at once.
//!
//! Lists are exact once nobody is due: after what was recorded, and after the moment at which an attribute or a
//! consent that decides changes by itself. Rules that read `now` are judged again at every midnight of the
//! brand's zone, so a list may lag behind them by a day. What a customer's own `segments` says never lags.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono_tz::Tz;
use entities::ids::{CustomerId, Id, SegmentId};
use entities::timestamp::Timestamp;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::db::Db;
use crate::domain::attributes::window::{begin_of, day_of};
use crate::domain::segments::catalogue::{SegmentCatalogue, SegmentDefinitions};
use crate::domain::segments::judge::{self, Judgement};
use crate::domain::segments::{due, members, sweep};
use crate::kernel::clock::Clock;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::viewer::CustomerScope;

/// How often it is looked who is due by time alone, and what other replicas left.
const INTERVAL: Duration = Duration::from_secs(1);

/// The segments of one process, and who keeps their lists. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Segments {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub catalogue: SegmentCatalogue,
    /// The zone whose midnights count.
    pub zone: Tz,
    marked: Arc<Notify>,
    /// The definitions whose changes have been noted.
    noted: Arc<Mutex<Option<Arc<SegmentDefinitions>>>>,
}

impl Segments {
    pub async fn open(db: &Db, clock: Clock, ids: Ids) -> Result<Self> {
        Ok(Self {
            catalogue: SegmentCatalogue::open(db).await?,
            db: db.clone(),
            clock,
            ids,
            zone: Tz::UTC,
            marked: Arc::default(),
            noted: Arc::default(),
        })
    }

    /// Says that a transaction was committed that marked somebody.
    pub fn wake(&self) {
        self.marked.notify_one();
    }

    /// Keeps the lists for as long as it is polled.
    pub async fn keep(self) {
        loop {
            match self.step().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => {
                    // Either way it is looked again.
                    let _ = tokio::time::timeout(INTERVAL, self.marked.notified()).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "the members of segments could not be kept; trying again");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }

    /// Judges everybody who is due now.
    pub async fn settle(&self) -> Result<()> {
        while self.step().await? {}
        Ok(())
    }

    /// Marks some, judges some; whether there is more to do at once.
    async fn step(&self) -> Result<bool> {
        let definitions = self.catalogue.refresh(&self.db).await?;
        if definitions.is_empty() {
            return Ok(false);
        }
        self.note_changes(&definitions).await?;
        let now = self.clock.now();
        let unfinished = sweep::unfinished(&self.db).await?;
        let is_marking = sweep::mark_some(&self.db, &unfinished, now).await?;
        let judged = self.judge_some(&definitions, now).await?;
        let is_more = is_marking || judged == due::BATCH as usize;
        if !is_more {
            // Who was marked was the first in the queue.
            sweep::finish(&self.db, &unfinished, now).await?;
        }
        Ok(is_more)
    }

    async fn note_changes(&self, definitions: &Arc<SegmentDefinitions>) -> Result<()> {
        let is_noted = {
            let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.as_ref().is_some_and(|noted| Arc::ptr_eq(noted, definitions))
        };
        if !is_noted {
            sweep::note_changes(&self.db, &self.catalogue).await?;
            *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(definitions));
        }
        Ok(())
    }

    /// Claims a batch, judges it, and writes what still stands; how many that were.
    async fn judge_some(&self, definitions: &SegmentDefinitions, now: Timestamp) -> Result<usize> {
        let claim: Uuid = self.ids.next::<SegmentId>(now).uuid();
        let claimed = due::claim(&self.db, claim, now).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let judgements = judge::judge(&self.db, CustomerScope::Everybody, definitions, &claimed, now).await?;
        let midnight =
            definitions.needs().now.then(|| begin_of(self.zone, day_of(self.zone, now).saturating_add(1)));
        self.db
            .write(async |transaction| {
                let customers = due::still_claimed(transaction, claim).await?;
                members::write(transaction, definitions, &customers, &judgements, now).await?;
                let until = |id: &CustomerId| (*id, again(judgements.get(id), midnight, now));
                due::put_off(transaction, &customers.iter().map(until).collect::<Vec<_>>()).await?;
                // What was recorded for a row that was merged meanwhile is its survivor's.
                let survivors = customers.iter().filter_map(|id| judgements.get(id)?.merged_into);
                due::mark(transaction, now, survivors).await
            })
            .await?;
        Ok(claimed.len())
    }
}

/// When a customer is to be judged again if nothing is recorded of it.
fn again(judgement: Option<&Judgement>, midnight: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let judgement = judgement.filter(|judgement| judgement.merged_into.is_none())?;
    let at = judgement.changes_at.into_iter().chain(midnight).min()?;
    Some(at.max(Timestamp(now.millis() + 1)))
}
