//! Coercion of variables by the specification's algorithm, before anything is executed: the library lets a
//! missing required variable through and ignores defaults in `@skip` and `@include`.

use async_graphql::parser::types::{BaseType, Type, VariableDefinition};
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Number};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::graph::request::{BAD_USER_INPUT, RequestError};
use crate::graph::scalars::form_of;

/// Coerces the given values to the declared types. A variable that is neither given nor has a default is
/// absent from the result.
pub(super) fn coerce(
    definitions: &[Positioned<VariableDefinition>],
    mut given: Map<String, Value>,
    registry: &Registry,
) -> Result<Variables, Vec<RequestError>> {
    let mut coerced = Variables::default();
    let mut errors = Vec::new();
    for definition in definitions {
        let variable = &definition.node;
        let name = &variable.name.node;
        let refuse = |message: String| RequestError::new(BAD_USER_INPUT, message).at(definition.pos);
        match given.remove(name.as_str()) {
            None => match &variable.default_value {
                Some(default) => drop(coerced.insert(name.clone(), default.node.clone())),
                None if variable.var_type.node.nullable => {}
                None => errors.push(refuse(format!(
                    "Variable \"${name}\" of required type \"{}\" was not provided.",
                    variable.var_type.node
                ))),
            },
            Some(value) => match coerce_value(value, &variable.var_type.node, registry) {
                Ok(value) => drop(coerced.insert(name.clone(), value)),
                Err(fault) => errors.push(refuse(format!(
                    "Variable \"${name}\" got an invalid value{}: {}",
                    fault.place(),
                    fault.message
                ))),
            },
        }
    }
    if errors.is_empty() { Ok(coerced) } else { Err(errors) }
}

/// What is wrong with a value, and where within it: steps from the inside out.
struct Fault {
    steps: Vec<String>,
    message: String,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), message: message.into() }
    }

    fn within(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }

    fn place(&self) -> String {
        if self.steps.is_empty() {
            return String::new();
        }
        format!(" at `{}`", self.steps.iter().rev().map(String::as_str).collect::<String>())
    }
}

fn coerce_value(value: Value, ty: &Type, registry: &Registry) -> Result<ConstValue, Fault> {
    if value.is_null() {
        return match ty.nullable {
            true => Ok(ConstValue::Null),
            false => Err(Fault::new(format!("expected a non-null value of type \"{ty}\", found null."))),
        };
    }
    match &ty.base {
        BaseType::List(item) => match value {
            Value::Array(values) => values
                .into_iter()
                .enumerate()
                .map(|(index, value)| {
                    coerce_value(value, item, registry).map_err(|fault| fault.within(format!("[{index}]")))
                })
                .collect::<Result<_, _>>()
                .map(ConstValue::List),
            single => coerce_value(single, item, registry).map(|item| ConstValue::List(vec![item])),
        },
        BaseType::Named(name) => coerce_named(value, name, registry),
    }
}

fn coerce_named(value: Value, name: &Name, registry: &Registry) -> Result<ConstValue, Fault> {
    match registry.types.get(name.as_str()) {
        Some(MetaType::Enum { enum_values, .. }) => match value {
            Value::String(text) if enum_values.contains_key(&text) => Ok(ConstValue::Enum(Name::new(text))),
            other => Err(expected(
                &format!("one of {}", enum_values.keys().map(String::as_str).collect::<Vec<_>>().join(", ")),
                &other,
            )),
        },
        Some(MetaType::InputObject { input_fields, oneof, .. }) => match value {
            Value::Object(fields) => coerce_object(fields, name, input_fields, *oneof, registry),
            other => Err(expected(&format!("an object of type \"{name}\""), &other)),
        },
        Some(scalar @ MetaType::Scalar { is_valid, .. }) => {
            let value = coerce_scalar(value, name)?;
            match is_valid {
                Some(is_valid) if !is_valid(&value) => {
                    let found: String = value.to_string().chars().take(60).collect();
                    Err(Fault::new(format!("expected {}, found {found}.", form_of(scalar))))
                }
                _ => Ok(value),
            }
        }
        _ => Err(Fault::new(format!("\"{name}\" is not an input type."))),
    }
}

fn coerce_object(
    mut given: Map<String, Value>,
    name: &Name,
    fields: &IndexMap<String, MetaInputValue>,
    oneof: bool,
    registry: &Registry,
) -> Result<ConstValue, Fault> {
    if let Some(unknown) = given.keys().find(|key| !fields.contains_key(*key)) {
        return Err(Fault::new(format!("\"{name}\" has no field \"{unknown}\".")));
    }
    if oneof && (given.len() != 1 || given.values().any(Value::is_null)) {
        return Err(Fault::new(format!("\"{name}\" takes exactly one field, and it must not be null.")));
    }
    let mut coerced = IndexMap::new();
    for (key, field) in fields {
        let ty = Type::new(&field.ty)
            .ok_or_else(|| Fault::new(format!("\"{name}.{key}\" has no readable type.")))?;
        match given.remove(key) {
            Some(value) => {
                let value =
                    coerce_value(value, &ty, registry).map_err(|fault| fault.within(format!(".{key}")))?;
                coerced.insert(Name::new(key), value);
            }
            None if ty.nullable || field.default_value.is_some() || oneof => {}
            None => {
                return Err(Fault::new(format!(
                    "\"{name}.{key}\" of required type \"{}\" was not provided.",
                    field.ty
                )));
            }
        }
    }
    Ok(ConstValue::Object(coerced))
}

fn coerce_scalar(value: Value, name: &Name) -> Result<ConstValue, Fault> {
    let wrong = match (name.as_str(), &value) {
        ("Int", Value::Number(number)) => whole(number).is_none_or(|number| i32::try_from(number).is_err()),
        ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Bool(_)) => {
            false
        }
        ("ID", Value::Number(number)) => number.as_i64().is_none(),
        ("Int" | "Float" | "String" | "ID" | "Boolean", _) => true,
        _ => false,
    };
    if wrong {
        return Err(expected(&format!("a value of type \"{name}\""), &value));
    }
    Ok(match value {
        // 3.0 is an Int to the specification; the library's own parser wants it without the point.
        Value::Number(number) if name == "Int" => {
            ConstValue::Number(whole(&number).map_or(number, Number::from))
        }
        Value::Number(number) if name == "ID" => ConstValue::String(number.to_string()),
        other => ConstValue::from_json(other).map_err(|error| Fault::new(error.to_string()))?,
    })
}

fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    })
}

fn expected(what: &str, found: &Value) -> Fault {
    let found = match found {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string().chars().take(60).collect(),
    };
    Fault::new(format!("expected {what}, found {found}."))
}
