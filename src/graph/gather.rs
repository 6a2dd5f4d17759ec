//! Roots that load by key gather: the root fields of one operation ask before any of them is answered, so
//! ten aliased roots are one load.
//!
//! A `DataLoader` does the gathering. What it spawns runs within the request's own task, polled after the
//! roots have been: all of them have asked by then, on any number of threads, without a timer.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::Timer;
use futures_util::future::{BoxFuture, poll_fn};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::task::{FutureObj, Spawn, SpawnError};

use crate::graph::batch::{Batch, Key, Want};
use crate::graph::types::{Measured, Reader};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

/// A key with the columns that its root reads.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked<K> {
    key: K,
    columns: Columns,
}

/// The keys asked for by the root fields of one operation.
pub struct Gather<Rd> {
    reader: Arc<Rd>,
    tasks: Tasks,
    /// Made for the first root that asks: one that is alone never does.
    loader: OnceLock<DataLoader<Batches<Rd>>>,
    unclaimed: Unclaimed,
}

struct Batches<Rd> {
    reader: Arc<Rd>,
    unclaimed: Unclaimed,
}

/// What the gathered loads cost, until a root claims it: they run apart from the roots that wait for them.
/// None when nobody wants to know.
type Unclaimed = Option<Arc<Mutex<Measured>>>;

fn lock(measured: &Mutex<Measured>) -> MutexGuard<'_, Measured> {
    measured.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<Rd: Send + Sync + 'static> Gather<Rd> {
    /// Gathers for one request; `tasks` must be driven by [`Tasks::drive`]. With `explain`, what the loads
    /// cost is measured.
    pub fn new(reader: Arc<Rd>, tasks: &Tasks, explain: bool) -> Self {
        Self { reader, tasks: tasks.clone(), loader: OnceLock::new(), unclaimed: explain.then(Arc::default) }
    }

    fn loader(&self) -> &DataLoader<Batches<Rd>> {
        self.loader.get_or_init(|| {
            let batches = Batches { reader: Arc::clone(&self.reader), unclaimed: self.unclaimed.clone() };
            let loader = DataLoader::new(batches, self.tasks.clone(), NoDelay);
            loader.delay(Duration::ZERO).max_batch_size(usize::MAX)
        })
    }

    /// What loads have cost that no other root has claimed.
    pub(super) fn claim(&self) -> Measured {
        self.unclaimed.as_ref().map(|measured| std::mem::take(&mut *lock(measured))).unwrap_or_default()
    }

    /// Loads the answer of one key, together with what the other roots ask for.
    pub async fn load<K, V>(&self, key: K, columns: Columns) -> Result<Option<V>>
    where
        K: Key,
        V: Clone + Send + Sync + 'static,
        Rd: Batch<K, Arguments = (), Value = V> + Reader,
    {
        self.loader().load_one(Asked { key, columns }).await
    }
}

impl<Rd, K, V> Loader<Asked<K>> for Batches<Rd>
where
    K: Key,
    V: Clone + Send + Sync + 'static,
    Rd: Batch<K, Arguments = (), Value = V> + Reader,
{
    type Value = V;
    type Error = Error;

    async fn load(&self, asked: &[Asked<K>]) -> Result<HashMap<Asked<K>, V>> {
        let columns = asked.iter().fold(Columns::NONE, |all, asked| all | asked.columns);
        let mut keys: Vec<K> = Vec::with_capacity(asked.len());
        for asked in asked {
            if !keys.contains(&asked.key) {
                keys.push(asked.key.clone());
            }
        }
        let load = self.reader.load(&keys, Want { columns, arguments: &() });
        let answers = match &self.unclaimed {
            None => load.await?,
            Some(unclaimed) => {
                let (answers, measured) = self.reader.measure(load).await;
                let mut unclaimed = lock(unclaimed);
                *unclaimed = *unclaimed + measured;
                answers?
            }
        };
        Ok(asked.iter().filter_map(|asked| Some((asked.clone(), answers.get(&asked.key)?.clone()))).collect())
    }
}

/// The gathering ends when the loads are polled, not when a time has passed.
struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// The loads of one request, run in its own task.
#[derive(Clone, Default)]
pub struct Tasks(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl Spawn for Tasks {
    fn spawn_obj(&self, task: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        Ok(())
    }
}

impl Tasks {
    fn take(&self) -> Vec<FutureObj<'static, ()>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Awaits `work`, running the loads it spawns whenever it has nothing else to do.
    pub async fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        // None until something is spawned, which a lone root never does.
        let mut running: Option<FuturesUnordered<_>> = None;
        poll_fn(move |context| {
            loop {
                if let Poll::Ready(output) = work.as_mut().poll(context) {
                    return Poll::Ready(output);
                }
                let spawned = self.take();
                if spawned.is_empty() && running.is_none() {
                    return Poll::Pending;
                }
                let running = running.get_or_insert_default();
                running.extend(spawned);
                // A load that ended has woken its root: poll the work again.
                match running.poll_next_unpin(context) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}
