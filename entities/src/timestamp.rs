//! One kind of time for every column: a UTC instant in milliseconds, an integer in both databases, so that
//! it compares, sorts and pages the same way in SQLite and in PostgreSQL.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

/// A UTC instant, milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType)]
pub struct Timestamp(pub i64);

/// A text is not a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a point in time such as 2026-03-01T18:30:00Z (RFC 3339, years 0000 to 9999)")]
pub struct TimestampError;

impl Timestamp {
    /// The first and last instant whose RFC 3339 text has a four-digit year.
    pub const MIN: Self = Self(-62_167_219_200_000);
    pub const MAX: Self = Self(253_402_300_799_999);

    pub fn millis(self) -> i64 {
        self.0
    }

    /// The instant as chrono has it, for calendar arithmetic; what lies outside `MIN..=MAX` is clamped.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.clamp(Self::MIN.0, Self::MAX.0)).unwrap_or_default()
    }

    /// Reads RFC 3339, any offset; more than milliseconds are cut.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| TimestampError)?;
        let instant = Self(time.timestamp_millis());
        (Self::MIN..=Self::MAX).contains(&instant).then_some(instant).ok_or(TimestampError)
    }

    /// `2026-03-01T18:30:00.000Z`, always 24 ASCII bytes: written by hand because every row of every
    /// answer has one.
    pub fn rfc3339(self) -> [u8; 24] {
        let time = self.to_utc();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let (year, millis) = (time.year().unsigned_abs(), time.nanosecond() / 1_000_000);
        for (at, width, value) in [
            (0, 4, year),
            (5, 2, time.month()),
            (8, 2, time.day()),
            (11, 2, time.hour()),
            (14, 2, time.minute()),
            (17, 2, time.second()),
            (20, 3, millis),
        ] {
            let mut rest = value;
            for digit in text[at..at + width].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        text
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_rfc_3339_and_round_trips() {
        for millis in [0, 1, 999, 951_782_400_123, -1, Timestamp::MIN.0, Timestamp::MAX.0] {
            let time = Timestamp(millis);
            let text = time.rfc3339();
            assert_eq!(std::str::from_utf8(&text), Ok(time.to_string().as_str()));
            assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }
    }

    #[test]
    fn offsets_are_read_and_nonsense_is_refused() {
        assert_eq!(Timestamp::parse("2026-03-01T19:30:00+01:00"), Timestamp::parse("2026-03-01T18:30:00Z"));
        for text in ["", "2026-03-01", "yesterday", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text), Err(TimestampError), "{text}");
        }
    }
}
