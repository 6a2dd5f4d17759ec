//! From buckets to the value of an attribute, and when time alone will change it.

use std::collections::BTreeMap;

use entities::timestamp::Timestamp;
use entities::values::{Aggregate, Channel};
use serde_json::Value;

use crate::domain::attributes::bucket::{Bucket, Totals};
use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::window::{Window, begin_of, day_of};

/// The value of an attribute at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeValue {
    /// A number, a text, a truth value, or null when there is nothing to tell.
    pub value: Value,
    /// When it will be another if nothing happens; `None` if never.
    pub changes_at: Option<Timestamp>,
    /// The same by channel, for channels in which something happened.
    pub by_channel: Vec<(Channel, Value)>,
}

/// What a bucket leaves the window with: its day, or for windows of hours its own instant.
fn leaves_at(definition: &Definition, bucket: &Bucket) -> Option<Timestamp> {
    match definition.window? {
        Window::Days(days) => Some(begin_of(definition.zone, bucket.day.saturating_add(days))),
        Window::Span(millis) => Some(Timestamp(bucket.totals.last.at.millis() + millis)),
    }
}

/// The first day that still counts now.
pub fn first_day(definition: &Definition, now: Timestamp) -> i32 {
    match definition.window {
        Some(Window::Days(days)) => day_of(definition.zone, now) - days + 1,
        _ => 0,
    }
}

/// The value that these buckets give now. Buckets that have left the window are passed over.
pub fn value_of(definition: &Definition, buckets: &[Bucket], now: Timestamp) -> AttributeValue {
    let mut current: Vec<(Option<Timestamp>, &Bucket)> = buckets
        .iter()
        .map(|bucket| (leaves_at(definition, bucket), bucket))
        .filter(|(leaves, _)| leaves.is_none_or(|leaves| leaves > now))
        .collect();
    current.sort_by_key(|(leaves, _)| *leaves);
    let all: Vec<&Bucket> = current.iter().map(|(_, bucket)| *bucket).collect();
    let value = reckon(definition, &all, now);
    let mut by_channel: BTreeMap<Channel, Vec<&Bucket>> = BTreeMap::new();
    for bucket in &all {
        by_channel.entry(bucket.channel).or_default().push(bucket);
    }
    AttributeValue {
        changes_at: changes_at(definition, &current, &value, now),
        by_channel: by_channel
            .into_iter()
            .map(|(channel, buckets)| (channel, reckon(definition, &buckets, now)))
            .collect(),
        value,
    }
}

/// The first instant at which what has left the window by then makes a difference.
fn changes_at(
    definition: &Definition,
    current: &[(Option<Timestamp>, &Bucket)],
    value: &Value,
    now: Timestamp,
) -> Option<Timestamp> {
    // The days since something happened are another number every midnight.
    if definition.aggregate == Aggregate::DaysSinceLast {
        return (!current.is_empty()).then(|| begin_of(definition.zone, day_of(definition.zone, now) + 1));
    }
    let mut rest = current;
    while let Some(leaves) = rest.first().and_then(|(leaves, _)| *leaves) {
        let gone = rest.partition_point(|(other, _)| *other <= Some(leaves));
        rest = &rest[gone..];
        let left: Vec<&Bucket> = rest.iter().map(|(_, bucket)| *bucket).collect();
        if reckon(definition, &left, now) != *value {
            return Some(leaves);
        }
    }
    None
}

fn reckon(definition: &Definition, buckets: &[&Bucket], now: Timestamp) -> Value {
    let totals = || buckets.iter().map(|bucket| &bucket.totals);
    let count = totals().map(|totals| totals.count).sum::<i64>();
    let sum = totals().filter_map(|totals| totals.sum).fold(0_i64, i64::saturating_add);
    match definition.aggregate {
        Aggregate::Count => count.into(),
        Aggregate::Sum => number(sum as f64 / 1e6),
        Aggregate::Average if count == 0 => Value::Null,
        Aggregate::Average => number(sum as f64 / count as f64 / 1e6),
        Aggregate::Min => totals().filter_map(|totals| totals.min).min().map_or(Value::Null, of_millionths),
        Aggregate::Max => totals().filter_map(|totals| totals.max).max().map_or(Value::Null, of_millionths),
        Aggregate::First => {
            json(totals().map(|totals| &totals.first).min().and_then(|first| first.value.as_deref()))
        }
        Aggregate::Last => {
            json(totals().map(|totals| &totals.last).max().and_then(|last| last.value.as_deref()))
        }
        Aggregate::MostFrequent => {
            let most = by_value(buckets).into_iter().max_by(|(a_value, a), (b_value, b)| {
                // Of those that occur as often, the one that occurred last.
                (a.count, &a.last, b_value).cmp(&(b.count, &b.last, a_value))
            });
            json(most.map(|(value, _)| value))
        }
        Aggregate::DistinctCount => by_value(buckets).len().into(),
        Aggregate::DaysSinceLast => totals().map(|totals| &totals.last).max().map_or(Value::Null, |last| {
            let days = day_of(definition.zone, now) - day_of(definition.zone, last.at);
            days.max(0).into()
        }),
    }
}

fn by_value<'b>(buckets: &[&'b Bucket]) -> BTreeMap<&'b str, Totals> {
    let mut values: BTreeMap<&str, Totals> = BTreeMap::new();
    for bucket in buckets {
        values
            .entry(&bucket.value)
            .and_modify(|there| there.add(&bucket.totals))
            .or_insert_with(|| bucket.totals.clone());
    }
    values
}

fn json(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn of_millionths(millionths: i64) -> Value {
    number(millionths as f64 / 1e6)
}

/// A number as JSON, without decimals if it is whole.
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return (number as i64).into();
    }
    number.into()
}
