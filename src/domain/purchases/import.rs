//! Recording purchases that were made elsewhere, in bulk, each once. Stock and codes are left as they
//! are: what happened has happened. Budgets count it, and what is digital and paid may be used.
//!
//! The number of a receipt is unique among all purchases. One that is taken is refused here; a checkout, whose number
//! is random, takes another.

use std::collections::{BTreeSet, HashMap, HashSet};

use entities::ids::{CustomerId, OfferId, ProductId, PurchaseId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, PurchaseStatus};
use entities::{purchase, redemption};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::bulk::insert_all;
use crate::db::columnar::is_any_text;
use crate::db::{Db, catalogue};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::judgement;
use crate::domain::customers::people::People;
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::erased;
use crate::domain::purchases::imported::{self, Imported, Sold};
use crate::domain::purchases::known::{self, Step};
use crate::domain::purchases::lines;
use crate::domain::purchases::order::{self, Order};
use crate::domain::purchases::told::Teller;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// Bytes of a number, at most.
pub const MAX_NUMBER: usize = 255;

/// A purchase to be recorded.
#[derive(Clone, Debug)]
pub struct PurchaseRecord {
    pub id: PurchaseId,
    pub number: String,
    pub customer: CustomerRef,
    pub status: PurchaseStatus,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub currency: Currency,
    /// What was to be paid, after discounts: not more than the lines cost, which bear what it is less.
    pub total_minor: i64,
    pub discount_minor: i64,
    /// What of the total was given back, see [`refunded`].
    pub refunded_minor: i64,
    pub placed_at: Timestamp,
    pub source: String,
    pub external_id: String,
    /// Empty when only the total is known.
    pub lines: Vec<LineRecord>,
    pub redemptions: Vec<RedemptionRecord>,
}

/// A line of a purchase to be recorded.
#[derive(Clone, Debug)]
pub struct LineRecord {
    pub product_id: ProductId,
    pub quantity: i64,
    pub unit_minor: i64,
    /// What the line cost, after its discounts.
    pub total_minor: i64,
}

/// The use of an offer in a purchase to be recorded.
#[derive(Clone, Debug)]
pub struct RedemptionRecord {
    pub offer_id: OfferId,
    pub amount_minor: i64,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    /// The same purchase has been recorded before; where it is in its life is as this says, if that is later.
    Known,
    /// The same, and its customer was erased since: nothing is done, and nobody is made for it.
    Erased,
    /// The customer it names is not there, or was erased.
    NoCustomer,
    Refused(String),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// Records purchases with all that belongs to them in one transaction, and makes the customers that are not there yet.
/// One whose source and external id are there already goes on in its life if it is said to; if it is not the same
/// purchase, or its number is another's, it is refused. What customers did by them is recorded too, unless whoever imports brings that apart.
pub async fn record(
    db: &Db,
    ids: &Ids,
    now: Timestamp,
    telling: Option<&Ingest>,
    records: &[PurchaseRecord],
) -> Result<Report> {
    db.write_retrying(&(ids, telling, records), |transaction, (ids, telling, records)| {
        Box::pin(record_within(transaction, ids, now, *telling, records.to_vec()))
    })
    .await
}

async fn record_within(
    transaction: &DatabaseTransaction,
    ids: &Ids,
    now: Timestamp,
    telling: Option<&Ingest>,
    records: Vec<PurchaseRecord>,
) -> Result<Report> {
    // What is taken of a budget is reckoned by the offer as it is when this commits.
    catalogue::share(transaction).await?;
    let names = records.iter().map(|record| record.customer.keys()).collect();
    let mut people = People::load_together(transaction, names).await?;
    let purchases = stored(transaction, &records).await?;
    let erased = erased_ids(transaction, &records).await?;
    let by_id = records.iter().filter_map(|record| record.customer.known());
    people.follow(transaction, by_id.chain(purchases.values().map(|row| row.customer_id)).collect()).await?;
    let numbers = taken_numbers(transaction, &records).await?;
    let sold = imported::sold(transaction, &records).await?;
    let mut ledger = Ledger { people, purchases, erased, numbers, sold, steps: Vec::new() };
    let mut outcomes = Vec::with_capacity(records.len());
    let mut new = Vec::with_capacity(records.len());
    for record in records {
        let settled = ledger.settle(ids, record);
        outcomes.push(settled.as_ref().map_or_else(Clone::clone, |_| Outcome::Recorded));
        new.extend(settled.ok());
    }
    let customers_made = ledger.people.added();
    let of = |one: &Imported| ledger.people.person_of(one.purchase.customer_id);
    let customers: BTreeSet<CustomerId> = new.iter().map(of).collect();
    let orders: Vec<Order> = new.iter().flat_map(|one| one.orders(&ledger.sold)).collect();
    ledger.people.store(transaction, ids, now).await?;
    let redemptions = insert(transaction, new).await?;
    if let Some(ingest) = telling {
        order::record(transaction, ingest, now, &orders).await?;
    }
    judgement::due(transaction, now, customers).await?;
    let budgets = known::follow(transaction, &Teller { ids, now, ingest: telling }, ledger.steps).await?;
    budgets.change(transaction, &redemptions).await?;
    Ok(Report { outcomes, customers_made })
}

/// What of a total was given back, of a purchase that is where it is in its life; or what is wrong with what was said.
pub fn refunded(status: PurchaseStatus, total: i64, said: Option<i64>) -> Result<i64, &'static str> {
    match (status, said) {
        (PurchaseStatus::Refunded, None) => Ok(total),
        (PurchaseStatus::Refunded, Some(minor)) if minor == total => Ok(total),
        (PurchaseStatus::Refunded, Some(_)) => Err("is not the total, of a purchase that is REFUNDED"),
        (PurchaseStatus::PartiallyRefunded, Some(minor)) if 0 < minor && minor < total => Ok(minor),
        (PurchaseStatus::PartiallyRefunded, _) => {
            Err("must be more than nought and less than the total, of a purchase that is PARTIALLY_REFUNDED")
        }
        (_, None | Some(0)) => Ok(0),
        (_, Some(_)) => Err("must not be said of a purchase that was not refunded"),
    }
}

/// Purchases by source and external id.
type Purchases = HashMap<(String, String), purchase::Model>;

/// Whom and what a transaction knows: what the database has, and what is about to go in.
struct Ledger {
    people: People,
    purchases: Purchases,
    /// What is left of the ids of purchases whose customers were erased.
    erased: HashSet<String>,
    numbers: HashSet<String>,
    sold: HashMap<ProductId, Sold>,
    /// What became of purchases that were recorded before.
    steps: Vec<Step>,
}

impl Ledger {
    /// The rows of a purchase that goes in, or what else becomes of it. Only one that goes in makes its
    /// customer or gives them an identity.
    fn settle(&mut self, ids: &Ids, record: PurchaseRecord) -> Result<Imported, Outcome> {
        if self.erased.contains(&erased::external_id(&record.source, &record.external_id)) {
            return Err(Outcome::Erased);
        }
        if self.people.is_nobody(&record.customer) {
            return Err(Outcome::NoCustomer);
        }
        let key = (record.source.clone(), record.external_id.clone());
        if let Some(known) = self.purchases.get_mut(&key) {
            let customer = self.people.find(&record.customer).map_err(Outcome::Refused)?;
            let person = |id| self.people.person_of(id);
            let is_theirs = customer.map(person) == Some(person(known.customer_id));
            let to = known::verdict(known, &record, is_theirs).map_err(Outcome::Refused)?;
            if let Some(to) = to {
                let customer = self.people.person_of(known.customer_id);
                self.steps.push(Step { purchase: known.id, customer, to });
                known.status = to;
            }
            return Err(Outcome::Known);
        }
        if record.number.is_empty() || record.number.len() > MAX_NUMBER {
            return Err(Outcome::Refused(format!("its number must have 1 to {MAX_NUMBER} bytes")));
        }
        if self.numbers.contains(&record.number) {
            let reason = format!("the number `{}` belongs to another purchase", record.number);
            return Err(Outcome::Refused(reason));
        }
        let costs = record.lines.iter().map(|line| line.total_minor).sum();
        if !record.lines.is_empty() && record.total_minor > costs {
            return Err(Outcome::Refused("its total is more than its lines cost".to_owned()));
        }
        let customer =
            self.people.resolve(ids, &record.customer, record.placed_at).map_err(Outcome::Refused)?;
        let imported = Imported::of(ids, record, customer, &self.sold);
        self.numbers.insert(imported.purchase.number.clone());
        self.purchases.insert(key, imported.purchase.clone());
        Ok(imported)
    }
}

/// The purchases with the external ids of these records as the database has them now.
async fn stored(connection: &impl ConnectionTrait, records: &[PurchaseRecord]) -> Result<Purchases> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for record in records {
        by_source.entry(&record.source).or_default().push(&record.external_id);
    }
    let mut stored = HashMap::with_capacity(records.len());
    for (source, external_ids) in by_source {
        let external_ids = external_ids.into_iter().map(str::to_owned);
        let query = purchase::Entity::find().filter(purchase::Column::Source.eq(source)).filter(is_any_text(
            connection,
            "external_id",
            external_ids,
        ));
        let rows = query.all(connection).await?;
        stored.extend(rows.into_iter().map(|row| ((row.source.clone(), row.external_id.clone()), row)));
    }
    Ok(stored)
}

/// What is left of the ids of those of these records whose customers were erased. Read behind what is stored: one that is
/// erased in between was found there.
async fn erased_ids(
    connection: &impl ConnectionTrait,
    records: &[PurchaseRecord],
) -> Result<HashSet<String>> {
    let ids = records.iter().map(|record| erased::external_id(&record.source, &record.external_id));
    let found = purchase::Entity::find()
        .select_only()
        .column(purchase::Column::ExternalId)
        .filter(purchase::Column::Source.eq(erased::SOURCE))
        .filter(is_any_text(connection, "external_id", ids))
        .into_tuple::<String>()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

/// Which numbers of these records the database has.
async fn taken_numbers(
    connection: &impl ConnectionTrait,
    records: &[PurchaseRecord],
) -> Result<HashSet<String>> {
    let numbers = records.iter().map(|record| record.number.clone());
    let taken = purchase::Entity::find()
        .select_only()
        .column(purchase::Column::Number)
        .filter(is_any_text(connection, "number", numbers))
        .into_tuple::<String>()
        .all(connection)
        .await?;
    Ok(taken.into_iter().collect())
}

/// Writes what is new, and gives the redemptions that are to take of budgets. Another writer who recorded one of the
/// purchases meanwhile makes it a conflict: the transaction is then to be run again.
async fn insert(connection: &impl ConnectionTrait, mut new: Vec<Imported>) -> Result<Vec<redemption::Model>> {
    // In the order of the key, so that writers of the same purchases do not wait for each other.
    let key = |one: &Imported| (one.purchase.source.clone(), one.purchase.external_id.clone());
    new.sort_by_cached_key(key);
    let (mut rows, mut lines) = (Vec::with_capacity(new.len()), Vec::new());
    let (mut redemptions, mut entitlements) = (Vec::new(), Vec::new());
    for one in new {
        rows.push(one.purchase);
        lines.extend(one.lines);
        redemptions.extend(one.redemptions);
        entitlements.extend(one.entitlements);
    }
    insert_all(connection, rows).await?;
    lines::write(connection, &lines).await?;
    insert_all(connection, entitlements).await?;
    insert_all(connection, redemptions.clone()).await?;
    Ok(redemptions)
}
