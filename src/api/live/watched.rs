//! Whom a subscription watches, and what came of reading an event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::ID;
use entities::ids::CustomerId;
use tokio::sync::Notify;

use crate::api::inputs::parse_id;
use crate::api::live::shown::Shown;
use crate::api::reads::Reads;
use crate::db::Db;
use crate::db::read::Row;
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store as customers;
use crate::domain::live::watchers::Watcher;
use crate::domain::offers::decision::Decision;
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

/// What a subscription watches, and what came of reading an event.
#[derive(Debug)]
pub struct Watched(Mutex<State>);

#[derive(Debug)]
struct State {
    watcher: Watcher,
    /// None when the event was refused before anything was read.
    shown: Option<Result<Shown>>,
    /// What was decided while the event was read.
    decided: Vec<Arc<Decision>>,
}

/// What came of reading an event.
pub struct Outcome {
    /// None when the event was refused before anything was read.
    pub shown: Option<Result<Shown>>,
    /// To be kept when the event is told.
    pub decided: Vec<Arc<Decision>>,
}

impl Watched {
    pub fn new(watcher: Watcher) -> Self {
        Self(Mutex::new(State { watcher, shown: None, decided: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a customer: all rows that are merged into one with it.
    async fn follow(&self, db: &Db, customer: CustomerId) -> Result<()> {
        // Whoever merges this one meanwhile says so of it, too.
        self.lock().watcher.begin(customer);
        let rows = customers::family(db, customer).await?;
        self.lock().watcher.follow(rows);
        Ok(())
    }

    /// Notes what was decided. It is kept when the event is told.
    pub fn decided(&self, decisions: impl IntoIterator<Item = Arc<Decision>>) {
        self.lock().decided.extend(decisions);
    }

    /// Told when something changed.
    pub fn signal(&self) -> Arc<Notify> {
        self.lock().watcher.signal()
    }

    /// An event is about to be read.
    pub fn begin(&self) {
        self.lock().watcher.read();
    }

    /// What came of the event that was read. From now on it is watched for what it depends on.
    pub fn take(&self) -> Outcome {
        let mut state = self.lock();
        if let Some(Ok(topics)) = state.shown.as_ref().map(|shown| shown.as_ref().map(Shown::topics)) {
            state.watcher.depend(topics);
        }
        Outcome { shown: state.shown.take(), decided: std::mem::take(&mut state.decided) }
    }
}

impl Reads {
    /// Notes what the root of a subscription has read.
    pub(super) fn shown(&self, shown: Result<Shown, &Error>) {
        if let Some(watched) = &self.watched {
            watched.lock().shown = Some(shown.map_err(Clone::clone));
        }
    }
}

/// The customer whom a subscription is about, watched from before they are read on: what changes in between is read
/// again.
pub(super) async fn customer(reads: &Reads, named: Option<&ID>, columns: Columns) -> Result<Customer> {
    let id = match named {
        Some(id) => parse_id("customerId", id)?,
        None => reads.viewer.own().ok_or_else(nobody)?,
    };
    if let Some(watched) = &reads.watched {
        watched.follow(&reads.db, id).await?;
    }
    let columns = columns | Customer::column("id");
    let row = customers::by_ids(&reads.db, reads.scope(), &[id], columns).await?.remove(&id);
    row.ok_or_else(|| Error::NotFound("There is no such customer.".to_owned()))
}

fn nobody() -> Error {
    Error::Forbidden("Your token speaks for no customer: name one by `customerId`.".to_owned())
}
