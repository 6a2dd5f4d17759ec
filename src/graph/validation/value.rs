//! Values of correct type: a literal against the type of the place where it stands. The variables in it are
//! noted for the operations that use them.

use std::fmt::{self, Display, Formatter};

use async_graphql::registry::{MetaInputValue, MetaType, MetaTypeName, Registry};
use async_graphql::{Name, Pos};
use async_graphql_value::Value;
use indexmap::IndexMap;

use super::Faults;
use super::positions::Used;
use crate::graph::scalars::form_of;

/// Whose value it is.
#[derive(Clone, Copy)]
pub enum Place<'d> {
    Argument {
        name: &'d Name,
        field: &'d Name,
    },
    Condition {
        name: &'d Name,
        directive: &'d Name,
    },
    Default {
        variable: &'d Name,
    },
    /// An argument of a field that the error names otherwise.
    Given {
        name: &'d Name,
    },
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { name, field } => write!(f, "argument \"{name}\" of field \"{field}\""),
            Self::Condition { name, directive } => {
                write!(f, "argument \"{name}\" of directive \"@{directive}\"")
            }
            Self::Given { name } => write!(f, "argument \"{name}\""),
            Self::Default { variable } => write!(f, "the default of variable \"${variable}\""),
        }
    }
}

/// What a place takes.
#[derive(Clone, Copy)]
pub struct Expected<'d> {
    pub ty: &'d str,
    pub has_default: bool,
    /// It is a field of an input object that takes exactly one.
    pub one_of: bool,
}

impl<'d> Expected<'d> {
    pub fn of(input: &'d MetaInputValue) -> Self {
        Self { ty: &input.ty, has_default: input.default_value.is_some(), one_of: false }
    }

    pub fn required(ty: &'d str) -> Self {
        Self { ty, has_default: false, one_of: false }
    }
}

#[derive(Clone, Copy)]
enum Step<'d> {
    Index(usize),
    Key(&'d Name),
}

/// Judges one value, with all that is in it.
pub struct Judge<'w, 'd> {
    pub registry: &'d Registry,
    pub place: Place<'d>,
    pub at: Pos,
    pub used: &'w mut Vec<Used<'d>>,
    pub faults: &'w mut Faults,
    steps: Vec<Step<'d>>,
}

impl<'w, 'd> Judge<'w, 'd> {
    pub fn new(
        registry: &'d Registry,
        place: Place<'d>,
        at: Pos,
        used: &'w mut Vec<Used<'d>>,
        faults: &'w mut Faults,
    ) -> Self {
        Self { registry, place, at, used, faults, steps: Vec::new() }
    }

    /// Recurses at most as deep as brackets nest in the text.
    pub fn judge(&mut self, value: &'d Value, expected: Expected<'d>) {
        if let Value::Variable(variable) = value {
            let (at, place, within) = (self.at, self.place, self.within());
            return self.used.push(Used { variable, at, place, within, expected });
        }
        let ty = match MetaTypeName::create(expected.ty) {
            MetaTypeName::NonNull(inner) if *value != Value::Null => MetaTypeName::create(inner),
            MetaTypeName::NonNull(inner) => {
                return self.wrong(value, &format!("a non-null value of type \"{inner}\""));
            }
            _ if *value == Value::Null => return,
            nullable => nullable,
        };
        match (ty, value) {
            (MetaTypeName::List(item), Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.step(Step::Index(index), value, Expected::required(item));
                }
            }
            (MetaTypeName::List(item), single) => self.judge(single, Expected::required(item)),
            (MetaTypeName::Named(name) | MetaTypeName::NonNull(name), value) => self.named(value, name),
        }
    }

    fn step(&mut self, step: Step<'d>, value: &'d Value, expected: Expected<'d>) {
        self.steps.push(step);
        self.judge(value, expected);
        self.steps.pop();
    }

    fn named(&mut self, value: &'d Value, name: &'d str) {
        match (self.registry.types.get(name), value) {
            (Some(MetaType::InputObject { input_fields, oneof, .. }), Value::Object(fields)) => {
                self.object(fields, name, input_fields, *oneof);
            }
            (Some(MetaType::InputObject { .. }), other) => {
                self.wrong(other, &format!("an object of type \"{name}\""));
            }
            (Some(MetaType::Enum { enum_values, .. }), value) => {
                let written = match value {
                    Value::Enum(value) if enum_values.contains_key(value.as_str()) => return,
                    Value::String(text) if enum_values.contains_key(text) => " written without quotes",
                    _ => "",
                };
                let values: Vec<_> = enum_values.keys().map(String::as_str).collect();
                self.wrong(value, &format!("one of {}{written}", values.join(", ")));
            }
            (Some(scalar @ MetaType::Scalar { is_valid, .. }), value) => {
                let fits = match name {
                    "Int" => matches!(value, Value::Number(number)
                        if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())),
                    "Float" => matches!(value, Value::Number(_)),
                    "String" => matches!(value, Value::String(_)),
                    "Boolean" => matches!(value, Value::Boolean(_)),
                    "ID" => match value {
                        Value::Number(number) => number.is_i64() || number.is_u64(),
                        other => matches!(other, Value::String(_)),
                    },
                    _ => match (is_valid, value.clone().into_const()) {
                        (Some(is_valid), Some(value)) => is_valid(&value),
                        _ => true,
                    },
                };
                if !fits {
                    self.wrong(value, &form_of(scalar));
                }
            }
            // No input type, or unknown: the library says so.
            _ => {}
        }
    }

    fn object(
        &mut self,
        given: &'d IndexMap<Name, Value>,
        name: &'d str,
        inputs: &'d IndexMap<String, MetaInputValue>,
        one_of: bool,
    ) {
        if one_of && given.len() != 1 {
            let names: Vec<_> = inputs.keys().map(String::as_str).collect();
            let (names, given) = (names.join(", "), given.len());
            return self.fault(|| format!("\"{name}\" takes exactly one of {names}, and it has {given}."));
        }
        for (key, value) in given {
            match inputs.get(key.as_str()) {
                None => self.fault(|| format!("\"{name}\" has no field \"{key}\".")),
                Some(_) if one_of && *value == Value::Null => {
                    self.fault(|| {
                        format!("\"{name}\" takes exactly one field, and \"{key}\" must not be null.")
                    });
                }
                Some(input) => self.step(Step::Key(key), value, Expected { one_of, ..Expected::of(input) }),
            }
        }
        for (key, input) in inputs {
            let required = MetaTypeName::create(&input.ty).is_non_null() && input.default_value.is_none();
            if required && !one_of && !given.contains_key(key.as_str()) {
                let ty = &input.ty;
                self.fault(|| format!("\"{name}\" needs the field \"{key}\" of type \"{ty}\"."));
            }
        }
    }

    fn wrong(&mut self, value: &Value, wanted: &str) {
        self.fault(|| format!("expected {wanted}, found {}.", shown(value)));
    }

    fn fault(&mut self, what: impl FnOnce() -> String) {
        let (place, within) = (self.place, self.within());
        self.faults.add(self.at, || {
            let within = if within.is_empty() { String::new() } else { format!(" at `{within}`") };
            format!("The value of {place} is wrong{within}: {}", what())
        });
    }

    fn within(&self) -> String {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Index(index) => format!("[{index}]"),
                Step::Key(key) => format!(".{key}"),
            })
            .collect()
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::List(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        leaf => leaf.to_string().chars().take(60).collect(),
    }
}
