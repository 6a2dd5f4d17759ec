//! What several links of one request ask of the same customers at the same time is read once: whoever comes first
//! waits until all have said what they need, and reads it for all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use tokio::sync::OnceCell;

use crate::db::Db;
use crate::domain::customers::rows::Customer;
use crate::domain::segments::catalogue::Needs;
use crate::domain::segments::facts::{Known, read_known};
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// What the links of one request share. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SharedFacts(Arc<Mutex<Option<Arc<Round>>>>);

/// What is read by one who reads for all.
#[derive(Debug)]
struct Round {
    scope: CustomerScope,
    wanted: Mutex<Wanted>,
    known: OnceCell<Arc<Known>>,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    needs: Needs,
    /// Customers of whom profiles are made.
    rows: BTreeMap<CustomerId, Arc<Customer>>,
    /// Customers of whom attributes are read.
    ids: BTreeSet<CustomerId>,
}

/// Who is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    /// Customers whose rows were read, with their traits: all is to be known of them.
    Rows(&'a [Arc<Customer>]),
    /// Customers of whom the attributes are enough.
    Ids(&'a [CustomerId]),
}

impl SharedFacts {
    /// Reads what these needs ask of these customers, together with what others ask who come at the same time: there
    /// may be more in it than was asked for.
    pub async fn read(
        &self,
        db: &Db,
        scope: CustomerScope,
        needs: &Needs,
        whom: Whom<'_>,
        now: Timestamp,
    ) -> Result<Arc<Known>> {
        let round = self.join(scope, needs, whom);
        // The links of a level are all begun before the first goes on.
        tokio::task::yield_now().await;
        let known = round.known.get_or_try_init(async || {
            self.close(&round);
            // A copy: when reading fails or is given up, who waited for it reads the same.
            let Wanted { needs, rows, ids } = lock(&round.wanted).clone();
            let others: Vec<CustomerId> = ids.into_iter().filter(|id| !rows.contains_key(id)).collect();
            let rows = rows.into_values().collect();
            read_known(db, scope, &needs, rows, &others, now).await.map(Arc::new)
        });
        known.await.cloned()
    }

    fn join(&self, scope: CustomerScope, needs: &Needs, whom: Whom<'_>) -> Arc<Round> {
        let mut open = lock(&self.0);
        let round = match open.take().filter(|round| round.scope == scope) {
            Some(round) => round,
            None => Arc::new(Round { scope, wanted: Mutex::default(), known: OnceCell::new() }),
        };
        let mut wanted = lock(&round.wanted);
        wanted.needs.add(needs);
        match whom {
            Whom::Rows(rows) => wanted.rows.extend(rows.iter().map(|row| (row.id, Arc::clone(row)))),
            Whom::Ids(ids) => wanted.ids.extend(ids),
        }
        drop(wanted);
        *open = Some(Arc::clone(&round));
        round
    }

    /// Who comes from now on begins another round.
    fn close(&self, round: &Arc<Round>) {
        let mut open = lock(&self.0);
        if open.as_ref().is_some_and(|open| Arc::ptr_eq(open, round)) {
            *open = None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
