//! Group commit: requests that wait while a transaction commits go into the next one together. No timer: a
//! request alone commits at once. The queue is bounded; who finds it full is told to come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::domain::behaviors::record::{BehaviorRecord, Outcome};
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::{Error, Result};

/// Behaviors of one transaction, at most by as many as the last request that fits brings.
const MAX_BEHAVIORS: usize = 2_000;
/// Requests that wait, at most.
const MAX_WAITING: usize = 1_024;
/// Transactions at once. SQLite has one writer: its second only waits with its rows ready.
const WRITERS: usize = 2;
/// How long a transaction may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one request brings, and who waits for what becomes of it.
struct Job {
    records: Vec<BehaviorRecord>,
    done: oneshot::Sender<Result<Vec<Outcome>>>,
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
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let (done, outcome) = oneshot::channel();
        self.jobs.try_send(Job { records, done }).map_err(|_| overloaded())?;
        outcome.await.map_err(|_| overloaded())?
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
    let mut behaviors = first.records.len();
    let mut jobs = vec![first];
    while behaviors < MAX_BEHAVIORS
        && let Ok(job) = waiting.try_recv()
    {
        behaviors += job.records.len();
        jobs.push(job);
    }
    jobs
}

/// Writes a group, and tells each request its part of what became of it.
async fn write(ingest: &Ingest, jobs: Vec<Job>) {
    let (mut records, mut waiting) = (Vec::new(), Vec::with_capacity(jobs.len()));
    for job in jobs {
        waiting.push((job.records.len(), job.done));
        records.extend(job.records);
    }
    let report = tokio::time::timeout(PATIENCE, ingest.record(records)).await;
    let report = report.unwrap_or_else(|_| Err(Error::Unavailable("the database takes too long".to_owned())));
    match report {
        Ok(report) => {
            let mut outcomes = report.outcomes.into_iter();
            for (size, done) in waiting {
                // Who no longer waits has its behaviors recorded all the same.
                let _ = done.send(Ok(outcomes.by_ref().take(size).collect()));
            }
        }
        Err(error) => {
            for (_, done) in waiting {
                let _ = done.send(Err(error.clone()));
            }
        }
    }
}
