//! How far back an attribute looks: whole days in its zone, or a span to the second.

use chrono::{Days, NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Tz;
use entities::timestamp::Timestamp;
use jiff::{Span, SpanTotal, Unit};

/// The longest window in days: ten years.
const MAX_DAYS: i64 = 3_660;
/// The longest window that is not whole days: it is read from the behaviors themselves.
const MAX_SPAN_HOURS: i64 = 168;
const DAY_MILLIS: i64 = 86_400_000;

/// How far back behaviors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Today and the days before it, so many in all. It turns at midnight.
    Days(i32),
    /// So many milliseconds before now. It turns all the time.
    Span(i64),
}

impl Window {
    /// Reads an ISO 8601 duration: `P30D`, `P2W`, `PT24H`, `PT30M`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let span: Span = text.parse().map_err(|_| {
            format!(
                "`{text}` is not a window; write P30D for 30 days, P2W for two weeks or PT24H for 24 hours"
            )
        })?;
        if span.get_years() != 0 || span.get_months() != 0 {
            return Err(format!(
                "`{text}` has years or months, which differ in length; write days, such as P365D"
            ));
        }
        if !text.contains('T') {
            let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
            return match i32::try_from(days) {
                Ok(days) if (1..=MAX_DAYS).contains(&i64::from(days)) => Ok(Self::Days(days)),
                _ => Err(format!("a window of days has 1 to {MAX_DAYS} of them; `{text}` has {days}")),
            };
        }
        let total = span.total(SpanTotal::from(Unit::Millisecond).days_are_24_hours()).unwrap_or_default();
        let millis = total as i64;
        if (1_000..=MAX_SPAN_HOURS * 3_600_000).contains(&millis) {
            return Ok(Self::Span(millis));
        }
        Err(format!(
            "a window with hours has a second to {MAX_SPAN_HOURS} hours; `{text}` has not. Longer ones are whole \
             days, such as P30D"
        ))
    }
}

/// The day on which an instant lies in a zone, in days since 1970.
pub fn day_of(zone: Tz, at: Timestamp) -> i32 {
    let local = zone.from_utc_datetime(&at.to_utc().naive_utc()).date_naive();
    local.signed_duration_since(NaiveDate::default()).num_days() as i32
}

/// The instant at which a day begins in a zone: midnight, or the first instant after it where the clocks
/// leave midnight out.
pub fn begin_of(zone: Tz, day: i32) -> Timestamp {
    let date = if day < 0 {
        NaiveDate::default().checked_sub_days(Days::new(day.unsigned_abs().into()))
    } else {
        NaiveDate::default().checked_add_days(Days::new(day.unsigned_abs().into()))
    };
    let midnight = date.and_then(|date| date.and_hms_opt(0, 0, 0)).unwrap_or_default();
    // Clocks are put forward by two hours at most; the first local time that exists is the day's begin.
    let begin = (0..=8).find_map(|quarters| {
        zone.from_local_datetime(&(midnight + TimeDelta::minutes(quarters * 15))).earliest()
    });
    begin.map_or(Timestamp(i64::from(day) * DAY_MILLIS), |time| time.to_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_days_or_spans() {
        assert_eq!(Window::parse("P30D"), Ok(Window::Days(30)));
        assert_eq!(Window::parse("P2W"), Ok(Window::Days(14)));
        assert_eq!(Window::parse("PT24H"), Ok(Window::Span(DAY_MILLIS)));
        assert_eq!(Window::parse("P1DT12H"), Ok(Window::Span(DAY_MILLIS * 3 / 2)));
        for wrong in ["", "30", "P", "P0D", "P1M", "P1Y", "PT0S", "PT169H", "P99999D", "-P3D", "P-3D"] {
            assert!(Window::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_begin_at_local_midnight_also_when_clocks_change() {
        for zone in [
            chrono_tz::UTC,
            chrono_tz::Europe::Vienna,
            chrono_tz::America::Santiago,
            chrono_tz::Africa::Cairo,
        ] {
            for day in [-800, 0, 19_000, 20_539, 20_570, 20_700, 20_750] {
                let begin = begin_of(zone, day);
                assert_eq!(day_of(zone, begin), day, "{zone} {day}");
                assert_eq!(day_of(zone, Timestamp(begin.millis() - 1)), day - 1, "{zone} {day}");
            }
        }
    }
}
