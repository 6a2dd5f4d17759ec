//! What the schema takes as input, read from the running server's introspection.

use std::collections::HashMap;

use serde_json::Value;

use super::world::World;

const INTROSPECTION: &str =
    "{ __schema { types { ...Shape fields { name args { ...Input } type { ...Ref } } } } }
    fragment Shape on __Type { kind name isOneOf enumValues { name } inputFields { ...Input } }
    fragment Input on __InputValue { name type { ...Ref } defaultValue }
    fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// All input types, and the arguments of all root fields and of all links of a customer.
pub struct InputSchema {
    pub types: HashMap<String, InputType>,
    pub arguments: Vec<Argument>,
}

/// A named input type.
#[derive(Clone, Debug)]
pub enum InputType {
    Scalar,
    Enum(Vec<String>),
    Object { fields: Vec<Input>, oneof: bool },
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    pub ty: Type,
    pub has_default: bool,
}

/// A type as it is written.
#[derive(Clone, Debug)]
pub enum Type {
    Named(String),
    List(Box<Type>),
    NonNull(Box<Type>),
}

/// An argument of a field.
#[derive(Debug)]
pub struct Argument {
    /// `query` or `mutation`.
    pub operation: &'static str,
    /// Where the field stands, its parents' braces open.
    pub parents: &'static str,
    pub field: String,
    pub input: Input,
    /// All arguments of the field.
    pub siblings: Vec<Input>,
}

impl InputSchema {
    pub async fn of(world: &World) -> Self {
        let answer = world.ask(INTROSPECTION).await;
        let all = answer["data"]["__schema"]["types"].as_array().expect("introspection answers");
        let types = all.iter().filter_map(|ty| Some((text(&ty["name"]), input_type(ty)?))).collect();
        let mut arguments = Vec::new();
        for (operation, parents, ty) in [
            ("query", "{", "Query"),
            ("mutation", "{", "Mutation"),
            ("query", "{ customers(first: 1) { nodes {", "Customer"),
        ] {
            let parent = all.iter().find(|found| found["name"] == ty).expect("there is such a type");
            let fields = parent["fields"].as_array().expect("it has fields").iter();
            arguments.extend(fields.flat_map(|field| self::arguments((operation, parents), field)));
        }
        Self { types, arguments }
    }
}

fn arguments((operation, parents): (&'static str, &'static str), field: &Value) -> Vec<Argument> {
    let siblings = inputs(&field["args"]);
    let of = |input: &Input| Argument {
        operation,
        parents,
        field: text(&field["name"]),
        input: input.clone(),
        siblings: siblings.clone(),
    };
    siblings.iter().map(of).collect()
}

fn input_type(ty: &Value) -> Option<InputType> {
    match ty["kind"].as_str()? {
        "SCALAR" => Some(InputType::Scalar),
        "ENUM" => Some(InputType::Enum(
            ty["enumValues"].as_array()?.iter().map(|value| text(&value["name"])).collect(),
        )),
        "INPUT_OBJECT" => {
            let oneof = ty["isOneOf"].as_bool().unwrap_or_default();
            Some(InputType::Object { fields: inputs(&ty["inputFields"]), oneof })
        }
        _ => None,
    }
}

fn inputs(list: &Value) -> Vec<Input> {
    let input = |value: &Value| Input {
        name: text(&value["name"]),
        ty: Type::read(&value["type"]),
        has_default: !value["defaultValue"].is_null(),
    };
    list.as_array().map(|list| list.iter().map(input).collect()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a name").to_owned()
}

impl Type {
    fn read(value: &Value) -> Self {
        match value["kind"].as_str() {
            Some("NON_NULL") => Self::NonNull(Box::new(Self::read(&value["ofType"]))),
            Some("LIST") => Self::List(Box::new(Self::read(&value["ofType"]))),
            _ => Self::Named(text(&value["name"])),
        }
    }

    /// The name under all lists.
    pub fn base(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.base(),
        }
    }

    pub fn is_required(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}
