//! The map file: what the columns of somebody else's file mean. TOML, all of it optional.
//!
//! ```toml
//! source = "shop"                 # names the system the rows come from
//! namespace = "shop"              # whose customer ids these are: they stand before them; empty for none
//! delimiter = "blanks"            # one character, "tab", or "blanks" for runs of them
//! header = false
//! [columns]                       # our field = their column: its name, or its position from 1
//! customer_id = 1
//! [constants]                     # our field = the same value for every row
//! currency = "USD"
//! [dates]
//! format = "%Y%m%d"               # as strftime has it; RFC 3339 without
//! time_zone = "Europe/Vienna"     # for times that name no zone; UTC without
//! [properties]                    # behaviors: property = column; customers have [traits]
//! film = "Film title"
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use chrono_tz::Tz;
use serde::Deserialize;

use crate::kernel::error::{Error, Result};
use crate::kernel::zone;

/// What a map file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldMap {
    pub source: Option<String>,
    pub namespace: Option<String>,
    pub delimiter: Option<String>,
    pub header: Option<bool>,
    pub columns: BTreeMap<String, Column>,
    pub constants: BTreeMap<String, String>,
    pub dates: Dates,
    pub properties: BTreeMap<String, Column>,
    pub traits: BTreeMap<String, Column>,
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// From 1.
    Position(usize),
    /// The header's text; in NDJSON a key, or keys joined by dots.
    Name(String),
}

/// How the file writes times.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dates {
    pub format: Option<String>,
    #[serde(deserialize_with = "zone::deserialize_option")]
    pub time_zone: Option<Tz>,
}

impl FieldMap {
    /// Reads a map file.
    pub fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::invalid("map", format!("the map file {} cannot be read: {error}", path.display()))
        })?;
        Self::parse(&text)
            .map_err(|reason| Error::invalid("map", format!("the map file {}: {reason}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let map: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let format = map.dates.format.as_deref().unwrap_or_default();
        if chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error) {
            return Err(format!(
                "`dates.format` is `{format}`, which strftime does not know; try `%Y-%m-%d`"
            ));
        }
        Ok(map)
    }
}

/// What stands between the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    Byte(u8),
    /// Any number of spaces and tabs; fields cannot be quoted.
    Blanks,
}

impl Delimiter {
    pub fn parse(text: &str) -> Result<Self> {
        match (text, text.as_bytes()) {
            ("blanks", _) => Ok(Self::Blanks),
            ("tab" | "\\t", _) => Ok(Self::Byte(b'\t')),
            (_, [byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(Self::Byte(*byte)),
            _ => Err(Error::invalid(
                "delimiter",
                format!("the delimiter is `{text}`; one ASCII character, `tab` or `blanks` is wanted"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_names_columns_by_position_or_name() {
        let map = FieldMap::parse("[columns]\ntotal = 5\nplaced_at = \"Date\"\n[dates]\nformat = \"%Y%m%d\"");
        let map = map.expect("it is a map");
        assert_eq!(map.columns["total"], Column::Position(5));
        assert_eq!(map.columns["placed_at"], Column::Name("Date".to_owned()));
    }

    #[test]
    fn a_wrong_map_is_refused() {
        for text in
            ["colums = {}", "[dates]\nformat = \"%Q\"", "[dates]\ntime_zone = \"Mars/Olympus\"", "header = 1"]
        {
            assert!(FieldMap::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn delimiters_have_names() {
        assert_eq!(Delimiter::parse("tab").ok(), Some(Delimiter::Byte(b'\t')));
        assert_eq!(Delimiter::parse(";").ok(), Some(Delimiter::Byte(b';')));
        assert_eq!(Delimiter::parse("blanks").ok(), Some(Delimiter::Blanks));
        for text in ["", "ab", "é", "\""] {
            assert!(Delimiter::parse(text).is_err(), "{text}");
        }
    }
}
