//! The watchers of one process, by the rows they watch.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entities::ids::CustomerId;
use tokio::sync::Notify;

use crate::db::outbox::Changed;

/// All of them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Watchers {
    inner: Arc<Mutex<Inner>>,
    /// Somebody came.
    arrivals: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    signals: HashMap<u64, Arc<Notify>>,
    by_customer: HashMap<CustomerId, HashSet<u64>>,
}

/// One that watches, for as long as it is kept.
#[derive(Debug)]
pub struct Watcher {
    watchers: Watchers,
    number: u64,
    signal: Arc<Notify>,
    customers: Vec<CustomerId>,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch, nobody in particular yet.
    pub fn watch(&self) -> Watcher {
        let signal = Arc::<Notify>::default();
        let number = {
            let mut inner = self.lock();
            inner.next += 1;
            let number = inner.next;
            inner.signals.insert(number, Arc::clone(&signal));
            number
        };
        self.arrivals.notify_one();
        Watcher { watchers: self.clone(), number, signal, customers: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.lock().signals.is_empty()
    }

    /// Returns when somebody watches.
    pub async fn arrived(&self) {
        while self.is_empty() {
            self.arrivals.notified().await;
        }
    }

    /// Tells those whom a change may concern.
    pub fn tell(&self, changed: &Changed) {
        let inner = self.lock();
        match changed {
            Changed::Everything => inner.signals.values().for_each(|signal| signal.notify_one()),
            Changed::Customers(ids) => {
                let numbers: HashSet<_> =
                    ids.iter().filter_map(|id| inner.by_customer.get(id)).flatten().collect();
                numbers
                    .iter()
                    .filter_map(|number| inner.signals.get(number))
                    .for_each(|signal| signal.notify_one());
            }
        }
    }
}

impl Watcher {
    /// Watches this row, unless it does already.
    pub fn begin(&mut self, customer: CustomerId) {
        if !self.customers.contains(&customer) {
            self.follow(vec![customer]);
        }
    }

    /// Watches these rows from now on, and no others.
    pub fn follow(&mut self, mut customers: Vec<CustomerId>) {
        customers.sort_unstable();
        if customers == self.customers {
            return;
        }
        let mut inner = self.watchers.lock();
        forget(&mut inner, self.number, &self.customers);
        for id in &customers {
            inner.by_customer.entry(*id).or_default().insert(self.number);
        }
        drop(inner);
        self.customers = customers;
    }

    /// Told when something changed.
    pub fn signal(&self) -> Arc<Notify> {
        Arc::clone(&self.signal)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut inner = self.watchers.lock();
        forget(&mut inner, self.number, &self.customers);
        inner.signals.remove(&self.number);
    }
}

fn forget(inner: &mut Inner, number: u64, customers: &[CustomerId]) {
    for id in customers {
        if let Some(numbers) = inner.by_customer.get_mut(id) {
            numbers.remove(&number);
            if numbers.is_empty() {
                inner.by_customer.remove(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entities::ids::Id;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CustomerId {
        CustomerId::from_uuid(Uuid::from_u128(number))
    }

    fn is_told(watcher: &Watcher) -> bool {
        watcher.signal().notified().now_or_never().is_some()
    }

    #[test]
    fn a_watcher_is_told_once_of_what_it_follows() {
        let watchers = Watchers::default();
        let (mut one, mut other) = (watchers.watch(), watchers.watch());
        one.follow(vec![id(1), id(2)]);
        other.follow(vec![id(3)]);
        watchers.tell(&Changed::Customers(vec![id(1), id(2)]));
        assert!(is_told(&one) && !is_told(&one) && !is_told(&other));
        watchers.tell(&Changed::Everything);
        assert!(is_told(&one) && is_told(&other));
        one.follow(vec![id(3)]);
        watchers.tell(&Changed::Customers(vec![id(1)]));
        assert!(!is_told(&one));
        drop((one, other));
        assert!(watchers.is_empty() && watchers.lock().by_customer.is_empty());
    }
}
