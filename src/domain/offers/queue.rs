//! Keeps decisions beside requests: those that wait while a transaction commits go into the next one together. The
//! queue is bounded; who finds it full waits. Until it is written a decision is found here, on this replica.
//!
//! What waits when the process is killed is lost; an orderly end writes it first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entities::ids::DecisionId;
use tokio::sync::{mpsc, oneshot};

use crate::db::Db;
use crate::domain::offers::decision::Decision;
use crate::domain::offers::kept::{self, Written};
use crate::domain::offers::recorded::RecordedDecisions;
use crate::kernel::error::{Error, Result};

/// Decisions of one transaction.
const BATCH: usize = 200;
/// Decisions that wait, at most.
const WAITING: usize = 2_000;
/// How long more are waited for before they are written.
const GATHERING: Duration = Duration::from_millis(20);
/// How long after a failure it is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often what cannot be written is tried.
const ATTEMPTS: usize = 5;

/// Decisions that are not written yet.
#[derive(Clone, Debug, Default)]
pub struct Pending(Arc<Mutex<HashMap<DecisionId, Arc<Decision>>>>);

enum Job {
    Keep(Arc<Decision>),
    /// Says when all before it is written.
    Flush(oneshot::Sender<()>),
}

/// The queue. Cheap to clone; ends when the last clone is dropped and all is written.
#[derive(Clone, Debug)]
pub struct DecisionQueue {
    jobs: mpsc::Sender<Job>,
    pending: Pending,
}

impl DecisionQueue {
    /// Starts the writer.
    pub fn start(db: Db) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let pending = Pending::default();
        tokio::spawn(write_all(db, waiting, pending.clone()));
        Self { jobs, pending }
    }

    /// Has a decision kept; waits only where the queue is full.
    pub async fn keep(&self, decision: Arc<Decision>) -> Result<()> {
        let id = decision.id;
        self.pending.lock().insert(id, Arc::clone(&decision));
        self.jobs.send(Job::Keep(decision)).await.map_err(|_| {
            self.pending.lock().remove(&id);
            Error::Unavailable("the server is ending and keeps no more decisions".to_owned())
        })
    }

    /// Returns when all that was handed over before is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.jobs.send(Job::Flush(done)).await.is_ok() {
            // Without an answer there is no writer any more, and nothing to wait for.
            let _ = written.await;
        }
    }

    /// A decision that is not written yet.
    pub fn find(&self, id: DecisionId) -> Option<Arc<Decision>> {
        self.pending.find(id)
    }

    /// All decisions that are known, written or not.
    pub fn recorded(&self) -> RecordedDecisions {
        RecordedDecisions::beside(self.pending.clone())
    }
}

impl Pending {
    pub fn find(&self, id: DecisionId) -> Option<Arc<Decision>> {
        self.lock().get(&id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DecisionId, Arc<Decision>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_all(db: Db, mut waiting: mpsc::Receiver<Job>, pending: Pending) {
    while let Some(first) = waiting.recv().await {
        let (decisions, flushes) = gather(first, &mut waiting).await;
        let ids: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
        write(&db, decisions).await;
        let mut pending = pending.lock();
        ids.iter().for_each(|id| drop(pending.remove(id)));
        drop(pending);
        for flush in flushes {
            // Who asked may have left.
            let _ = flush.send(());
        }
    }
}

/// The job that has waited longest, and those that come with it.
async fn gather(
    first: Job,
    waiting: &mut mpsc::Receiver<Job>,
) -> (Vec<Arc<Decision>>, Vec<oneshot::Sender<()>>) {
    let (mut decisions, mut flushes) = (Vec::new(), Vec::new());
    let mut next = Some(first);
    let until = tokio::time::Instant::now() + GATHERING;
    while let Some(job) = next {
        match job {
            Job::Keep(decision) => decisions.push(decision),
            Job::Flush(done) => flushes.push(done),
        }
        next = match decisions.len() {
            BATCH.. => None,
            // Who waits for the writing is not kept waiting for more to write.
            _ if !flushes.is_empty() => waiting.try_recv().ok(),
            _ => tokio::time::timeout_at(until, waiting.recv()).await.ok().flatten(),
        };
    }
    (decisions, flushes)
}

async fn write(db: &Db, decisions: Vec<Arc<Decision>>) {
    let mut written = Vec::with_capacity(decisions.len());
    for decision in decisions {
        match Written::of(decision) {
            Ok(ready) => written.push(ready),
            Err(error) => tracing::error!(%error, "a decision cannot be told as JSON; it is not kept"),
        }
        tokio::task::yield_now().await;
    }
    if written.is_empty() {
        return;
    }
    for attempt in 1.. {
        let Err(error) = kept::write(db, &written).await else { return };
        // While the database is away they wait, and so does who decides more.
        if !error.is_passing() && attempt >= ATTEMPTS {
            let ids: Vec<String> = written.iter().map(|written| written.id().to_string()).collect();
            tracing::error!(%error, ?ids, "decisions cannot be written; they are not kept");
            return;
        }
        tracing::warn!(%error, "decisions could not be written; trying again");
        tokio::time::sleep(PAUSE).await;
    }
}
