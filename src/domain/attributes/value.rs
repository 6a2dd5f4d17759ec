//! From buckets to the value of an attribute, and when time alone will change it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use entities::timestamp::Timestamp;
use entities::values::{Aggregate, Channel};
use serde_json::Value;

use crate::domain::attributes::bucket::{Bucket, Moment, Totals};
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
    // Those that stay longest first.
    current.sort_by_key(|(leaves, _)| Reverse(leaves.unwrap_or(Timestamp(i64::MAX))));
    let (mut all, mut by_channel) = (Reckoning::default(), BTreeMap::<Channel, Reckoning<'_>>::new());
    for (_, bucket) in &current {
        all.add(bucket);
        by_channel.entry(bucket.channel).or_default().add(bucket);
    }
    let value = all.value(definition, now);
    AttributeValue {
        changes_at: changes_at(definition, &current, &value, now),
        by_channel: by_channel
            .into_iter()
            .map(|(channel, reckoning)| (channel, reckoning.value(definition, now)))
            .collect(),
        value,
    }
}

/// The first instant at which what has left the window by then makes a difference. Walked from the last to
/// leave to the first, adding up what is still there before each: once over all, however many they are.
fn changes_at(
    definition: &Definition,
    longest_first: &[(Option<Timestamp>, &Bucket)],
    value: &Value,
    now: Timestamp,
) -> Option<Timestamp> {
    // The days since something happened are another number every midnight, until it is out of the window.
    if definition.aggregate == Aggregate::DaysSinceLast {
        let (leaves, _) = longest_first.first()?;
        let midnight = begin_of(definition.zone, day_of(definition.zone, now) + 1);
        return Some(leaves.map_or(midnight, |leaves| leaves.min(midnight)));
    }
    let (mut staying, mut changes_at) = (Reckoning::default(), None);
    for leaving in longest_first.chunk_by(|(one, _), (other, _)| one == other) {
        let leaves = leaving.first().and_then(|(leaves, _)| *leaves);
        if leaves.is_some() && staying.value(definition, now) != *value {
            changes_at = leaves;
        }
        leaving.iter().for_each(|(_, bucket)| staying.add(bucket));
    }
    changes_at
}

/// What buckets come to, one added after the other.
#[derive(Debug, Default)]
struct Reckoning<'b> {
    count: i64,
    sum: i64,
    min: Option<i64>,
    max: Option<i64>,
    first: Option<&'b Moment>,
    last: Option<&'b Moment>,
    /// How often each value occurred, and when last.
    values: HashMap<&'b str, (i64, &'b Moment)>,
    most_frequent: Option<&'b str>,
}

impl<'b> Reckoning<'b> {
    fn add(&mut self, bucket: &'b Bucket) {
        let Totals { count, sum, min, max, first, last } = &bucket.totals;
        self.count += count;
        self.sum = self.sum.saturating_add(sum.unwrap_or_default());
        self.min = self.min.into_iter().chain(*min).min();
        self.max = self.max.into_iter().chain(*max).max();
        self.first = self.first.into_iter().chain([first]).min();
        self.last = self.last.into_iter().chain([last]).max();
        let (times, latest) = self.values.entry(&bucket.value).or_insert((0, last));
        *times += count;
        *latest = (*latest).max(last);
        // Only this value has become more frequent.
        let most = self.most_frequent.filter(|most| self.rank(most) > self.rank(&bucket.value));
        self.most_frequent = Some(most.unwrap_or(&bucket.value));
    }

    /// Of values that occur as often, the one that occurred last ranks higher.
    fn rank<'v>(&self, value: &'v str) -> (Option<&(i64, &'b Moment)>, Reverse<&'v str>) {
        (self.values.get(value), Reverse(value))
    }

    fn value(&self, definition: &Definition, now: Timestamp) -> Value {
        let moment = |moment: Option<&Moment>| json(moment.and_then(|moment| moment.value.as_deref()));
        match definition.aggregate {
            Aggregate::Count => self.count.into(),
            Aggregate::Sum => of_millionths(self.sum),
            Aggregate::Average if self.count == 0 => Value::Null,
            Aggregate::Average => number(self.sum as f64 / self.count as f64 / 1e6),
            Aggregate::Min => self.min.map_or(Value::Null, of_millionths),
            Aggregate::Max => self.max.map_or(Value::Null, of_millionths),
            Aggregate::First => moment(self.first),
            Aggregate::Last => moment(self.last),
            Aggregate::MostFrequent => json(self.most_frequent),
            Aggregate::DistinctCount => self.values.len().into(),
            Aggregate::DaysSinceLast => self.last.map_or(Value::Null, |last| {
                let days = day_of(definition.zone, now) - day_of(definition.zone, last.at);
                days.max(0).into()
            }),
        }
    }
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
