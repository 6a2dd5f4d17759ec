//! Arguments of fields: registered from an input object, coerced as the specification says.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{InputObjectType, Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};
use indexmap::IndexMap;

use crate::graph::validation::misfit;
use crate::kernel::error::{Error, Result};

/// The arguments of a field.
pub trait Arguments: Sized + Send + Sync + 'static {
    fn register(registry: &mut Registry) -> IndexMap<String, MetaInputValue>;
    fn coerce(given: IndexMap<Name, ConstValue>) -> Result<Self>;
    /// The argument that has a value of the wrong type, and what is wrong with it.
    fn misfit(given: &IndexMap<Name, ConstValue>) -> Option<(String, String)>;
}

impl Arguments for () {
    fn register(_: &mut Registry) -> IndexMap<String, MetaInputValue> {
        IndexMap::new()
    }

    fn coerce(_: IndexMap<Name, ConstValue>) -> Result<Self> {
        Ok(())
    }

    fn misfit(_: &IndexMap<Name, ConstValue>) -> Option<(String, String)> {
        None
    }
}

/// Arguments described by an input object: its fields, with their types, defaults, descriptions and
/// validators, become the field's arguments; the input object itself stays out of the schema.
#[derive(Debug)]
pub struct Input<A>(pub A);

impl<A: InputObjectType + 'static> Arguments for Input<A> {
    fn register(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
        match registry.create_fake_input_type::<A>() {
            MetaType::InputObject { input_fields, .. } => input_fields,
            _ => IndexMap::new(),
        }
    }

    fn coerce(given: IndexMap<Name, ConstValue>) -> Result<Self> {
        A::parse(Some(ConstValue::Object(given)))
            .map(Self)
            .map_err(|error| Error::invalid("", said(error.into_server_error(Default::default()).message)))
    }

    fn misfit(given: &IndexMap<Name, ConstValue>) -> Option<(String, String)> {
        let mut registry = Registry::default();
        let inputs = Self::register(&mut registry);
        given.iter().find_map(|(name, value)| {
            let fault = misfit(name, value, inputs.get(name.as_str())?, &registry)?;
            Some((name.to_string(), fault))
        })
    }
}

/// What the library says, without the types it was in when it found out: those that stand for a field's
/// arguments are not in the schema.
fn said(mut message: String) -> String {
    if let Some(end) = message.find(" (occurred while parsing ") {
        message.truncate(end);
    }
    message
}

/// Arguments as a document gives them, with their variables.
type Given = [(Positioned<Name>, Positioned<Value>)];

/// The same, kept in the plan: variables are filled in by each request.
#[derive(Clone, Debug, Default)]
pub struct GivenArguments(Vec<(Positioned<Name>, Positioned<Value>)>);

impl GivenArguments {
    pub fn of(field: &Field) -> Self {
        Self(field.arguments.clone())
    }

    pub fn coerce<A: Arguments>(&self, variables: &Variables) -> Result<A> {
        coerce(&self.0, variables)
    }
}

/// The arguments of a field in one request.
pub fn coerce<A: Arguments>(given: &Given, variables: &Variables) -> Result<A> {
    // The library's own message does not name the argument.
    A::coerce(filled(given, variables)).map_err(|error| match A::misfit(&filled(given, variables)) {
        Some((name, fault)) => Error::invalid(name, fault),
        None => named::<A>(error, given, variables),
    })
}

/// The error of a validator with the argument it is about: the only one, or the one without which all would be
/// well.
fn named<A: Arguments>(error: Error, given: &Given, variables: &Variables) -> Error {
    let is_wrong = |name: &Name| {
        let mut others = filled(given, variables);
        others.shift_remove(name);
        others.is_empty() || A::coerce(others).is_ok()
    };
    let wrong = given.iter().map(|(name, _)| &name.node).find(|name| is_wrong(name));
    match (error, wrong) {
        (Error::Invalid { message, .. }, Some(name)) => {
            let message = format!("The value of argument \"{name}\" is wrong: {message}.");
            Error::invalid(name.as_str(), message)
        }
        (error, _) => error,
    }
}

fn filled(given: &Given, variables: &Variables) -> IndexMap<Name, ConstValue> {
    let filled = |(name, value): &(Positioned<Name>, Positioned<Value>)| {
        Some((name.node.clone(), fill(&value.node, variables)?))
    };
    given.iter().filter_map(filled).collect()
}

/// The value with its variables filled in; `None` for a variable that was not given, which counts as an
/// argument (or an input object's field) that was not given. In a list it is null.
pub fn fill(value: &Value, variables: &Variables) -> Option<ConstValue> {
    Some(match value {
        Value::Variable(name) => variables.get(name)?.clone(),
        Value::List(items) => {
            ConstValue::List(items.iter().map(|item| fill(item, variables).unwrap_or_default()).collect())
        }
        Value::Object(fields) => ConstValue::Object(
            fields.iter().filter_map(|(name, value)| Some((name.clone(), fill(value, variables)?))).collect(),
        ),
        other => other.clone().into_const().unwrap_or_default(),
    })
}

/// Drops arguments, and fields of input objects in them, whose variable was not given.
pub fn drop_absent(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, variables: &Variables) {
    arguments.retain_mut(|(_, value)| keep(&mut value.node, variables));
}

fn keep(value: &mut Value, variables: &Variables) -> bool {
    match value {
        Value::Variable(name) => variables.contains_key(name),
        Value::List(items) => {
            for item in items {
                if !keep(item, variables) {
                    *item = Value::Null;
                }
            }
            true
        }
        Value::Object(fields) => {
            fields.retain(|_, value| keep(value, variables));
            true
        }
        _ => true,
    }
}
