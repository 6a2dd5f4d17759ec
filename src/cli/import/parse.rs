//! Reads texts as amounts, times and JSON values.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use entities::timestamp::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::map::Dates;
use super::values::{Field, FieldError};
use crate::kernel::money::{Currency, Money};

/// An amount of a currency in minor units, not below nought.
pub fn amount(field: &'static str, text: &str, currency: Currency) -> Field<i64> {
    let money = Decimal::from_str_exact(text).ok().and_then(|amount| Money::from_amount(amount, currency));
    match money {
        Some(money) if money.minor >= 0 => Ok(money.minor),
        _ => Err(FieldError::new(
            field,
            format!(
                "is `{text}`; an amount such as {} with at most {} digits behind the point is wanted for {}",
                Money::new(2933, currency).amount(),
                currency.minor_digits(),
                currency.code(),
            ),
        )),
    }
}

/// A column's text as JSON has it: numbers and truth values are such, the rest is text, empty is nothing.
pub fn typed(text: &str) -> Option<Value> {
    let text = text.trim();
    match serde_json::from_str(text) {
        _ if text.is_empty() => None,
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => Some(value),
        _ => Some(Value::from(text)),
    }
}

/// A point in time, written as the map says.
pub fn instant(text: &str, dates: &Dates) -> Option<Timestamp> {
    let zone = dates.time_zone.unwrap_or(Tz::UTC);
    let Some(format) = &dates.format else {
        let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        return Timestamp::parse(text).ok().or_else(|| local(day()?.and_time(NaiveTime::MIN), zone));
    };
    if let Ok(time) = DateTime::parse_from_str(text, format) {
        return Some(time.to_utc().into());
    }
    let day = || NaiveDate::parse_from_str(text, format).ok().map(|day| day.and_time(NaiveTime::MIN));
    local(NaiveDateTime::parse_from_str(text, format).ok().or_else(day)?, zone)
}

/// A wall clock's time; the earlier one of an hour that clocks went back over.
fn local(time: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    zone.from_local_datetime(&time).earliest().map(|time| time.to_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_the_map_says() {
        let dates = |format: &str, zone: &str| Dates {
            format: (!format.is_empty()).then(|| format.to_owned()),
            time_zone: zone.parse().ok(),
        };
        for (text, dates, expected) in [
            ("2026-03-01", Dates::default(), "2026-03-01T00:00:00Z"),
            ("2026-03-01T19:30:00+01:00", Dates::default(), "2026-03-01T18:30:00Z"),
            ("19970101", dates("%Y%m%d", ""), "1997-01-01T00:00:00Z"),
            ("1.7.2026 20:15", dates("%d.%m.%Y %H:%M", "Europe/Vienna"), "2026-07-01T18:15:00Z"),
            ("01/Jul/2026:20:15:00 +0200", dates("%d/%b/%Y:%H:%M:%S %z", ""), "2026-07-01T18:15:00Z"),
            ("2026-10-25 02:30", dates("%Y-%m-%d %H:%M", "Europe/Vienna"), "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(instant(text, &dates), Timestamp::parse(expected).ok(), "{text}");
        }
        for text in ["199x0101", "2026-13-01", "2026-03-29 02:30"] {
            assert_eq!(instant(text, &dates("%Y-%m-%d %H:%M", "Europe/Vienna")), None, "{text}");
        }
    }

    #[test]
    fn amounts_keep_every_cent() {
        assert_eq!(amount("total", "29.33", Currency::USD), Ok(2933));
        assert_eq!(amount("total", "0", Currency::USD), Ok(0));
        for text in ["29.333", "-1", "1,5", "1e3", "", "99999999999999999999"] {
            assert!(amount("total", text, Currency::USD).is_err(), "{text}");
        }
    }

    #[test]
    fn columns_of_an_object_get_the_types_json_has() {
        assert_eq!(typed(" 3.5 "), Some(Value::from(3.5)));
        assert_eq!(typed("true"), Some(Value::from(true)));
        assert_eq!(typed("007"), Some(Value::from("007")));
        assert_eq!(typed("[1]"), Some(Value::from("[1]")));
        assert_eq!(typed(" "), None);
    }
}
