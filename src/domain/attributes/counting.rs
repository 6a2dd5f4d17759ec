//! What one behavior adds to which attributes: pure, so that ingest, backfill, hourly windows and the
//! recomputation in tests say the same.

use std::collections::HashMap;

use entities::behavior;
use entities::ids::{AttributeDefinitionId, BehaviorId, CustomerId};
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, Channel, TextEnum};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::domain::attributes::bucket::{BucketKey, Moment, Totals};
use crate::domain::attributes::definition::{Definition, is_by_value, is_numeric};
use crate::domain::attributes::window::{Window, day_of};
use crate::domain::behaviors::record::BehaviorRecord;
use crate::rules::Facts;

/// The longest text that counts as a value.
const MAX_VALUE: usize = 255;
/// Numbers beyond this, on both sides of nought, do not count.
const MAX_NUMBER: i64 = 1_000_000_000;
/// How many elements of one list count.
const MAX_ELEMENTS: usize = 50;

/// What counting needs to know of a behavior.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    pub id: BehaviorId,
    pub name: &'a str,
    pub channel: Channel,
    pub properties: &'a Value,
    pub occurred_at: Timestamp,
}

impl<'a> Counted<'a> {
    pub fn of(row: &'a behavior::Model) -> Self {
        Self {
            id: row.id,
            name: &row.name,
            channel: row.channel,
            properties: &row.properties,
            occurred_at: row.occurred_at,
        }
    }

    pub fn of_record(record: &'a BehaviorRecord) -> Self {
        Self {
            id: record.id,
            name: &record.name,
            channel: record.channel,
            properties: record.properties.value(),
            occurred_at: record.occurred_at,
        }
    }
}

/// What goes into buckets, by customer and definition.
pub type Deltas = HashMap<(CustomerId, AttributeDefinitionId, BucketKey), Totals>;

/// Adds what a behavior of a customer says to a definition.
pub fn count_into(deltas: &mut Deltas, customer: CustomerId, definition: &Definition, behavior: Counted<'_>) {
    for (value, totals) in contributions(definition, behavior) {
        let day = match definition.window {
            Some(Window::Days(_)) => day_of(definition.zone, behavior.occurred_at),
            _ => 0,
        };
        let key = BucketKey { day, channel: behavior.channel.text(), value };
        deltas.entry((customer, definition.id, key)).and_modify(|there| there.add(&totals)).or_insert(totals);
    }
}

/// What a behavior says to a definition: nothing, one thing, or one a distinct element of a list.
pub fn contributions(definition: &Definition, behavior: Counted<'_>) -> Vec<(String, Totals)> {
    if behavior.name != definition.behavior || !passes(definition, behavior) {
        return Vec::new();
    }
    let property = match definition.property.as_slice() {
        [] => None,
        path => match path.iter().try_fold(behavior.properties, |value, key| value.get(key)) {
            None | Some(Value::Null) => return Vec::new(),
            found => found,
        },
    };
    let moment = |value: Option<String>| Moment { at: behavior.occurred_at, id: behavior.id, value };
    if is_numeric(definition.aggregate) {
        let number = property.and_then(millionths);
        return number.map(|_| (String::new(), Totals::of(number, moment(None)))).into_iter().collect();
    }
    if is_by_value(definition.aggregate) {
        let values = property.map(distinct_values).unwrap_or_default();
        return values.into_iter().map(|value| (value, Totals::of(None, moment(None)))).collect();
    }
    let value = match (definition.aggregate, property) {
        (Aggregate::First | Aggregate::Last, Some(property)) => match scalar(property) {
            None => return Vec::new(),
            value => value,
        },
        // Without a property, it is when it was done that is first or last.
        (Aggregate::First | Aggregate::Last, None) => {
            Some(Value::from(behavior.occurred_at.to_string()).to_string())
        }
        _ => None,
    };
    vec![(String::new(), Totals::of(None, moment(value)))]
}

fn passes(definition: &Definition, behavior: Counted<'_>) -> bool {
    definition.filter.as_ref().is_none_or(|filter| {
        let facts = Facts::new()
            .with("properties", behavior.properties)
            .with("channel", behavior.channel.text())
            .with("name", behavior.name)
            .with("occurredAt", behavior.occurred_at);
        filter.judge(&facts).holds
    })
}

/// A number, or a text that is one, in millionths; more decimals are rounded half to even.
fn millionths(value: &Value) -> Option<i64> {
    let number: Decimal = match value {
        Value::Number(number) => {
            let text = number.to_string();
            text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()?
        }
        Value::String(text) if text.len() <= 40 => text.trim().parse().ok()?,
        _ => return None,
    };
    if number.abs() > Decimal::from(MAX_NUMBER) {
        return None;
    }
    let rounded = number.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven);
    (rounded * Decimal::from(1_000_000)).to_i64()
}

/// The scalars of a value: of a list each distinct one, of anything else the value itself.
fn distinct_values(value: &Value) -> Vec<String> {
    let Value::Array(elements) = value else { return scalar(value).into_iter().collect() };
    let mut values: Vec<String> = elements.iter().take(MAX_ELEMENTS).filter_map(scalar).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// A text, number or truth value as JSON, equal ones alike: `1.0` is `1`.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) => Some(value.to_string()),
        Value::String(text) if text.len() <= MAX_VALUE => Some(value.to_string()),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
            Some(match (number.as_i64(), whole) {
                (None, Some(whole)) => (whole as i64).to_string(),
                _ => number.to_string(),
            })
        }
        _ => None,
    }
}
