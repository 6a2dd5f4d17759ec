//! Coercion of input by the specification's algorithms, on plain JSON.

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{BaseType, Type, VariableDefinition};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value};

use super::schema::{ArgumentDef, input_object};

/// A value that does not fit its type.
#[derive(Clone, Copy, Debug)]
pub struct Unfit;

pub type Variables = Map<String, Value>;

pub fn parse_type(ty: &str) -> Type {
    Type::new(ty).expect("a type of the test schema")
}

/// CoerceVariableValues (6.1.2), for given values that fit.
pub fn coerce_variables(definitions: &[Positioned<VariableDefinition>], given: &Variables) -> Variables {
    let mut coerced = Variables::new();
    for definition in definitions {
        let definition = &definition.node;
        let name = definition.name.node.to_string();
        let ty = &definition.var_type.node;
        let value = match (given.get(&name), &definition.default_value) {
            (Some(value), _) => json(value, ty).expect("generated variables fit"),
            (None, Some(default)) => {
                let default = default.node.clone().into_value();
                literal(&default, ty, &Variables::new()).expect("generated defaults fit").expect("a constant")
            }
            (None, None) => continue,
        };
        coerced.insert(name, value);
    }
    coerced
}

/// CoerceArgumentValues (6.4.1), and the same for the fields of an input object.
pub fn coerce_arguments<'v>(
    definitions: &[ArgumentDef],
    given: impl Fn(&str) -> Option<&'v Literal>,
    variables: &Variables,
) -> Result<Map<String, Value>, Unfit> {
    let mut coerced = Map::new();
    for definition in definitions {
        let ty = parse_type(definition.ty);
        let value = match given(definition.name) {
            Some(value) => literal(value, &ty, variables)?,
            None => None,
        };
        insert(&mut coerced, definition, &ty, value)?;
    }
    Ok(coerced)
}

fn insert(
    coerced: &mut Map<String, Value>,
    definition: &ArgumentDef,
    ty: &Type,
    value: Option<Value>,
) -> Result<(), Unfit> {
    match value.or_else(|| definition.default.clone()) {
        Some(Value::Null) if !ty.nullable => return Err(Unfit),
        Some(value) => drop(coerced.insert(definition.name.to_owned(), value)),
        None if !ty.nullable => return Err(Unfit),
        None => {}
    }
    Ok(())
}

/// A literal of a type; `None` for a variable without a value.
fn literal(value: &Literal, ty: &Type, variables: &Variables) -> Result<Option<Value>, Unfit> {
    if let Literal::Variable(name) = value {
        return match variables.get(name.as_str()) {
            Some(Value::Null) if !ty.nullable => Err(Unfit),
            value => Ok(value.cloned()),
        };
    }
    if *value == Literal::Null {
        return if ty.nullable { Ok(Some(Value::Null)) } else { Err(Unfit) };
    }
    match (&ty.base, value) {
        (BaseType::List(item), Literal::List(values)) => {
            let items = values.iter().map(|value| match literal(value, item, variables)? {
                None if !item.nullable => Err(Unfit),
                value => Ok(value.unwrap_or_default()),
            });
            items.collect::<Result<Vec<_>, _>>().map(|items| Some(Value::Array(items)))
        }
        (BaseType::List(item), single) => {
            Ok(literal(single, item, variables)?.map(|item| Value::Array(vec![item])))
        }
        (BaseType::Named(name), Literal::Object(fields)) => {
            let definitions = input_object(name).ok_or(Unfit)?;
            let given = |field: &str| fields.get(&Name::new(field));
            coerce_arguments(&definitions, given, variables).map(|fields| Some(Value::Object(fields)))
        }
        (BaseType::Named(name), leaf) => {
            let leaf = leaf.clone().into_const().ok_or(Unfit)?.into_json().map_err(|_| Unfit)?;
            scalar(&leaf, name).map(Some)
        }
    }
}

/// A variable's value of a type.
fn json(value: &Value, ty: &Type) -> Result<Value, Unfit> {
    if value.is_null() {
        return if ty.nullable { Ok(Value::Null) } else { Err(Unfit) };
    }
    match (&ty.base, value) {
        (BaseType::List(item), Value::Array(values)) => {
            values.iter().map(|value| json(value, item)).collect::<Result<_, _>>().map(Value::Array)
        }
        (BaseType::List(item), single) => Ok(Value::Array(vec![json(single, item)?])),
        (BaseType::Named(name), Value::Object(fields)) => {
            let mut coerced = Map::new();
            for definition in input_object(name).ok_or(Unfit)? {
                let ty = parse_type(definition.ty);
                let value = fields.get(definition.name).map(|value| json(value, &ty)).transpose()?;
                insert(&mut coerced, &definition, &ty, value)?;
            }
            Ok(Value::Object(coerced))
        }
        (BaseType::Named(name), leaf) => scalar(leaf, name),
    }
}

fn scalar(value: &Value, name: &str) -> Result<Value, Unfit> {
    match (name, value) {
        ("Float", Value::Number(number)) => Ok(number.as_f64().ok_or(Unfit)?.into()),
        ("Int", Value::Number(number)) => Ok((number.as_f64().ok_or(Unfit)? as i64).into()),
        ("ID", Value::Number(number)) => Ok(number.to_string().into()),
        _ => Ok(value.clone()),
    }
}
