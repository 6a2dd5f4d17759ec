//! Buckets: what behaviors add up to. Adding is commutative and associative, so that the order in which
//! behaviors arrive, late ones included, changes nothing.

use entities::ids::BehaviorId;
use entities::timestamp::Timestamp;
use entities::values::Channel;

/// What separates a bucket from others of its customer and definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketKey {
    /// Days since 1970 in the definition's zone; 0 for all history.
    pub day: i32,
    pub channel: &'static str,
    /// The value as JSON where values are told apart, else empty.
    pub value: String,
}

/// One behavior at the begin or end of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub at: Timestamp,
    pub id: BehaviorId,
    /// Its value as JSON.
    pub value: Option<String>,
}

/// What some behaviors add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    pub count: i64,
    /// Millionths, as are the least and the greatest.
    pub sum: Option<i64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub first: Moment,
    pub last: Moment,
}

/// A bucket as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub day: i32,
    pub channel: Channel,
    pub value: String,
    pub totals: Totals,
}

/// Beyond this a sum stops, on both sides of nought: twice as much still fits into 64 bits.
pub const SUM_BOUND: i64 = 4_000_000_000_000_000_000;

impl Totals {
    /// One behavior.
    pub fn of(number: Option<i64>, moment: Moment) -> Self {
        Self { count: 1, sum: number, min: number, max: number, first: moment.clone(), last: moment }
    }

    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.sum = both(self.sum, other.sum, |a, b| a.saturating_add(b).clamp(-SUM_BOUND, SUM_BOUND));
        self.min = both(self.min, other.min, i64::min);
        self.max = both(self.max, other.max, i64::max);
        if other.first < self.first {
            self.first = other.first.clone();
        }
        if other.last > self.last {
            self.last = other.last.clone();
        }
    }
}

fn both(a: Option<i64>, b: Option<i64>, of: impl Fn(i64, i64) -> i64) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(of(a, b)),
        (one, other) => one.or(other),
    }
}
