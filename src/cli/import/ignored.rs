//! Keys of JSON rows that nothing asks for, and how many rows had them: a misspelt one should not go unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter};

use serde_json::{Map, Value};

use super::layout::{Layout, Place};
use super::rows::Cells;

/// How many keys are told apart: rows may have keys that no other row has.
const MAX_KEYS: usize = 40;

/// The keys ignored so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoredKeys {
    /// In how many rows each was, by its path: `context.ip`, `lines.colour`.
    rows: BTreeMap<String, u64>,
    /// There were others.
    more: bool,
}

impl IgnoredKeys {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Notes what a row has and the layout does not ask for.
    pub fn note(&mut self, layout: &Layout, cells: &Cells) {
        let Cells::Object(object) = cells else { return };
        let mut search = Search { layout, path: Vec::new(), found: BTreeSet::new() };
        search.object(object);
        for key in search.found {
            if self.rows.len() < MAX_KEYS || self.rows.contains_key(&key) {
                *self.rows.entry(key).or_default() += 1;
            } else {
                self.more = true;
            }
        }
    }
}

impl Display for IgnoredKeys {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let keys = self.rows.iter().map(|(key, rows)| match rows {
            1 => format!("{key} (1 row)"),
            _ => format!("{key} ({rows} rows)"),
        });
        write!(f, "{}", keys.collect::<Vec<_>>().join(", "))?;
        if self.more { write!(f, " and others") } else { Ok(()) }
    }
}

/// A walk through one row.
struct Search<'l, 'r> {
    layout: &'l Layout,
    path: Vec<&'r str>,
    found: BTreeSet<String>,
}

impl<'r> Search<'_, 'r> {
    fn object(&mut self, object: &'r Map<String, Value>) {
        for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            self.path.push(key);
            self.value(value);
            self.path.pop();
        }
    }

    fn value(&mut self, value: &'r Value) {
        let layout = self.layout;
        let places = layout.places.values().chain(layout.open.iter().map(|(_, place)| place));
        let asked = places.filter_map(|place| match place {
            Place::Path(path) if self.path.iter().eq(path.iter().take(self.path.len())) => Some(path.len()),
            _ => None,
        });
        let asked: Vec<usize> = asked.collect();
        match value {
            _ if asked.contains(&self.path.len()) => self.items(value),
            Value::Object(object) if !asked.is_empty() => self.object(object),
            _ => drop(self.found.insert(self.path.join("."))),
        }
    }

    /// What is asked for is taken whole, but for a list whose items have fields of their own.
    fn items(&mut self, value: &'r Value) {
        let Some((field, known)) = self.layout.items else { return };
        let is_list = matches!(self.layout.places.get(field), Some(Place::Path(path)) if *path == self.path);
        let items = value.as_array().filter(|_| is_list).into_iter().flatten();
        let keys = items.filter_map(Value::as_object).flat_map(Map::keys);
        let ignored = keys.filter(|key| !known.contains(&key.as_str()));
        let path = self.path.join(".");
        self.found.extend(ignored.map(|key| format!("{path}.{key}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &str) -> Place {
        Place::Path(keys.split('.').map(str::to_owned).collect())
    }

    fn row(json: &str) -> Cells {
        Cells::Object(serde_json::from_str(json).expect("it is an object"))
    }

    #[test]
    fn what_nothing_asks_for_is_counted_by_its_path() {
        let layout = Layout {
            places: [("name", path("event")), ("lines", path("cart.items"))].into(),
            open: vec![("library".to_owned(), path("context.library.name"))],
            items: Some(("lines", &["sku"])),
            ..Layout::default()
        };
        let mut ignored = IgnoredKeys::default();
        for text in [
            r#"{"event": "x", "evnt": 1, "context": {"library": {"name": "js", "v": 2}, "ip": "::1"}}"#,
            r#"{"evnt": 1, "none": null, "cart": {"items": [{"sku": "A", "qty": 1}, {"qty": 2}]}}"#,
            r#"{"context": 5}"#,
        ] {
            ignored.note(&layout, &row(text));
        }
        let said = "cart.items.qty (1 row), context (1 row), context.ip (1 row), context.library.v (1 row), \
                    evnt (2 rows)";
        assert_eq!(ignored.to_string(), said);
    }

    #[test]
    fn keys_without_end_are_cut_off() {
        let mut ignored = IgnoredKeys::default();
        for number in 0..MAX_KEYS + 5 {
            ignored.note(&Layout::default(), &row(&format!("{{\"k{number}\": 1}}")));
        }
        assert_eq!(ignored.rows.len(), MAX_KEYS);
        assert!(ignored.to_string().ends_with(" and others"));
    }
}
