//! One transaction of ingest: behaviors and customers go in, attributes are counted, in one commit.

use std::collections::HashMap;
use std::sync::Arc;

use entities::ids::{Id, QuarantinedBehaviorId};
use sea_orm::DatabaseTransaction;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::db::Db;
use crate::db::{catalogue, outbox};
use crate::domain::attributes;
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::behaviors::decided::{Decisions, NoDecisions};
use crate::domain::behaviors::definitions::{BehaviorCatalogue, UnknownNames};
use crate::domain::behaviors::quarantine::{self, Quarantined};
use crate::domain::behaviors::record::{self, BehaviorRecord, Outcome, Recorded, Recording};
use crate::domain::ingest::arrival::{Arrival, Fate};
use crate::domain::ingest::introductions::Introducer;
use crate::domain::ingest::linking;
use crate::domain::segments::due;
use crate::domain::segments::keeper::Segments;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// How often a transaction is begun anew when another writer was quicker.
const ATTEMPTS: usize = 4;

/// Records behaviors. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub attributes: Attributes,
    pub behaviors: BehaviorCatalogue,
    pub segments: Segments,
    pub unknown_names: UnknownNames,
    /// What behaviors that tell of a decision are held against; nothing, unless who decides is set here.
    pub decisions: Arc<dyn Decisions>,
    /// Transactions go beside each other, or one alone.
    lane: Arc<RwLock<()>>,
}

/// What is recorded by one transaction.
enum Work {
    Arrived(Vec<Arrival>),
    Quarantined(Vec<QuarantinedBehaviorId>),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// What became of arrivals, in their order, and how many customers were made for their behaviors.
#[derive(Debug)]
struct Settled {
    fates: Vec<Fate>,
    customers_made: usize,
}

impl Settled {
    /// Of behaviors only.
    fn into_report(self) -> Report {
        let outcome = |fate| match fate {
            Fate::Behavior(outcome) => Some(outcome),
            Fate::Introduced(_) | Fate::NotIntroduced(_) => None,
        };
        Report {
            outcomes: self.fates.into_iter().filter_map(outcome).collect(),
            customers_made: self.customers_made,
        }
    }
}

impl Ingest {
    /// An ingest over a database, with what is defined there.
    pub async fn open(db: &Db, clock: Clock, ids: Ids) -> Result<Self> {
        Ok(Self {
            attributes: Attributes::open(db).await?,
            behaviors: BehaviorCatalogue::open(db).await?,
            segments: Segments::open(db, clock.clone(), ids.clone()).await?,
            unknown_names: UnknownNames::default(),
            decisions: Arc::new(NoDecisions),
            lane: Arc::default(),
            db: db.clone(),
            clock,
            ids,
        })
    }

    /// Looks whether anything was defined elsewhere.
    pub async fn refresh(&self) -> Result<()> {
        self.attributes.refresh(&self.db).await?;
        self.behaviors.refresh(&self.db).await?;
        self.segments.catalogue.refresh(&self.db).await?;
        Ok(())
    }

    /// Records behaviors in one transaction; when this returns they are on disk, and the attributes current.
    pub async fn record(&self, records: Vec<BehaviorRecord>) -> Result<Report> {
        let arrivals = records.into_iter().map(Arrival::Behavior).collect();
        Ok(self.run(Work::Arrived(arrivals)).await?.into_report())
    }

    /// Takes in what arrived, in one transaction: who people are first, then what they did.
    pub async fn take_in(&self, arrivals: Vec<Arrival>) -> Result<Vec<Fate>> {
        Ok(self.run(Work::Arrived(arrivals)).await?.fates)
    }

    /// Records quarantined behaviors again, held against the definitions as they are now; what became of each, in
    /// the order of the ids.
    pub async fn replay(&self, ids: Vec<QuarantinedBehaviorId>) -> Result<Report> {
        Ok(self.run(Work::Quarantined(ids)).await?.into_report())
    }

    /// Another writer may take an identity or a message between this one's look and its write, or wait for this one
    /// while this one waits for it. Its own look then finds what is there at the next attempt.
    async fn run(&self, work: Work) -> Result<Settled> {
        let mut attempt = 1;
        loop {
            // Who got into another's way goes on alone: beside each other, two that make the same customers would
            // get into each other's way again.
            let outcome = if attempt == 1 {
                let _beside_others = self.lane.read().await;
                self.attempt(&work).await
            } else {
                let _alone = self.lane.write().await;
                self.attempt(&work).await
            };
            match outcome {
                Err(Error::Contended(reason) | Error::Conflict(reason)) if attempt < ATTEMPTS => {
                    tracing::debug!(attempt, reason, "ingest begins anew");
                    attempt += 1;
                }
                Err(Error::Contended(reason) | Error::Conflict(reason)) => {
                    tracing::warn!(attempt, reason, "ingest gives up");
                    return Err(Error::overtaken());
                }
                outcome => {
                    self.segments.wake();
                    return outcome;
                }
            }
        }
    }

    async fn attempt(&self, work: &Work) -> Result<Settled> {
        self.db
            .write(async |transaction| match work {
                Work::Arrived(arrivals) => self.take_in_within(transaction, arrivals.clone()).await,
                Work::Quarantined(ids) => self.replay_within(transaction, ids).await,
            })
            .await
    }

    /// What is refused goes back with the new reason: only what is recorded, or what its customer refuses, leaves
    /// the quarantine.
    async fn replay_within(
        &self,
        transaction: &DatabaseTransaction,
        ids: &[QuarantinedBehaviorId],
    ) -> Result<Settled> {
        let taken = quarantine::take(transaction, ids).await?;
        let arrivals = taken.iter().map(|one| Arrival::Behavior(one.record.clone())).collect();
        let settled = self.take_in_within(transaction, arrivals).await?;
        let places: HashMap<Uuid, usize> =
            taken.iter().enumerate().map(|(place, one)| (one.record.id.uuid(), place)).collect();
        let fate = |id: &QuarantinedBehaviorId| match places.get(&id.uuid()) {
            Some(place) => settled.fates[*place].clone(),
            None => Fate::Behavior(Outcome::Refused("it is not in quarantine, or no longer".to_owned())),
        };
        let fates = ids.iter().map(fate).collect();
        let refused = taken.into_iter().zip(&settled.fates).filter_map(|(one, fate)| match fate {
            Fate::Behavior(Outcome::Refused(reason)) => Some(Quarantined { reason: reason.clone(), ..one }),
            _ => None,
        });
        quarantine::keep(transaction, refused.collect()).await?;
        Ok(Settled { fates, customers_made: settled.customers_made })
    }

    async fn take_in_within(
        &self,
        transaction: &DatabaseTransaction,
        arrivals: Vec<Arrival>,
    ) -> Result<Settled> {
        let introducer = Introducer { transaction, ids: &self.ids, now: self.clock.now() };
        let (mut records, mut claimed) = (Vec::new(), Vec::new());
        // A behavior's place is empty until all are recorded together.
        let mut fates = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            fates.push(match arrival {
                Arrival::Behavior(record) => {
                    records.push(record);
                    None
                }
                Arrival::Claimed(record, sender) => {
                    claimed.push((records.len(), sender));
                    records.push(record);
                    None
                }
                Arrival::Introduction(introduction) => {
                    let introduced = introducer.introduce(introduction).await?;
                    Some(introduced.map_or_else(Fate::NotIntroduced, Fate::Introduced))
                }
            });
        }
        linking::link(&introducer, &mut records, claimed).await?;
        let recorded = self.record_within(transaction, records).await?;
        let mut outcomes = recorded.outcomes.into_iter().map(Fate::Behavior);
        let fates = fates.into_iter().filter_map(|fate| fate.or_else(|| outcomes.next())).collect();
        Ok(Settled { fates, customers_made: recorded.made.len() })
    }

    /// Records behaviors as a part of another transaction; when it has committed, `segments` are to be woken.
    pub(in crate::domain) async fn record_within(
        &self,
        transaction: &DatabaseTransaction,
        records: Vec<BehaviorRecord>,
    ) -> Result<Recorded> {
        let version = catalogue::share(transaction).await?;
        let attributes = self.attributes.at(transaction, version).await?;
        let behaviors = self.behaviors.at(transaction, version).await?;
        let segments = self.segments.catalogue.at(transaction, version).await?;
        let recording = Recording {
            ids: &self.ids,
            now: self.clock.now(),
            definitions: &behaviors,
            unknown_names: self.unknown_names,
            decisions: self.decisions.as_ref(),
            attributes_version: version,
        };
        let recorded = record::record(transaction, recording, records).await?;
        attributes::store::count(transaction, &attributes, &recorded.rows).await?;
        outbox::announce(transaction, recorded.touched.iter().copied()).await?;
        if !segments.is_empty() {
            // Who was made is marked already.
            let known =
                recorded.rows.iter().map(|row| row.customer_id).filter(|id| !recorded.made.contains(id));
            due::mark(transaction, recording.now, known).await?;
        }
        Ok(recorded)
    }
}
