//! Group commit: requests that wait while a transaction commits go into the next one together. No timer: a
//! request alone commits at once. The queue is bounded; who finds it full is told to come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::domain::behaviors::record::{BehaviorRecord, Outcome};
use crate::domain::ingest::arrival::{Arrival, Fate};
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::{Error, Result};

/// Arrivals of one transaction, at most by as many as the last request that fits brings.
const MAX_ARRIVALS: usize = 2_000;
/// Requests that wait, at most.
const MAX_WAITING: usize = 1_024;
/// Transactions at once. SQLite has one writer: its second only waits with its rows ready.
const WRITERS: usize = 2;
/// How long a transaction may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one request brings, and who waits for what becomes of it.
struct Job {
    arrivals: Vec<Arrival>,
    done: oneshot::Sender<Result<Vec<Fate>>>,
}

/// The queue before the database. Cheap to clone; ends when the last clone is dropped and all is written.
#[derive(Clone, Debug)]
pub struct IngestQueue {
    jobs: mpsc::Sender<Job>,
}

impl IngestQueue {
    /// Starts the writers.
    pub fn start(ingest: Ingest) -> Self {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(write_all(ingest, waiting));
        Self { jobs }
    }

    /// Records behaviors; returns when they are on disk. A full queue is `Unavailable` at once.
    pub async fn record(&self, records: Vec<BehaviorRecord>) -> Result<Vec<Outcome>> {
        let fates = self.take_in(records.into_iter().map(Arrival::Behavior).collect()).await?;
        let outcome = |fate| match fate {
            Fate::Behavior(outcome) => Some(outcome),
            Fate::Introduced(_) | Fate::NotIntroduced(_) => None,
        };
        Ok(fates.into_iter().filter_map(outcome).collect())
    }

    /// The same for all that may arrive.
    pub async fn take_in(&self, arrivals: Vec<Arrival>) -> Result<Vec<Fate>> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let (done, fates) = oneshot::channel();
        self.jobs.try_send(Job { arrivals, done }).map_err(|_| overloaded())?;
        fates.await.map_err(|_| overloaded())?
    }
}

fn overloaded() -> Error {
    Error::Unavailable("more behaviors arrive than can be written; try again in a second".to_owned())
}

/// Hands groups to writers as they become free: what arrives meanwhile is the next group.
async fn write_all(ingest: Ingest, mut waiting: mpsc::Receiver<Job>) {
    let writers = Arc::new(Semaphore::new(WRITERS));
    while let Ok(writer) = Arc::clone(&writers).acquire_owned().await {
        let jobs = next_group(&mut waiting).await;
        if jobs.is_empty() {
            return;
        }
        let ingest = ingest.clone();
        tokio::spawn(async move {
            write(&ingest, jobs).await;
            drop(writer);
        });
    }
}

/// The request that has waited longest, and those behind it that fit with it; none when no more will come.
async fn next_group(waiting: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let Some(first) = waiting.recv().await else { return Vec::new() };
    let mut arrivals = first.arrivals.len();
    let mut jobs = vec![first];
    while arrivals < MAX_ARRIVALS
        && let Ok(job) = waiting.try_recv()
    {
        arrivals += job.arrivals.len();
        jobs.push(job);
    }
    jobs
}

/// Writes a group, and tells each request its part of what became of it.
async fn write(ingest: &Ingest, jobs: Vec<Job>) {
    let (mut arrivals, mut waiting) = (Vec::new(), Vec::with_capacity(jobs.len()));
    for job in jobs {
        waiting.push((job.arrivals.len(), job.done));
        arrivals.extend(job.arrivals);
    }
    let fates = tokio::time::timeout(PATIENCE, ingest.take_in(arrivals)).await;
    let fates = fates.unwrap_or_else(|_| Err(Error::Unavailable("the database takes too long".to_owned())));
    match fates {
        Ok(fates) => {
            let mut fates = fates.into_iter();
            for (size, done) in waiting {
                // Who no longer waits has its behaviors recorded all the same.
                let _ = done.send(Ok(fates.by_ref().take(size).collect()));
            }
        }
        Err(error) => {
            for (_, done) in waiting {
                let _ = done.send(Err(error.clone()));
            }
        }
    }
}
