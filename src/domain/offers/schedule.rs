//! When an offer counts: between two instants, on days of the calendar, on days of the week, at hours of the day.
//! Days and hours are those that clocks show where the offer is seen.
//!
//! A day's hours are one stretch of time: it begins when the clocks first show `from`, and ends when they next
//! first show `until`. So on the night the clocks go back an hour is not opened twice, and what the clocks leave
//! out begins with the first instant after it. Hours that pass midnight belong to the day on which they began.

use chrono::NaiveDate;
use entities::offer;
use entities::timestamp::Timestamp;

use crate::domain::offers::calendar::Calendar;

/// All days of the week.
const EVERY_DAY: u8 = 0b111_1111;
/// How far ahead it is looked when an offer opens: a week has all days, and clocks change in between.
const DAYS_AHEAD: i32 = 9;

/// When an offer counts. Nothing said is always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub starts_at: Option<Timestamp>,
    /// Exclusive.
    pub ends_at: Option<Timestamp>,
    /// The first and last day, both inclusive, in days since 1970.
    pub first_day: Option<i32>,
    pub last_day: Option<i32>,
    /// A bit a day, Monday the lowest.
    pub(super) weekdays: u8,
    pub(super) hours: Option<Hours>,
}

/// Minutes of the local day; `until` not after `from` is of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    pub from: u16,
    pub until: u16,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            starts_at: None,
            ends_at: None,
            first_day: None,
            last_day: None,
            weekdays: EVERY_DAY,
            hours: None,
        }
    }
}

/// A day as it is stored, `YYYY-MM-DD`, in days since 1970.
pub fn day_number(text: &str) -> Option<i32> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

impl Schedule {
    /// The schedule of a stored offer; what cannot be read of it is named.
    pub fn of(row: &offer::Model) -> Result<Self, String> {
        let day = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => day_number(text).map(Some).ok_or_else(|| format!("`{text}` is not a day")),
        };
        let schedule = Self {
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            first_day: day(&row.starts_on)?,
            last_day: day(&row.ends_on)?,
            ..Self::default()
        };
        let weekdays = row.weekdays.as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64);
        let minute = |minute: Option<i32>| minute.and_then(|minute| u16::try_from(minute).ok());
        Ok(schedule
            .on_weekdays(weekdays.filter_map(|number| u8::try_from(number).ok()))
            .at_hours(minute(row.from_minute), minute(row.until_minute)))
    }

    /// Only on these days of the week, 1 is Monday; none of them is all of them.
    #[must_use]
    pub fn on_weekdays(mut self, numbers: impl IntoIterator<Item = u8>) -> Self {
        let bits = numbers.into_iter().filter(|number| (1..=7).contains(number));
        let bits = bits.fold(0, |bits, number| bits | 1 << (number - 1));
        self.weekdays = if bits == 0 { EVERY_DAY } else { bits };
        self
    }

    /// Only between these minutes of the day; what is not said is midnight.
    #[must_use]
    pub fn at_hours(mut self, from: Option<u16>, until: Option<u16>) -> Self {
        let said = from.is_some() || until.is_some();
        self.hours = said.then(|| Hours { from: from.unwrap_or(0), until: until.unwrap_or(0) });
        self
    }

    /// Whether it depends on what clocks show somewhere.
    fn is_local(&self) -> bool {
        self.first_day.is_some() || self.last_day.is_some() || self.is_weekly()
    }

    /// Whether days of one week differ, or hours of one day.
    fn is_weekly(&self) -> bool {
        self.weekdays != EVERY_DAY || self.hours.is_some()
    }

    /// Whether the offer counts now.
    pub fn is_open(&self, calendar: &Calendar) -> bool {
        self.is_open_at(calendar.now, calendar)
    }

    /// The same for an instant from today up to the end of the day after tomorrow.
    fn is_open_at(&self, at: Timestamp, calendar: &Calendar) -> bool {
        if self.starts_at.is_some_and(|starts| at < starts) || self.ends_at.is_some_and(|ends| at >= ends) {
            return false;
        }
        if !self.is_local() {
            return true;
        }
        let is_within = |day: i32| {
            let (begin, end) = self.stretch(day, calendar);
            begin <= at && at < end
        };
        (calendar.today - 1..=calendar.today + 2).any(|day| self.has_day(day) && is_within(day))
    }

    fn has_day(&self, day: i32) -> bool {
        // 1970 began on a Thursday.
        let weekday = (i64::from(day) + 3).rem_euclid(7);
        self.weekdays >> weekday & 1 == 1
            && self.first_day.is_none_or(|first| day >= first)
            && self.last_day.is_none_or(|last| day <= last)
    }

    /// The stretch of time that belongs to a day.
    fn stretch(&self, day: i32, calendar: &Calendar) -> (Timestamp, Timestamp) {
        match self.hours {
            None => (calendar.begin(day), calendar.begin(day + 1)),
            Some(Hours { from, until }) => {
                let last = if until > from { day } else { day + 1 };
                (calendar.instant(day, from), calendar.instant(last, until))
            }
        }
    }

    /// The next instant at which the offer begins or ceases to count, if that is before the end of the day after
    /// tomorrow: more than a day ahead, also where clocks make days short.
    pub fn next_edge(&self, calendar: &Calendar) -> Option<Timestamp> {
        let horizon = calendar.begin(calendar.today + 3);
        let is_open = self.is_open(calendar);
        let mut after = calendar.now;
        while let Some(edge) = self.candidate_after(after, calendar).filter(|edge| *edge < horizon) {
            if self.is_open_at(edge, calendar) != is_open {
                return Some(edge);
            }
            after = edge;
        }
        None
    }

    /// The next instant at which something of the schedule begins or ends.
    fn candidate_after(&self, after: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        let instants = [self.starts_at, self.ends_at].into_iter().flatten();
        let next = instants.filter(|at| *at > after).min();
        if !self.is_local() {
            return next;
        }
        let days = (calendar.today - 1..=calendar.today + 2).filter(|day| self.has_day(*day));
        let edges = days.flat_map(|day| <[Timestamp; 2]>::from(self.stretch(day, calendar)));
        edges.filter(|at| *at > after).chain(next).min()
    }

    /// When it will count again, if it does not now; `None` if never.
    pub fn opens_at(&self, calendar: &Calendar) -> Option<Timestamp> {
        let mut calendar = *calendar;
        // Days before the first one need not be looked at.
        let starts = self.starts_at.into_iter();
        let first = self.first_day.map(|day| calendar.begin(day - 1));
        if let Some(begin) = starts.chain(first).max().filter(|begin| *begin > calendar.now) {
            calendar = Calendar::at(calendar.zone, begin);
        }
        for _ in 0..DAYS_AHEAD {
            if self.is_open(&calendar) {
                return Some(calendar.now);
            }
            if let Some(edge) = self.next_edge(&calendar) {
                return Some(edge);
            }
            calendar = Calendar::at(calendar.zone, calendar.begin(calendar.today + 1));
        }
        None
    }
}
