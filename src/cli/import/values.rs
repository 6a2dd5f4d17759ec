//! Reads the typed value of a field out of a row. Each error names the field and says what would be right.

use std::borrow::Cow;

use chrono::NaiveDate;
use entities::timestamp::Timestamp;
use entities::values::{IdentityKind, TextEnum};
use serde_json::{Map, Value};

use super::layout::{Layout, Place};
use super::map::Dates;
use super::parse::{amount, instant, typed};
use super::rows::Cells;
use crate::domain::customers::blocked::blocked;
use crate::domain::customers::identity::IdentityKey;
use crate::kernel::money::Currency;

/// Why a row cannot go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub reason: String,
}

impl FieldError {
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// A field's value, or why it is none.
pub type Field<T> = Result<T, FieldError>;

/// The longest text of a field that is a name or a key.
const MAX_TEXT: usize = 500;
/// The largest object, as the wire of behaviors has it.
const MAX_OBJECT: usize = 32 * 1024;

/// The fields that identify a customer, and what they are.
pub const IDENTITY_FIELDS: [(&str, IdentityKind); 6] = [
    ("customer_id", IdentityKind::UserId),
    ("email", IdentityKind::Email),
    ("phone", IdentityKind::Phone),
    ("loyalty_card", IdentityKind::LoyaltyCard),
    ("anonymous_id", IdentityKind::AnonymousId),
    ("device_id", IdentityKind::Device),
];

/// The fields of one row.
#[derive(Clone, Copy, Debug)]
pub struct Values<'r> {
    pub layout: &'r Layout,
    pub cells: &'r Cells,
}

impl<'r> Values<'r> {
    /// A text without the blanks around it; `None` when it is empty.
    pub fn text(&self, field: &'static str) -> Field<Option<Cow<'r, str>>> {
        let Some(place) = self.layout.places.get(field) else { return Ok(None) };
        let text = match (place, self.cells) {
            (Place::Constant(text), _) => Some(Cow::Borrowed(text.as_str())),
            (Place::Cell(index), Cells::Columns(columns)) => {
                columns.get(*index).map(|text| Cow::Borrowed(text.as_str()))
            }
            (Place::Path(path), Cells::Object(object)) => match at(object, path) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(Cow::Borrowed(text.as_str())),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(Cow::Owned(value.to_string())),
                Some(_) => return Err(FieldError::new(field, "is a list or an object; one value is wanted")),
            },
            _ => None,
        };
        let text = text.map(trimmed).filter(|text| !text.is_empty());
        match &text {
            Some(text) if text.len() > MAX_TEXT => {
                Err(FieldError::new(field, format!("has {} bytes; at most {MAX_TEXT} are taken", text.len())))
            }
            Some(text) if text.contains('\0') => {
                Err(FieldError::new(field, "holds the character NUL, which no text may"))
            }
            _ => Ok(text),
        }
    }

    /// A text that must be there.
    pub fn required(&self, field: &'static str) -> Field<Cow<'r, str>> {
        self.text(field)?.ok_or_else(|| FieldError::new(field, "is empty; a value is wanted"))
    }

    /// A text of its own.
    pub fn owned(&self, field: &'static str) -> Field<Option<String>> {
        Ok(self.text(field)?.map(Cow::into_owned))
    }

    /// One of an enum's texts, in upper or lower case.
    pub fn one_of<E: TextEnum>(&self, field: &'static str) -> Field<Option<E>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let found = E::parse(&text.to_uppercase());
        found.map(Some).ok_or_else(|| {
            let all: Vec<_> = E::ALL.iter().map(|value| value.text()).collect();
            FieldError::new(field, format!("is `{text}`; one of {} is wanted", all.join(", ")))
        })
    }

    /// A whole number above nought.
    pub fn count(&self, field: &'static str) -> Field<Option<i64>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match text.parse() {
            Ok(number) if (1..=1_000_000_000).contains(&number) => Ok(Some(number)),
            _ => Err(FieldError::new(field, format!("is `{text}`; a whole number from 1 on is wanted"))),
        }
    }

    /// A currency, or the one given.
    pub fn currency(&self, field: &'static str, default: Option<Currency>) -> Field<Currency> {
        match self.text(field)? {
            Some(text) => Currency::parse(&text).ok_or_else(|| {
                FieldError::new(field, format!("is `{text}`; an ISO 4217 code such as USD is wanted"))
            }),
            None => default.ok_or_else(|| {
                FieldError::new(field, "is empty; name one in the file, the map's [constants] or --currency")
            }),
        }
    }

    /// An amount in minor units.
    pub fn amount(&self, field: &'static str, currency: Currency) -> Field<Option<i64>> {
        self.text(field)?.map(|text| amount(field, &text, currency)).transpose()
    }

    /// A point in time.
    pub fn time(&self, field: &'static str, dates: &Dates) -> Field<Option<Timestamp>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let wanted = match &dates.format {
            Some(format) => format!("a time written as `{format}`"),
            None => "a time such as 2026-03-01T18:30:00Z or a day such as 2026-03-01".to_owned(),
        };
        match instant(&text, dates).filter(|time| (Timestamp::MIN..=Timestamp::MAX).contains(time)) {
            Some(time) => Ok(Some(time)),
            None => Err(FieldError::new(field, format!("is `{text}`; {wanted} is wanted"))),
        }
    }

    /// A day as `YYYY-MM-DD`.
    pub fn day(&self, field: &'static str) -> Field<Option<String>> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            Ok(day) => Ok(Some(day.to_string())),
            Err(_) => Err(FieldError::new(field, format!("is `{text}`; a day such as 1986-04-30 is wanted"))),
        }
    }

    /// Everything that identifies the row's customer; at least one thing. `namespace` stands before its id.
    pub fn identities(&self, namespace: &str) -> Field<Vec<IdentityKey>> {
        let mut keys = Vec::new();
        for (field, kind) in IDENTITY_FIELDS {
            let Some(text) = self.text(field)? else { continue };
            if let Some(reason) = blocked(&IdentityKey::stored(kind, text.to_string())) {
                return Err(FieldError::new(field, reason));
            }
            let text = match kind {
                IdentityKind::UserId if !namespace.is_empty() => Cow::Owned(format!("{namespace}:{text}")),
                _ => text,
            };
            keys.push(IdentityKey::try_new(kind, &text).map_err(|reason| FieldError::new(field, reason))?);
        }
        if keys.is_empty() {
            let fields = IDENTITY_FIELDS.map(|(field, _)| field).join(", ");
            return Err(FieldError::new(
                "customer_id",
                format!("nothing says whose row it is; fill one of {fields}"),
            ));
        }
        Ok(keys)
    }

    /// What is under a field of JSON; in a delimited file it is JSON text.
    pub fn json(&self, field: &'static str) -> Field<Option<Value>> {
        match (self.layout.places.get(field), self.cells) {
            (Some(Place::Path(path)), Cells::Object(object)) => {
                Ok(at(object, path).filter(|value| !value.is_null()).cloned())
            }
            (Some(Place::Cell(index)), Cells::Columns(columns)) => {
                let text = columns.get(*index).map_or("", |text| text.trim());
                if text.is_empty() {
                    return Ok(None);
                }
                let value = serde_json::from_str(text);
                value.map(Some).map_err(|error| FieldError::new(field, format!("is not JSON: {error}")))
            }
            _ => Ok(None),
        }
    }

    /// The noun's open object: its own field and what the layout adds to it.
    pub fn object(&self, field: &'static str) -> Field<Map<String, Value>> {
        let mut object = match self.json(field)? {
            None => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                return Err(FieldError::new(field, "is not an object; {\"key\": \"value\"} is wanted"));
            }
        };
        for (key, place) in &self.layout.open {
            let value = match (place, self.cells) {
                (Place::Cell(index), Cells::Columns(columns)) => {
                    columns.get(*index).and_then(|text| typed(text))
                }
                (Place::Path(path), Cells::Object(cells)) => at(cells, path).cloned(),
                _ => None,
            };
            object.extend(value.map(|value| (key.clone(), value)));
        }
        let size = Value::Object(object.clone()).to_string().len();
        if size > MAX_OBJECT {
            return Err(FieldError::new(field, format!("has {size} bytes; at most {MAX_OBJECT} are taken")));
        }
        if object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)) {
            return Err(FieldError::new(field, "holds the character NUL, which no text may"));
        }
        Ok(object)
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn at<'v>(object: &'v Map<String, Value>, path: &[String]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(object.get(first)?, |value, key| value.get(key))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
