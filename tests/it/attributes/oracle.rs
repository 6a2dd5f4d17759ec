//! What an attribute must be, told as plainly as can be: all behaviors looked at one by one, without buckets and
//! without any of the code that is tested.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use encircle::domain::attributes::definition::Definition;
use encircle::domain::attributes::window::Window;
use entities::behavior;
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, Channel};
use serde_json::{Value, json};

/// The value of an attribute at an instant, of a person who did all this.
pub fn value(definition: &Definition, behaviors: &[&behavior::Model], now: Timestamp) -> Value {
    let mut counted: Vec<&behavior::Model> =
        behaviors.iter().copied().filter(|row| counts(definition, row, now)).collect();
    counted.sort_by_key(|row| (row.occurred_at, row.id));
    let said = |row: &behavior::Model| property(definition, row).cloned().unwrap_or_default();
    let numbers = || counted.iter().filter_map(|row| number(&said(row)));
    let most = |of: fn(f64, f64) -> f64| numbers().reduce(of).map_or(Value::Null, |number| json!(number));
    match definition.aggregate {
        Aggregate::Count => counted.len().into(),
        Aggregate::Sum => json!(numbers().sum::<f64>()),
        Aggregate::Average if numbers().count() == 0 => Value::Null,
        Aggregate::Average => json!(numbers().sum::<f64>() / numbers().count() as f64),
        Aggregate::Min => most(f64::min),
        Aggregate::Max => most(f64::max),
        Aggregate::First => counted.iter().map(|row| said(row)).find(is_scalar).unwrap_or_default(),
        Aggregate::Last => counted.iter().rev().map(|row| said(row)).find(is_scalar).unwrap_or_default(),
        Aggregate::MostFrequent => most_frequent(&counted, said),
        Aggregate::DistinctCount => {
            let values: BTreeSet<String> = counted.iter().flat_map(|row| elements(&said(row))).collect();
            values.len().into()
        }
        Aggregate::DaysSinceLast => counted.last().map_or(Value::Null, |last| {
            (date(definition, now) - date(definition, last.occurred_at)).num_days().max(0).into()
        }),
    }
}

/// Whether two values are the same; sums of decimals are no exact numbers.
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-6,
        _ => one == other,
    }
}

fn counts(definition: &Definition, row: &behavior::Model, now: Timestamp) -> bool {
    let passes = match definition.filter.as_ref().map(|filter| filter.source()) {
        None => true,
        Some("properties.price > 3") => {
            row.properties["price"].is_number() && row.properties["price"].as_f64() > Some(3.0)
        }
        Some("channel == 'WEB'") => row.channel == Channel::Web,
        Some(other) => panic!("there is no way to judge {other} here: add it"),
    };
    let is_current = match definition.window {
        None => true,
        Some(Window::Days(days)) => {
            (date(definition, now) - date(definition, row.occurred_at)).num_days() < i64::from(days)
        }
        Some(Window::Span(millis)) => row.occurred_at.millis() + millis > now.millis(),
    };
    row.name == definition.behavior && passes && is_current && property(definition, row).is_some()
}

fn date(definition: &Definition, at: Timestamp) -> NaiveDate {
    let utc: DateTime<Utc> = DateTime::from_timestamp_millis(at.millis()).expect("a time");
    utc.with_timezone(&definition.zone).date_naive()
}

fn property<'r>(definition: &Definition, row: &'r behavior::Model) -> Option<&'r Value> {
    let [name] = definition.property.as_slice() else { panic!("the histories have one name a property") };
    row.properties.get(name).filter(|value| !value.is_null())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array()
}

fn elements(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().map(Value::to_string).collect(),
        other => [other.to_string()].into(),
    }
}

/// Of values that occur as often, the one that occurred last, and of those the first in the alphabet.
fn most_frequent(counted: &[&behavior::Model], said: impl Fn(&behavior::Model) -> Value) -> Value {
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (place, row) in counted.iter().enumerate() {
        for element in elements(&said(row)) {
            let (times, last) = seen.entry(element).or_default();
            (*times, *last) = (*times + 1, place);
        }
    }
    let most = seen.into_iter().rev().max_by_key(|(_, rank)| *rank);
    most.map_or(Value::Null, |(value, _)| serde_json::from_str(&value).expect("JSON"))
}
