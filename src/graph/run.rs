//! One execution of a plan: the reader, the variables, and, when asked for, a record of every load.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use async_graphql::Variables;

use crate::graph::types::{Measured, Reader};

/// What the levels of one subtree share while they run.
pub struct Run<'r, Rd> {
    pub reader: &'r Rd,
    pub variables: &'r Variables,
    pub trace: Option<&'r Trace>,
}

impl<Rd: Reader> Run<'_, Rd> {
    /// Awaits a load of `keys` keys for the link at `path`, noting what it cost if the plan is explained.
    pub(super) async fn load<T: Send>(
        &self,
        path: &str,
        keys: usize,
        load: impl Future<Output = T> + Send,
    ) -> T {
        self.load_gathered(path, keys, load, Measured::default).await
    }

    /// The same for a root, a part of whose load may run apart from it; `claim` tells what that cost.
    pub(super) async fn load_gathered<T: Send>(
        &self,
        path: &str,
        keys: usize,
        load: impl Future<Output = T> + Send,
        claim: impl FnOnce() -> Measured + Send,
    ) -> T {
        let Some(trace) = self.trace else { return load.await };
        let begun = Instant::now();
        let (output, measured) = self.reader.measure(load).await;
        trace.add(path, keys, measured + claim(), begun);
        output
    }
}

/// One load of one link or root.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRecord {
    /// The place in the response, without list positions.
    pub path: String,
    pub keys: usize,
    pub measured: Measured,
    pub milliseconds: f64,
}

/// The loads of one request, in the order in which they ended.
#[derive(Debug, Default)]
pub struct Trace(Mutex<Vec<LoadRecord>>);

impl Trace {
    pub(super) fn add(&self, path: &str, keys: usize, measured: Measured, begun: Instant) {
        let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
        let record = LoadRecord { path: path.to_owned(), keys, measured, milliseconds };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }

    /// Takes what was noted.
    pub fn take(&self) -> Vec<LoadRecord> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
