//! The days around an instant in a zone, looked up once for all schedules that are asked about it.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use entities::timestamp::Timestamp;

use crate::domain::attributes::window::{begin_of, day_of};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
/// No clock is put forward by more; a zone that crosses the date line leaves out a day.
const LONGEST_GAP: i64 = 1_560;

/// An instant, and the days around it in a zone.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    pub zone: Tz,
    pub now: Timestamp,
    /// The day on which the instant lies, in days since 1970.
    pub today: i32,
    /// Where yesterday, today, tomorrow, the day after and the one behind it begin.
    begins: [Timestamp; 5],
}

impl Calendar {
    pub fn at(zone: Tz, now: Timestamp) -> Self {
        let today = day_of(zone, now);
        let begins = [-1, 0, 1, 2, 3].map(|days| begin_of(zone, today.saturating_add(days)));
        Self { zone, now, today, begins }
    }

    /// Where a day begins; cheap for yesterday up to three days from now.
    pub fn begin(&self, day: i32) -> Timestamp {
        let at = usize::try_from(i64::from(day) - i64::from(self.today) + 1).ok();
        at.and_then(|at| self.begins.get(at)).copied().unwrap_or_else(|| begin_of(self.zone, day))
    }

    /// When the clocks show a minute of a day: the first time if they show it twice, the first instant after it if
    /// they leave it out.
    pub fn instant(&self, day: i32, minute: u16) -> Timestamp {
        let (begin, next) = (self.begin(day), self.begin(day.saturating_add(1)));
        if next.millis() - begin.millis() == DAY {
            return Timestamp(begin.millis() + i64::from(minute) * MINUTE);
        }
        local(self.zone, day, minute).unwrap_or(next)
    }
}

/// The same where clocks change on the day.
fn local(zone: Tz, day: i32, minute: u16) -> Option<Timestamp> {
    let minute = midnight(day)? + TimeDelta::minutes(minute.into());
    let shown = |later: i64| zone.from_local_datetime(&(minute + TimeDelta::minutes(later))).earliest();
    (0..=LONGEST_GAP).find_map(shown).map(|time| time.to_utc().into())
}

fn midnight(day: i32) -> Option<NaiveDateTime> {
    let days = Days::new(day.unsigned_abs().into());
    let epoch = NaiveDate::default();
    let date = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    date?.and_hms_opt(0, 0, 0)
}
