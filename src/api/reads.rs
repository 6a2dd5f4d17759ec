//! The reader of one request: who asks, and the database. Every batch starts from its viewer.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use entities::ids::{CustomerId, FailureId};
use futures_util::future::BoxFuture;

use crate::api::live::watched::Watched;
use crate::db::Db;
use crate::db::read::metered;
use crate::domain::ingest::queue::IngestQueue;
use crate::domain::ingest::service::Ingest;
use crate::domain::live::watchers::Watchers;
use crate::domain::offers::experience::Deciding;
use crate::domain::offers::store::OfferScope;
use crate::domain::purchases::holds::HoldSettings;
use crate::domain::segments::sharing::SharedFacts;
use crate::graph::connection::TOTAL;
use crate::graph::{Measured, Reader};
use crate::kernel::clock::Clock;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::page::Page;
use crate::kernel::viewer::{CustomerScope, Scope, Viewer};

/// What the batches of a request read with.
#[derive(Clone, Debug)]
pub struct Reads {
    pub db: Db,
    pub viewer: Viewer,
    pub clock: Clock,
    pub ids: Ids,
    pub services: Arc<Services>,
    /// What links read of the same customers at the same time.
    pub facts: SharedFacts,
    /// What the subscription watches for which one event is read; absent in a request.
    pub watched: Option<Arc<Watched>>,
    /// Who the viewer has become by registering a device in this very request.
    registered: Arc<Mutex<Option<CustomerId>>>,
}

/// What requests share beside the database.
#[derive(Debug)]
pub struct Services {
    pub ingest: Ingest,
    pub queue: IngestQueue,
    pub deciding: Deciding,
    pub watchers: Watchers,
    /// For how long what is in carts is held.
    pub holds: HoldSettings,
    /// How many of one product of which there is an end customers may have in their carts.
    pub most_held: u32,
    /// For how many minutes a purchase waits to be paid.
    pub pending_minutes: u32,
    /// For how many days a cart is kept that nobody changes.
    pub cart_days: u32,
    /// The zone in which the brand's days begin, where nothing else says.
    pub time_zone: Tz,
}

impl Reads {
    pub fn new(db: Db, viewer: Viewer, clock: Clock, ids: Ids, services: Arc<Services>) -> Self {
        let facts = SharedFacts::default();
        Self { db, viewer, clock, ids, services, facts, watched: None, registered: Arc::default() }
    }

    /// The same for one event of a subscription.
    #[must_use]
    pub fn watching(mut self, watched: Arc<Watched>) -> Self {
        self.watched = Some(watched);
        self
    }

    /// Who asks: an anonymous viewer that has just registered a device speaks for its customer from then on,
    /// so that the answer can show what was made.
    fn speaker(&self) -> Viewer {
        if self.viewer != Viewer::Anonymous {
            return self.viewer;
        }
        let registered = *self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        registered.map_or(Viewer::Anonymous, Viewer::Customer)
    }

    /// Notes that a device was registered.
    pub fn register(&self, customer: CustomerId) {
        *self.registered.lock().unwrap_or_else(PoisonError::into_inner) = Some(customer);
    }

    /// Whose data may be read by naming it: by id, by identity, as part of something readable.
    pub fn scope(&self) -> CustomerScope {
        self.speaker().customers()
    }

    /// Whose data may be listed without naming anybody.
    pub fn listed_scope(&self) -> CustomerScope {
        let viewer = self.speaker();
        match viewer.own() {
            Some(own) => CustomerScope::Only(own),
            None if viewer.holds(Scope::Lists) => CustomerScope::Everybody,
            None => CustomerScope::Nobody,
        }
    }

    /// Whose behaviors may be read by naming them.
    pub fn behavior_scope(&self) -> CustomerScope {
        if self.speaker().holds(Scope::Behaviors) { self.scope() } else { CustomerScope::Nobody }
    }

    /// Whose behaviors may be listed.
    pub fn listed_behaviors_scope(&self) -> CustomerScope {
        if self.speaker().holds(Scope::Behaviors) { self.listed_scope() } else { CustomerScope::Nobody }
    }

    /// Whether definitions of behaviors, attributes and segments may be read: by anybody the brand knows.
    pub fn sees_definitions(&self) -> bool {
        self.viewer != Viewer::Anonymous
    }

    /// Whether behaviors in quarantine may be read: they are somebody's, and nobody knows whose.
    pub fn sees_quarantine(&self) -> bool {
        matches!(self.viewer, Viewer::Staff { .. }) && self.viewer.holds(Scope::Behaviors)
    }

    /// Which offers may be read: who writes them sees them too before they are live.
    pub fn offer_scope(&self) -> OfferScope {
        match self.viewer.holds(Scope::Offers) || self.viewer.holds(Scope::OffersWrite) {
            true => OfferScope::All,
            false => OfferScope::LiveAt(self.clock.now()),
        }
    }
}

impl Reader for Reads {
    fn holds(&self, scope: Scope) -> bool {
        self.speaker().holds(scope)
    }

    fn error_id(&self) -> String {
        self.ids.next::<FailureId>(self.clock.now()).to_string()
    }

    async fn measure<F>(&self, load: F) -> (F::Output, Measured)
    where
        F: Future<Output: Send> + Send,
    {
        let (output, meter) = metered(load).await;
        (output, Measured { statements: meter.statements, rows: meter.rows })
    }
}

/// Pages, with their totals if those are among the columns wanted. Boxed, they lie in memory once, and totals that
/// nobody wants not at all.
pub fn with_totals<'a, K, R, T>(
    columns: Columns,
    pages: impl Future<Output = Result<HashMap<K, Page<R>>>> + Send + 'a,
    totals: impl FnOnce() -> T,
) -> BoxFuture<'a, Result<HashMap<K, Page<R>>>>
where
    K: Eq + Hash + Send + 'a,
    R: Send + 'a,
    T: Future<Output = Result<HashMap<K, u64>>> + Send + 'a,
{
    if columns & TOTAL == Columns::NONE {
        return Box::pin(pages);
    }
    let totals = totals();
    Box::pin(async move {
        let (mut pages, totals) = futures_util::try_join!(pages, totals)?;
        for (key, page) in &mut pages {
            page.total = totals.get(key).copied();
        }
        Ok(pages)
    })
}

/// The same for one list.
pub fn with_total<'a, R, T>(
    columns: Columns,
    page: impl Future<Output = Result<Page<R>>> + Send + 'a,
    total: impl FnOnce() -> T,
) -> BoxFuture<'a, Result<Page<R>>>
where
    R: Send + 'a,
    T: Future<Output = Result<u64>> + Send + 'a,
{
    if columns & TOTAL == Columns::NONE {
        return Box::pin(page);
    }
    let total = total();
    Box::pin(async move {
        let (page, total) = futures_util::try_join!(page, total)?;
        Ok(Page { total: Some(total), ..page })
    })
}
