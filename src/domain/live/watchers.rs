//! The watchers of one process, by what they watch.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entities::ids::CustomerId;
use tokio::sync::Notify;

use crate::db::outbox::Changed;
use crate::db::topic::Topic;

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
    by_topic: HashMap<Topic, HashSet<u64>>,
    /// What changed since those began to read who read at this moment.
    missed: HashMap<u64, HashSet<Topic>>,
}

/// One that watches, for as long as it is kept.
#[derive(Debug)]
pub struct Watcher {
    watchers: Watchers,
    number: u64,
    signal: Arc<Notify>,
    /// The rows of the customer who is watched.
    customers: Vec<Topic>,
    /// What else there is in what is shown.
    shown: Vec<Topic>,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch, nothing in particular yet.
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
        Watcher { watchers: self.clone(), number, signal, customers: Vec::new(), shown: Vec::new() }
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
        let mut inner = self.lock();
        match changed {
            Changed::Everything => inner.signals.values().for_each(|signal| signal.notify_one()),
            Changed::These(topics) => {
                inner.missed.values_mut().for_each(|missed| missed.extend(topics));
                let watching = topics.iter().filter_map(|topic| inner.by_topic.get(topic));
                let numbers: HashSet<_> = watching.flatten().collect();
                numbers
                    .iter()
                    .filter_map(|number| inner.signals.get(number))
                    .for_each(|signal| signal.notify_one());
            }
        }
    }
}

impl Watcher {
    /// Watches this row of a customer, unless it does already.
    pub fn begin(&mut self, customer: CustomerId) {
        if !self.customers.contains(&customer.into()) {
            self.follow(vec![customer]);
        }
    }

    /// Watches these rows of a customer from now on, and no others.
    pub fn follow(&mut self, customers: Vec<CustomerId>) {
        let customers = sorted(customers.into_iter().map(Topic::from).collect());
        self.watchers.lock().change(self.number, &self.customers, &customers);
        self.customers = customers;
    }

    /// Begins to read what is to be shown: what it depends on is known afterwards, and may change meanwhile.
    pub fn read(&mut self) {
        self.watchers.lock().missed.insert(self.number, HashSet::new());
    }

    /// What is shown depends on these, besides the customer. It is told of those that changed while it was read.
    pub fn depend(&mut self, shown: Vec<Topic>) {
        let shown = sorted(shown);
        let mut inner = self.watchers.lock();
        inner.change(self.number, &self.shown, &shown);
        let missed = inner.missed.remove(&self.number).unwrap_or_default();
        if shown.iter().any(|topic| missed.contains(topic) && !self.shown.contains(topic)) {
            self.signal.notify_one();
        }
        drop(inner);
        self.shown = shown;
    }

    /// Told when something changed.
    pub fn signal(&self) -> Arc<Notify> {
        Arc::clone(&self.signal)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut inner = self.watchers.lock();
        inner.change(self.number, &self.customers, &[]);
        inner.change(self.number, &self.shown, &[]);
        inner.missed.remove(&self.number);
        inner.signals.remove(&self.number);
    }
}

impl Inner {
    /// One watches the others from now on instead of the first.
    fn change(&mut self, number: u64, before: &[Topic], after: &[Topic]) {
        if before == after {
            return;
        }
        for topic in before {
            if let Some(numbers) = self.by_topic.get_mut(topic) {
                numbers.remove(&number);
                if numbers.is_empty() {
                    self.by_topic.remove(topic);
                }
            }
        }
        for topic in after {
            self.by_topic.entry(*topic).or_default().insert(number);
        }
    }
}

fn sorted(mut topics: Vec<Topic>) -> Vec<Topic> {
    topics.sort_unstable();
    topics.dedup();
    topics
}

#[cfg(test)]
mod tests {
    use entities::ids::{Id, ProductId};
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CustomerId {
        CustomerId::from_uuid(Uuid::from_u128(number))
    }

    fn product(number: u128) -> Topic {
        Topic::Product(ProductId::from_uuid(Uuid::from_u128(number)))
    }

    fn these(customers: &[u128]) -> Changed {
        Changed::These(customers.iter().map(|number| id(*number).into()).collect())
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
        watchers.tell(&these(&[1, 2]));
        assert!(is_told(&one) && !is_told(&one) && !is_told(&other));
        watchers.tell(&Changed::Everything);
        assert!(is_told(&one) && is_told(&other));
        one.follow(vec![id(3)]);
        watchers.tell(&these(&[1]));
        assert!(!is_told(&one));
        drop((one, other));
        assert!(watchers.is_empty() && watchers.lock().by_topic.is_empty());
    }

    #[test]
    fn a_watcher_is_told_of_what_it_shows_also_if_that_changed_while_it_was_read() {
        let watchers = Watchers::default();
        let mut watcher = watchers.watch();
        watcher.read();
        watchers.tell(&Changed::These(vec![product(1)]));
        watcher.depend(vec![product(2), product(2)]);
        assert!(!is_told(&watcher), "it shows another");
        watchers.tell(&Changed::These(vec![product(2)]));
        assert!(is_told(&watcher));
        watcher.read();
        watchers.tell(&Changed::These(vec![product(1)]));
        watcher.depend(vec![product(1)]);
        assert!(is_told(&watcher) && !is_told(&watcher));
        watchers.tell(&Changed::These(vec![product(1), product(2)]));
        assert!(is_told(&watcher) && !is_told(&watcher));
        watcher.depend(Vec::new());
        watchers.tell(&Changed::These(vec![product(1), product(2)]));
        assert!(!is_told(&watcher));
        let inner = watchers.lock();
        assert!(inner.by_topic.is_empty() && inner.missed.is_empty());
    }
}
