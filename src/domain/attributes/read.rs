//! Reads the attributes of customers: two statements at most, whatever the number of customers and attributes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use entities::ids::{AttributeDefinitionId, BehaviorId, CustomerId};
use entities::timestamp::Timestamp;
use entities::values::{AttributeStatus, Channel};

use crate::db::Db;
use crate::db::read::{Column, Row, Select};
use crate::domain::attributes::bucket::{Bucket, Moment, Totals};
use crate::domain::attributes::counting::{Counted, contributions};
use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::value::{AttributeValue, first_day, value_of};
use crate::domain::attributes::window::Window;
use crate::domain::behaviors::store::Behavior;
use crate::domain::customers::merging::MERGING;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// An attribute of one customer.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub definition: Arc<Definition>,
    /// `None` while history is being counted.
    pub value: Option<AttributeValue>,
}

/// The attributes of each customer, in the order of `definitions`, exact at `now`.
pub async fn read(
    db: &Db,
    scope: CustomerScope,
    definitions: &[Arc<Definition>],
    customers: &[CustomerId],
    now: Timestamp,
) -> Result<HashMap<CustomerId, Vec<Attribute>>> {
    let ready = |definition: &&Arc<Definition>| definition.status == AttributeStatus::Ready;
    let (bucketed, spanned): (Vec<_>, Vec<_>) =
        definitions.iter().filter(ready).partition(|definition| definition.is_bucketed());
    let (mut buckets, mut behaviors) = futures_util::try_join!(
        read_buckets(db, scope, &bucketed, customers, now),
        read_behaviors(db, scope, &spanned, customers, now),
    )?;
    Ok(customers
        .iter()
        .map(|customer| {
            let mut buckets = buckets.remove(customer).unwrap_or_default();
            let behaviors = behaviors.remove(customer).unwrap_or_default();
            let attribute = |definition: &Arc<Definition>| {
                let own = match definition.is_bucketed() {
                    true => buckets.remove(&definition.id).unwrap_or_default(),
                    false => buckets_of(definition, &behaviors),
                };
                let value = ready(&definition).then(|| value_of(definition, &own, now));
                Attribute { definition: Arc::clone(definition), value }
            };
            (*customer, definitions.iter().map(attribute).collect())
        })
        .collect())
}

type BucketsOf = HashMap<AttributeDefinitionId, Vec<Bucket>>;

async fn read_buckets(
    db: &Db,
    scope: CustomerScope,
    definitions: &[&Arc<Definition>],
    customers: &[CustomerId],
    now: Timestamp,
) -> Result<HashMap<CustomerId, BucketsOf>> {
    let mut by_first_day: BTreeMap<i64, Vec<AttributeDefinitionId>> = BTreeMap::new();
    for definition in definitions {
        by_first_day.entry(first_day(definition, now).into()).or_default().push(definition.id);
    }
    let ranges: Vec<_> = by_first_day.into_iter().map(|(day, ids)| (ids, day)).collect();
    let rows = Select::<BucketRow>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any_from("definition_id", "day", &ranges)
        .by_parent(db, "customer_id", customers)
        .await?;
    let by_definition = |rows: Vec<BucketRow>| {
        let mut buckets = BucketsOf::new();
        for row in rows {
            buckets.entry(row.definition_id).or_default().push(row.bucket());
        }
        buckets
    };
    Ok(rows.into_iter().map(|(customer, rows)| (customer, by_definition(rows))).collect())
}

/// The behaviors within the longest of the windows.
async fn read_behaviors(
    db: &Db,
    scope: CustomerScope,
    definitions: &[&Arc<Definition>],
    customers: &[CustomerId],
    now: Timestamp,
) -> Result<HashMap<CustomerId, Vec<Behavior>>> {
    let longest = definitions.iter().filter_map(|definition| match definition.window {
        Some(Window::Span(millis)) => Some(millis),
        _ => None,
    });
    let Some(longest) = longest.max() else { return Ok(HashMap::new()) };
    let mut names: Vec<String> = definitions.iter().map(|definition| definition.behavior.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let columns = ["id", "name", "channel", "properties", "occurred_at"];
    let columns = columns.into_iter().fold(Columns::NONE, |all, name| all | Behavior::column(name));
    Select::<Behavior>::of(columns)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any_of("name", names)
        .ge("occurred_at", Timestamp(now.millis() - longest))
        .by_parent(db, "customer_id", customers)
        .await
}

/// Each behavior as a bucket of its own: it leaves the window by itself.
fn buckets_of(definition: &Definition, behaviors: &[Behavior]) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    for behavior in behaviors {
        let Ok(properties) = behavior.properties.parse() else { continue };
        let counted = Counted {
            id: behavior.id,
            name: &behavior.name,
            channel: behavior.channel,
            properties: &properties,
            occurred_at: behavior.occurred_at,
        };
        let channel = behavior.channel;
        let bucket = |(value, totals)| Bucket { day: 0, channel, value, totals };
        buckets.extend(contributions(definition, counted).into_iter().map(bucket));
    }
    buckets
}

/// A bucket's row.
#[derive(Debug, Default)]
struct BucketRow {
    definition_id: AttributeDefinitionId,
    day: i32,
    channel: Channel,
    value: String,
    count: i64,
    sum: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    first_at: Timestamp,
    first_id: BehaviorId,
    first_value: Option<String>,
    last_at: Timestamp,
    last_id: BehaviorId,
    last_value: Option<String>,
}

impl BucketRow {
    fn bucket(self) -> Bucket {
        let first = Moment { at: self.first_at, id: self.first_id, value: self.first_value };
        let last = Moment { at: self.last_at, id: self.last_id, value: self.last_value };
        let totals = Totals { count: self.count, sum: self.sum, min: self.min, max: self.max, first, last };
        Bucket { day: self.day, channel: self.channel, value: self.value, totals }
    }
}

impl Row for BucketRow {
    const TABLE: &'static str = "attribute_buckets";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("definition_id", |row, cell| cell.read(&mut row.definition_id)),
        Column::new("day", |row, cell| cell.read(&mut row.day)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("value", |row, cell| cell.read(&mut row.value)),
        Column::new("count", |row, cell| cell.read(&mut row.count)),
        Column::new("sum", |row, cell| cell.read(&mut row.sum)),
        Column::new("min", |row, cell| cell.read(&mut row.min)),
        Column::new("max", |row, cell| cell.read(&mut row.max)),
        Column::new("first_at", |row, cell| cell.read(&mut row.first_at)),
        Column::new("first_id", |row, cell| cell.read(&mut row.first_id)),
        Column::new("first_value", |row, cell| cell.read(&mut row.first_value)),
        Column::new("last_at", |row, cell| cell.read(&mut row.last_at)),
        Column::new("last_id", |row, cell| cell.read(&mut row.last_id)),
        Column::new("last_value", |row, cell| cell.read(&mut row.last_value)),
    ];
    const TIE: &'static str = "day";
}
