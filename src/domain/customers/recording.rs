//! Recording what customers did, in bulk, each record once: whose it is, and what becomes of it. What nouns
//! have in common here, they have from here.

use std::collections::{HashMap, HashSet};

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use sea_orm::ConnectionTrait;

use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    /// The same has been recorded before.
    Known,
    Refused(String),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// What a record is known by: its source, and its id there.
pub(in crate::domain) type Key = (String, String);

/// Something a customer did, to be recorded once.
pub(in crate::domain) trait Deed {
    /// What is kept of it, and tells whether another record is the same.
    type Kept;
    /// What it is, and its id, as an error calls them.
    const NAMES: (&'static str, &'static str);

    fn key(&self) -> Key;
    fn customer(&self) -> &CustomerRef;
    fn done_at(&self) -> Timestamp;

    /// The number that no other may have.
    fn number(&self) -> Option<&str> {
        None
    }

    fn owner(kept: &Self::Kept) -> CustomerId;

    /// In what it differs from the one with its key: `with other content`.
    fn difference(&self, kept: &Self::Kept) -> Option<&'static str>;
}

/// Whom and what a transaction knows: what the database has, and what is about to go in.
pub(in crate::domain) struct Ledger<D: Deed> {
    pub people: People,
    pub kept: HashMap<Key, D::Kept>,
    /// The numbers that are taken.
    pub numbers: HashSet<String>,
}

impl<D: Deed> Ledger<D> {
    /// Settles all records: what becomes of each, and the rows of those that go in, with what is kept of each,
    /// as `write` makes them.
    pub fn settle<R>(
        &mut self,
        ids: &Ids,
        records: Vec<D>,
        mut write: impl FnMut(D, CustomerId) -> (D::Kept, R),
    ) -> (Vec<Outcome>, Vec<R>) {
        let (mut outcomes, mut new) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
        for record in records {
            let customer = match self.customer_of(ids, &record) {
                Ok(customer) => customer,
                Err(outcome) => {
                    outcomes.push(outcome);
                    continue;
                }
            };
            self.numbers.extend(record.number().map(str::to_owned));
            let key = record.key();
            let (kept, rows) = write(record, customer);
            self.kept.insert(key, kept);
            outcomes.push(Outcome::Recorded);
            new.push(rows);
        }
        (outcomes, new)
    }

    /// Whose a record that goes in is, or what else becomes of it. Only one that goes in makes its customer or
    /// gives them an identity.
    fn customer_of(&mut self, ids: &Ids, record: &D) -> Result<CustomerId, Outcome> {
        let key = record.key();
        if let Some(kept) = self.kept.get(&key) {
            let customer = self.people.find(record.customer()).map_err(Outcome::Refused)?;
            return Err(verdict(&key, record, kept, customer));
        }
        if let Some(number) = record.number().filter(|number| self.numbers.contains(*number)) {
            let (what, _) = D::NAMES;
            return Err(Outcome::Refused(format!("the number `{number}` belongs to another {what}")));
        }
        self.people.resolve(ids, record.customer(), record.done_at()).map_err(Outcome::Refused)
    }

    /// Writes the customers that the records made. They are the first to be written: the rest refers to them.
    pub async fn store_people(self, connection: &impl ConnectionTrait, ids: &Ids) -> Result<usize> {
        let made = self.people.added();
        self.people.store(connection, ids).await?;
        Ok(made)
    }
}

/// What becomes of a record whose key is there already.
fn verdict<D: Deed>(key: &Key, record: &D, kept: &D::Kept, customer: Option<CustomerId>) -> Outcome {
    let ((source, id), (what, name_of_id)) = (key, D::NAMES);
    let is_anothers = customer != Some(D::owner(kept));
    let differs = record.difference(kept).or_else(|| is_anothers.then_some("for another customer"));
    differs.map_or(Outcome::Known, |differs| {
        Outcome::Refused(format!(
            "{what} `{id}` of `{source}` has been recorded {differs}; {name_of_id} is used once"
        ))
    })
}
