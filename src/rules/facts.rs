//! What a rule is judged against: values by root name, borrowed from JSON or given as typed values, and looked
//! up by path only where the rule reads.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelTimestamp,
};
use cel::common::value::Val;
use chrono::{DateTime, Utc};
use entities::timestamp::Timestamp;
use serde_json::Value as Json;

use super::path::Path;

/// One value of a fact.
#[derive(Debug, Clone)]
pub enum Fact<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Time(DateTime<Utc>),
    List(Vec<Fact<'a>>),
    Map(BTreeMap<String, Fact<'a>>),
    Json(&'a Json),
    Object(&'a serde_json::Map<String, Json>),
}

macro_rules! facts_from {
    ($($from:ty => $make:expr),* $(,)?) => {
        $(impl<'a> From<$from> for Fact<'a> {
            fn from(value: $from) -> Self {
                $make(value)
            }
        })*
    };
}

facts_from! {
    bool => Fact::Bool,
    i64 => Fact::Int,
    f64 => Fact::Float,
    &'a str => |text| Fact::Text(Cow::Borrowed(text)),
    String => |text| Fact::Text(Cow::Owned(text)),
    DateTime<Utc> => Fact::Time,
    Timestamp => |time: Timestamp| Fact::Time(time.to_utc()),
    Vec<Fact<'a>> => Fact::List,
    BTreeMap<String, Fact<'a>> => Fact::Map,
    &'a Json => Fact::Json,
    &'a serde_json::Map<String, Json> => Fact::Object,
}

impl<'a, T: Into<Fact<'a>>> From<Option<T>> for Fact<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Fact::Null, Into::into)
    }
}

/// Values by root name. A root that is not given reads as null, and so does all below it.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a>(BTreeMap<Cow<'a, str>, Fact<'a>>);

impl<'a> Facts<'a> {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, root: &'a str, fact: impl Into<Fact<'a>>) -> Self {
        self.set(root, fact);
        self
    }

    pub fn set(&mut self, root: impl Into<Cow<'a, str>>, fact: impl Into<Fact<'a>>) {
        self.0.insert(root.into(), fact.into());
    }

    /// What stands at a path.
    pub(super) fn at(&self, path: &Path) -> Option<Found<'_>> {
        let root = Found::of(self.0.get(path.root.as_str())?);
        path.keys.iter().try_fold(root, |found, key| found.below(key))
    }
}

/// A value within the facts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'f> {
    Fact(&'f Fact<'f>),
    Json(&'f Json),
    Object(&'f serde_json::Map<String, Json>),
}

impl<'f> Found<'f> {
    fn of(fact: &'f Fact<'f>) -> Self {
        match fact {
            Fact::Object(object) => Self::Object(object),
            Fact::Json(json) => Self::of_json(json),
            _ => Self::Fact(fact),
        }
    }

    fn of_json(json: &'f Json) -> Self {
        match json {
            Json::Object(object) => Self::Object(object),
            _ => Self::Json(json),
        }
    }

    fn below(self, key: &str) -> Option<Self> {
        match self {
            Self::Fact(Fact::Map(map)) => map.get(key).map(Self::of),
            Self::Object(object) => object.get(key).map(Self::of_json),
            Self::Fact(_) | Self::Json(_) => None,
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(self) -> usize {
        match self {
            Self::Fact(Fact::List(list)) => list.len(),
            Self::Json(Json::Array(list)) => list.len(),
            _ => 0,
        }
    }

    /// The size of a list's largest element.
    pub fn largest(self) -> usize {
        match self {
            Self::Fact(Fact::List(list)) => list.iter().map(|fact| Self::of(fact).size()).max().unwrap_or(0),
            Self::Json(Json::Array(list)) => {
                list.iter().map(|json| Self::of_json(json).size()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// How much there is of it: one a value, and one for each 64 bytes of text.
    pub fn size(self) -> usize {
        let below: usize = match self {
            Self::Fact(Fact::Text(text)) => text.len() / 64,
            Self::Fact(Fact::List(list)) => list.iter().map(|fact| Self::of(fact).size()).sum(),
            Self::Fact(Fact::Map(map)) => {
                map.iter().map(|(key, fact)| key.len() / 64 + Self::of(fact).size()).sum()
            }
            Self::Json(Json::String(text)) => text.len() / 64,
            Self::Json(Json::Array(list)) => list.iter().map(|json| Self::of_json(json).size()).sum(),
            Self::Object(object) => {
                object.iter().map(|(key, json)| key.len() / 64 + Self::of_json(json).size()).sum()
            }
            Self::Fact(_) | Self::Json(_) => 0,
        };
        1 + below
    }

    /// The value as the interpreter takes it; texts are borrowed.
    pub fn value(self) -> Box<dyn Val + 'f> {
        match self {
            Self::Fact(fact) => of_fact(fact),
            Self::Json(json) => of_json(json),
            Self::Object(object) => map(object.iter().map(|(key, json)| (key.as_str(), Self::of_json(json)))),
        }
    }
}

fn of_fact<'f>(fact: &'f Fact<'f>) -> Box<dyn Val + 'f> {
    match fact {
        Fact::Null => Box::new(CelNull),
        Fact::Bool(holds) => Box::new(CelBool::from(*holds)),
        Fact::Int(number) => Box::new(CelInt::from(*number)),
        Fact::Float(number) => Box::new(CelDouble::from(*number)),
        Fact::Text(text) => Box::new(CelString::from(text.as_ref())),
        Fact::Time(time) => Box::new(CelTimestamp::from(time.fixed_offset())),
        Fact::List(facts) => {
            Box::new(CelList::from(facts.iter().map(|fact| Found::of(fact).value()).collect::<Vec<_>>()))
        }
        Fact::Map(facts) => map(facts.iter().map(|(key, fact)| (key.as_str(), Found::of(fact)))),
        Fact::Json(_) | Fact::Object(_) => Found::of(fact).value(),
    }
}

fn of_json(json: &Json) -> Box<dyn Val + '_> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(holds) => Box::new(CelBool::from(*holds)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => Box::new(CelString::from(text.as_str())),
        Json::Array(list) => {
            Box::new(CelList::from(list.iter().map(|json| Found::of_json(json).value()).collect::<Vec<_>>()))
        }
        Json::Object(object) => Found::Object(object).value(),
    }
}

fn map<'f>(entries: impl Iterator<Item = (&'f str, Found<'f>)>) -> Box<dyn Val + 'f> {
    let entries: HashMap<CelMapKey<'f>, Box<dyn Val + 'f>> =
        entries.map(|(key, found)| (CelMapKey::from(key), found.value())).collect();
    Box::new(CelMap::from(entries))
}
