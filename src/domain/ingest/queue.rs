//! Group commit: requests that wait while a transaction commits go into the next one together. No timer: a
//! request alone commits at once. The queue is bounded; who finds it full is told to come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::domain::behaviors::record::{BehaviorRecord, Outcome};
use crate::domain::ingest::arrival::{Arrival, Fate};
use crate::domain::ingest::service::Ingest;
use crate::kernel::error::{Error, Result};

/// What one transaction takes in, at most by as much as the last request that fits brings. In behaviors, as all
/// that follows.
const MAX_GROUP: usize = 2_000;
/// What may wait: some seconds' work.
const MAX_WAITING: usize = 20_000;
/// Who is introduced is looked up and written one after the other, while behaviors are written together.
const INTRODUCTION: usize = 20;
/// Transactions at once, where the database has several writers.
const WRITERS: usize = 2;
/// How long a transaction may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one request brings, and who waits for what becomes of it.
struct Job {
    arrivals: Vec<Arrival>,
    weight: usize,
    done: oneshot::Sender<Result<Vec<Fate>>>,
    /// Its room in the queue, given back when it is written.
    room: OwnedSemaphorePermit,
}

/// The queue before the database. Cheap to clone; ends when the last clone is dropped and all is written.
#[derive(Clone, Debug)]
pub struct IngestQueue {
    jobs: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
}

impl IngestQueue {
    /// Starts the writers.
    pub fn start(ingest: Ingest) -> Self {
        // Bounded by the room, which weighs what a request brings.
        let (jobs, waiting) = mpsc::unbounded_channel();
        tokio::spawn(write_all(ingest, waiting));
        Self { jobs, room: Arc::new(Semaphore::new(MAX_WAITING)) }
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
        let weight = arrivals.iter().map(weight).sum::<usize>();
        let all = u32::try_from(weight.min(MAX_WAITING)).map_err(Error::internal)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(all).map_err(|_| overloaded())?;
        let (done, fates) = oneshot::channel();
        self.jobs.send(Job { arrivals, weight, done, room }).map_err(|_| overloaded())?;
        fates.await.map_err(|_| overloaded())?
    }
}

fn weight(arrival: &Arrival) -> usize {
    match arrival {
        Arrival::Behavior(_) | Arrival::Claimed(..) => 1,
        Arrival::Introduction(_) => INTRODUCTION,
    }
}

fn overloaded() -> Error {
    Error::Unavailable("more behaviors arrive than can be written; try again in a second".to_owned())
}

/// Hands groups to writers as they become free: what arrives meanwhile is the next group.
async fn write_all(ingest: Ingest, mut waiting: mpsc::UnboundedReceiver<Job>) {
    let writers = Arc::new(Semaphore::new(ingest.db.writers().min(WRITERS)));
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

/// The request that has waited longest, and those behind it that fit with it; none when no more will come. Who
/// has left is passed over: it will send again.
async fn next_group(waiting: &mut mpsc::UnboundedReceiver<Job>) -> Vec<Job> {
    let (mut jobs, mut weight) = (Vec::new(), 0);
    while weight < MAX_GROUP {
        let next = match jobs.is_empty() {
            true => waiting.recv().await,
            false => waiting.try_recv().ok(),
        };
        let Some(job) = next else { return jobs };
        if !job.done.is_closed() {
            weight += job.weight;
            jobs.push(job);
        }
    }
    jobs
}

/// Writes a group, and tells each request its part of what became of it.
async fn write(ingest: &Ingest, jobs: Vec<Job>) {
    let (mut arrivals, mut waiting) = (Vec::new(), Vec::with_capacity(jobs.len()));
    for job in jobs {
        waiting.push((job.arrivals.len(), job.done, job.room));
        arrivals.extend(job.arrivals);
    }
    let fates = tokio::time::timeout(PATIENCE, ingest.take_in(arrivals)).await;
    let fates = fates.unwrap_or_else(|_| Err(Error::Unavailable("the database takes too long".to_owned())));
    match fates {
        Ok(fates) => {
            let mut fates = fates.into_iter();
            for (size, done, _) in waiting {
                // Who no longer waits has its behaviors recorded all the same.
                let _ = done.send(Ok(fates.by_ref().take(size).collect()));
            }
        }
        Err(error) => {
            for (_, done, _) in waiting {
                let _ = done.send(Err(error.clone()));
            }
        }
    }
}
