//! What an offer would do if it were live: whom it would reach, which live offers it would outrank, and what it
//! would have cost. Nothing is written: no offer, no decision.
//!
//! **Sample.** Customers are drawn by the order of a hash of their ids ([`sample`]): as good as by lot, and the same
//! ones when it is asked again. They are looked at in that order, so that those looked at when the time is up are a
//! fair sample, too: smaller, with wider bounds ([`estimate`]).
//!
//! **Reach.** The draft is put into a copy of the catalogue as if it were live, and each customer is decided for as of
//! now, in every placement and channel of the draft, by the code that decides for devices ([`reach`]). Placements that
//! only fall back on it are not looked at. Where it is shown it is decided again without it: what was shown then and
//! is not now is outranked.
//!
//! **Cost.** The purchases that the reached customers have made since a day ([`history`]) are replayed in the order of
//! time ([`replay`]), as if the offer had counted since then and nothing of it had been taken. A purchase that the
//! benefit fits redeems it once, unless a limit stops it, on the days of the week and at the hours of its schedule; its
//! first and last day are left out, for they are those of the future. The budget is everybody's: the sample takes of
//! it as if all customers did as it does.
//!
//! Not guessed: whether an offer brings purchases that would not have been made; and of a free product, whether
//! customers would have taken it: it is redeemed where it was bought. Where the lines of a purchase are not
//! recorded, nobody knows: it is counted as unknown.

pub mod estimate;
pub mod history;
pub mod reach;
pub mod replay;
pub mod sample;

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use entities::ids::CustomerId;
use entities::offer;
use entities::timestamp::Timestamp;
use tokio::time::Instant;

use crate::db::Db;
use crate::db::read::Row;
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store as customers;
use crate::domain::offers::catalogue::OfferDefinitions;
use crate::domain::offers::define::{self, Draft};
use crate::domain::offers::experience::{Ground, Question};
use crate::domain::offers::faults::{Faults, Refused};
use crate::domain::offers::reasons::Code;
use crate::domain::offers::simulation::estimate::Part;
use crate::domain::offers::simulation::history::History;
use crate::domain::offers::simulation::reach::{Outranked, Reach, Trial};
use crate::domain::offers::simulation::replay::{Cost, replay};
use crate::domain::segments::catalogue::SegmentDefinitions;
use crate::domain::segments::sharing::SharedFacts;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::turn::Turn;
use crate::kernel::viewer::CustomerScope;

/// How long customers are looked at for a request.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Customers of one simulation, at most.
pub const MAX_SAMPLE: i32 = 100_000;
/// Offers shown in one placement, at most.
const MAX_LIMIT: i32 = 50;
/// Customers read at once.
const CHUNK: usize = 500;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Asked {
    pub draft: Draft,
    /// From when on purchases are replayed.
    pub since: Timestamp,
    /// How many customers are drawn.
    pub sample: i32,
    /// Another one draws other customers.
    pub seed: i32,
    /// The most offers that are shown in one placement.
    pub limit: i32,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// How many customers there are.
    pub customers: u64,
    /// How many were drawn.
    pub sample: u64,
    /// How many of those were looked at.
    pub looked_at: u64,
    /// Whether all that were to be drawn were, and looked at.
    pub is_complete: bool,
    pub reach: Reach,
    pub cost: Cost,
}

impl Simulation {
    /// Which part of all customers was looked at.
    pub fn part(&self) -> Part {
        Part { of: self.looked_at, all: self.customers }
    }

    /// Why customers are not reached, the most frequent first.
    pub fn reasons(&self) -> Vec<((Code, Option<String>), u64)> {
        let mut reasons: Vec<_> = self.reach.reasons.clone().into_iter().collect();
        reasons.sort_by_key(|(_, customers)| Reverse(*customers));
        reasons
    }

    /// The offers that are outranked, the most often first.
    pub fn outranks(&self) -> Vec<Outranked> {
        let mut outranks: Vec<Outranked> = self.reach.outranks.values().cloned().collect();
        outranks.sort_by_key(|outranked| Reverse(outranked.decisions));
        outranks
    }
}

/// With what it is simulated.
#[derive(Clone, Debug)]
pub struct Simulator {
    pub db: Db,
    pub ids: Ids,
    pub now: Timestamp,
    /// Where days and hours are those of the schedule.
    pub zone: Tz,
    pub segments: Arc<SegmentDefinitions>,
    pub universal_holdout: u32,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub looked_at: u64,
    pub sample: u64,
}

/// How long it may go on.
#[derive(Clone, Copy, Debug)]
pub struct Patience(Option<Instant>);

impl Patience {
    /// So long from now on; for ever without a length.
    pub fn begin(length: Option<Duration>) -> Self {
        Self(length.map(|length| Instant::now() + length))
    }

    pub fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

impl Asked {
    fn check(&self, now: Timestamp, faults: &mut Faults) {
        if self.since > now {
            faults.invalid("since", format!("nothing was bought yet since {}; it is {now}", self.since));
        }
        let numbers = [("sample", self.sample, MAX_SAMPLE), ("limit", self.limit, MAX_LIMIT)];
        for (path, number, most) in
            numbers.into_iter().filter(|(_, number, most)| !(1..=*most).contains(number))
        {
            faults.invalid(path, format!("it must be 1 to {most}, it is {number}"));
        }
    }
}

impl Draft {
    /// The path at which it stands in the input.
    fn path(&self) -> &'static str {
        match self {
            Self::New { .. } => "draft.new",
            Self::Changed { .. } => "draft.changed",
        }
    }
}

impl Simulator {
    /// Simulates a draft, for so long at most: one page of customers is always looked at.
    pub async fn simulate(
        &self,
        asked: Asked,
        patience: Option<Duration>,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Simulation, Refused> {
        let patience = Patience::begin(patience);
        let Asked { since, sample, seed, limit, .. } = asked;
        let row = self.row(asked).await?;
        let (live, tried) = OfferDefinitions::load_with(self.db.connection(), row.clone()).await?;
        let limit = usize::try_from(limit).unwrap_or_default();
        let mut trial = Trial::new(self, (live, tried), row.id, limit);
        let mut history = History::new(&row, since, self.now);

        let drawn =
            sample::draw(&self.db, seed, usize::try_from(sample).unwrap_or_default(), patience).await?;
        let mut seen = 0;
        for ids in drawn.ids.chunks(CHUNK) {
            progress(Progress { looked_at: seen, sample: drawn.ids.len() as u64 });
            if seen > 0 && patience.is_over() {
                break;
            }
            let reached = self.look_at(&mut trial, ids).await?;
            history.read(&self.db, &reached).await?;
            seen += ids.len() as u64;
        }
        progress(Progress { looked_at: seen, sample: drawn.ids.len() as u64 });

        let looked_at = trial.reach.looked_at();
        let part = Part { of: looked_at, all: drawn.customers };
        let cost = replay(trial.draft(), &row, self.zone, history, part).await;
        Ok(Simulation {
            customers: drawn.customers,
            sample: drawn.ids.len() as u64,
            looked_at,
            is_complete: drawn.is_whole && seen == drawn.ids.len() as u64,
            reach: trial.reach,
            cost,
        })
    }

    /// The row of the draft, or all that is wrong with what was asked.
    async fn row(&self, asked: Asked) -> Result<offer::Model, Refused> {
        let (mut faults, mut own) = (Faults::default(), Faults::default());
        asked.check(self.now, &mut faults);
        let path = asked.draft.path();
        let tried = define::tried(self.db.connection(), &self.ids, self.now, asked.draft, &mut own).await;
        faults.add_within(path, own);
        let checked = tried.and_then(|row| faults.check().map(|()| row));
        faults.settle(checked)
    }

    /// Decides for these customers; who of them is reached.
    async fn look_at(&self, trial: &mut Trial, ids: &[CustomerId]) -> Result<Vec<CustomerId>> {
        let columns = ["id", "created_at", "locale", "merged_into", "traits"];
        let columns = columns.into_iter().fold(Columns::NONE, |all, name| all | Customer::column(name));
        let everybody = CustomerScope::Everybody;
        let mut rows = customers::by_ids(&self.db, everybody, ids, columns).await?;
        // Who was merged since it was drawn is looked at as the one it turned out to be, if that one is drawn.
        let rows: Vec<Arc<Customer>> =
            ids.iter().filter_map(|id| rows.remove(id).filter(|row| row.id == *id)).map(Arc::new).collect();
        let placements = trial.placements();
        let question = Question { customers: &rows, placements: &placements, now: self.now };
        let (facts, segments) = (SharedFacts::default(), Arc::clone(&self.segments));
        let ground =
            Ground::read(&self.db, everybody, &facts, trial.catalogues(), segments, &question).await?;
        let judged = ground.judged(&question).await;
        let (mut turn, mut reached) = (Turn::begin(), Vec::new());
        for row in &rows {
            if trial.look_at(&judged, row.id, &mut turn).await {
                reached.push(row.id);
            }
        }
        Ok(reached)
    }
}
