//! Recording purchases that were made elsewhere, in bulk, each once. Stock and codes are left as they
//! are: what happened has happened. Budgets count it.

use std::collections::{HashMap, HashSet};

use entities::ids::{CustomerId, OfferId, ProductId, PurchaseId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, PurchaseStatus, RedemptionStatus};
use entities::{purchase, purchase_line, redemption};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all};
use crate::db::{Db, catalogue, outbox};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::domain::offers::budget;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

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
    /// What was to be paid, after discounts.
    pub total_minor: i64,
    pub discount_minor: i64,
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
    /// The same purchase has been recorded before.
    Known,
    Refused(String),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// Records purchases with their lines and redemptions in one transaction, and makes the customers that are
/// not there yet. One whose source and external id are there already is left alone; if it is not the same
/// purchase, or its number is another's, it is refused.
pub async fn record(db: &Db, ids: &Ids, now: Timestamp, records: Vec<PurchaseRecord>) -> Result<Report> {
    db.write(async |transaction| {
        // What is taken of a budget is reckoned by the offer as it is when this commits.
        catalogue::share(transaction).await?;
        let names = records.iter().map(|record| record.customer.keys()).collect();
        let people = People::load_together(transaction, names).await?;
        let purchases = stored(transaction, &records).await?;
        let numbers = taken_numbers(transaction, &records).await?;
        let mut ledger = Ledger { people, purchases, numbers };
        let mut outcomes = Vec::with_capacity(records.len());
        let mut new = Vec::with_capacity(records.len());
        for record in records {
            let settled = ledger.settle(ids, record);
            outcomes.push(settled.as_ref().map_or_else(Clone::clone, |_| Outcome::Recorded));
            new.extend(settled.ok());
        }
        let customers_made = ledger.people.added();
        ledger.people.store(transaction, ids, now).await?;
        outbox::announce(transaction, new.iter().map(|(row, _)| row.customer_id)).await?;
        insert(transaction, new).await?;
        Ok(Report { outcomes, customers_made })
    })
    .await
}

/// Purchases by source and external id.
type Purchases = HashMap<(String, String), purchase::Model>;

/// Whom and what a transaction knows: what the database has, and what is about to go in.
struct Ledger {
    people: People,
    purchases: Purchases,
    numbers: HashSet<String>,
}

impl Ledger {
    /// The rows of a purchase that goes in, or what else becomes of it. Only one that goes in makes its
    /// customer or gives them an identity.
    fn settle(&mut self, ids: &Ids, mut record: PurchaseRecord) -> Result<(purchase::Model, Parts), Outcome> {
        let key = (record.source.clone(), record.external_id.clone());
        if let Some(known) = self.purchases.get(&key) {
            let customer = self.people.find(&record.customer).map_err(Outcome::Refused)?;
            return Err(verdict(known, &record, customer));
        }
        if self.numbers.contains(&record.number) {
            let reason = format!("the number `{}` belongs to another purchase", record.number);
            return Err(Outcome::Refused(reason));
        }
        let customer =
            self.people.resolve(ids, &record.customer, record.placed_at).map_err(Outcome::Refused)?;
        let parts = Parts::take(ids, &mut record, customer);
        let row = row(record, customer);
        self.numbers.insert(row.number.clone());
        self.purchases.insert(key, row.clone());
        Ok((row, parts))
    }
}

/// What becomes of a purchase whose external id is there already.
fn verdict(known: &purchase::Model, record: &PurchaseRecord, customer: Option<CustomerId>) -> Outcome {
    let is_same_sale = (known.placed_at, known.total_minor, known.currency.as_str())
        == (record.placed_at, record.total_minor, record.currency.code());
    let differs = match () {
        () if !is_same_sale => "with another time or total",
        () if customer != Some(known.customer_id) => "for another customer",
        () => return Outcome::Known,
    };
    Outcome::Refused(format!(
        "purchase `{}` of `{}` has been recorded {differs}; an external id is used once",
        known.external_id, known.source
    ))
}

/// The purchases with the external ids of these records as the database has them now.
async fn stored(connection: &impl ConnectionTrait, records: &[PurchaseRecord]) -> Result<Purchases> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for record in records {
        by_source.entry(&record.source).or_default().push(&record.external_id);
    }
    let mut stored = HashMap::with_capacity(records.len());
    for (source, external_ids) in by_source {
        for external_ids in external_ids.chunks(KEYS_PER_STATEMENT) {
            let query = purchase::Entity::find()
                .filter(purchase::Column::Source.eq(source))
                .filter(purchase::Column::ExternalId.is_in(external_ids.iter().copied()));
            let rows = query.all(connection).await?;
            stored.extend(rows.into_iter().map(|row| ((row.source.clone(), row.external_id.clone()), row)));
        }
    }
    Ok(stored)
}

/// Which numbers of these records the database has.
async fn taken_numbers(
    connection: &impl ConnectionTrait,
    records: &[PurchaseRecord],
) -> Result<HashSet<String>> {
    let mut taken = HashSet::new();
    for records in records.chunks(KEYS_PER_STATEMENT) {
        let numbers = records.iter().map(|record| record.number.as_str());
        let query = purchase::Entity::find()
            .select_only()
            .column(purchase::Column::Number)
            .filter(purchase::Column::Number.is_in(numbers));
        taken.extend(query.into_tuple::<String>().all(connection).await?);
    }
    Ok(taken)
}

/// Writes what is new. Another writer who recorded one of the purchases meanwhile makes it a conflict: the
/// transaction is then to be run again.
async fn insert(connection: &impl ConnectionTrait, mut new: Vec<(purchase::Model, Parts)>) -> Result<()> {
    // In the order of the key, so that writers of the same purchases do not wait for each other.
    new.sort_by(|(a, _), (b, _)| (&a.source, &a.external_id).cmp(&(&b.source, &b.external_id)));
    let (rows, parts): (Vec<_>, Vec<_>) = new.into_iter().unzip();
    let (lines, redemptions): (Vec<_>, Vec<_>) =
        parts.into_iter().map(|parts| (parts.lines, parts.redemptions)).unzip();
    insert_all(connection, rows).await?;
    insert_all(connection, lines.into_iter().flatten().collect()).await?;
    let redemptions: Vec<redemption::Model> = redemptions.into_iter().flatten().collect();
    if budget::take(connection, &redemptions).await? {
        // What is spent is shown to nobody any more.
        outbox::announce_everything(connection).await?;
    }
    insert_all(connection, redemptions).await
}

/// What hangs on a purchase.
struct Parts {
    lines: Vec<purchase_line::Model>,
    redemptions: Vec<redemption::Model>,
}

impl Parts {
    fn take(ids: &Ids, record: &mut PurchaseRecord, customer_id: CustomerId) -> Self {
        let (purchase_id, at) = (record.id, record.placed_at);
        let lines = (1..).zip(record.lines.drain(..)).map(|(position, line)| purchase_line::Model {
            id: ids.next(at),
            customer_id,
            purchase_id,
            position,
            product_id: line.product_id,
            quantity: line.quantity,
            unit_minor: line.unit_minor,
            total_minor: line.total_minor,
            stock_taken: 0,
            refunded_quantity: 0,
            refunded_minor: 0,
        });
        let lines = lines.collect();
        let redemptions = record.redemptions.drain(..).map(|redemption| redemption::Model {
            id: ids.next(at),
            customer_id,
            purchase_id: Some(purchase_id),
            offer_id: redemption.offer_id,
            status: RedemptionStatus::Redeemed,
            amount_minor: redemption.amount_minor,
            currency: record.currency.code().to_owned(),
            created_at: at,
            returned_minor: 0,
        });
        Self { lines, redemptions: redemptions.collect() }
    }
}

fn row(record: PurchaseRecord, customer_id: CustomerId) -> purchase::Model {
    purchase::Model {
        id: record.id,
        number: record.number,
        customer_id,
        status: record.status,
        channel: record.channel,
        touchpoint_id: record.touchpoint_id,
        currency: record.currency.code().to_owned(),
        total_minor: record.total_minor,
        discount_minor: record.discount_minor,
        placed_at: record.placed_at,
        source: record.source,
        external_id: record.external_id,
        payment_reference: None,
        refunded_minor: 0,
    }
}
