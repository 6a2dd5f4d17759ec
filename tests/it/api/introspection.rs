//! The schema as introspection tells it, for tests that must cover what will be added.

use std::collections::BTreeMap;

use encircle::app::App;
use serde::Deserialize;
use serde_json::json;

use crate::harness::client::Client;

const QUERY: &str = "{ __schema { types { kind name \
    fields(includeDeprecated: true) { name args { name defaultValue type { ...Ref } } type { ...Ref } } \
    possibleTypes { name } enumValues { name } } } } \
    fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Type {
    pub kind: String,
    pub name: String,
    pub fields: Option<Vec<Field>>,
    pub possible_types: Option<Vec<Name>>,
    pub enum_values: Option<Vec<Name>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Field {
    pub name: String,
    pub args: Vec<Argument>,
    #[serde(rename = "type")]
    pub ty: TypeRef,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    pub name: String,
    pub default_value: Option<String>,
    #[serde(rename = "type")]
    pub ty: TypeRef,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Name {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeRef {
    pub kind: String,
    pub name: Option<String>,
    pub of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    /// The type under lists and non-null.
    pub fn named(&self) -> &str {
        match (&self.of_type, &self.name) {
            (Some(inner), _) => inner.named(),
            (None, Some(name)) => name,
            (None, None) => panic!("introspection does not reach the type's name"),
        }
    }
}

impl Field {
    /// The field as it is asked for, with the arguments that it cannot be without: a field that needs some and has
    /// none here fails by name.
    pub fn call(&self) -> String {
        match self.name.as_str() {
            // Where one offer is shown to everybody, and another is not because of the channel.
            "experience" => "experience(placements: [\"home-hero\"], channel: KIOSK)".to_owned(),
            name if self.needs_no_arguments() => name.to_owned(),
            name => panic!("`{name}` needs arguments: say which"),
        }
    }

    /// Whether it can be asked for without arguments.
    pub fn needs_no_arguments(&self) -> bool {
        self.args.iter().all(|argument| argument.ty.kind != "NON_NULL" || argument.default_value.is_some())
    }
}

/// All types by name, the introspection's own left out.
pub struct Schema(BTreeMap<String, Type>);

impl Schema {
    pub async fn of(app: &App) -> Self {
        let mut data = Client::anonymous(app).good(QUERY, json!({})).await;
        let types: Vec<Type> = serde_json::from_value(data["__schema"]["types"].take()).expect("types");
        Self(
            types
                .into_iter()
                .filter(|ty| !ty.name.starts_with("__"))
                .map(|ty| (ty.name.clone(), ty))
                .collect(),
        )
    }

    /// The values of an enum.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let values = self.get(name).enum_values.as_deref().unwrap_or_default();
        values.iter().map(|value| value.name.as_str()).collect()
    }

    /// Every field that gives a connection, with the type it stands on.
    pub fn connections(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.0.values().flat_map(|ty| {
            let fields = ty.fields.as_deref().unwrap_or_default().iter();
            fields
                .filter(|field| field.ty.named().ends_with("Connection"))
                .map(|field| (ty.name.as_str(), field))
        })
    }

    pub fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("there is no type {name}"))
    }

    pub fn fields(&self, name: &str) -> &[Field] {
        self.get(name).fields.as_deref().unwrap_or_default()
    }

    /// The names of all object types but the root.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter(|ty| ty.kind == "OBJECT" && ty.name != "Query").map(|ty| ty.name.as_str())
    }

    /// The names of the types that have an id by which `node` finds them.
    pub fn nodes(&self) -> Vec<&str> {
        self.possible("Node")
    }

    /// What a type can turn out to be: itself if it is an object.
    pub fn possible<'s>(&'s self, name: &'s str) -> Vec<&'s str> {
        match &self.get(name).possible_types {
            Some(types) => types.iter().map(|ty| ty.name.as_str()).collect(),
            None => vec![name],
        }
    }

    pub fn is_leaf(&self, field: &Field) -> bool {
        matches!(self.get(field.ty.named()).kind.as_str(), "SCALAR" | "ENUM")
    }

    /// What tells one object of a type from another: its id, or all it says itself where it has none.
    pub fn brief(&self, name: &str) -> String {
        let fields = self.fields(name);
        if fields.iter().any(|field| field.name == "id") {
            return "id".to_owned();
        }
        let leaves = fields.iter().filter(|field| self.is_leaf(field));
        leaves.map(|field| field.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The type of the nodes of a connection.
    pub fn node_of(&self, connection: &str) -> &str {
        let nodes = self.fields(connection).iter().find(|field| field.name == "nodes");
        nodes.unwrap_or_else(|| panic!("{connection} has no nodes")).ty.named()
    }

    /// A selection of the leaves of a type, of all its members if it is a union; of a connection, its nodes in
    /// brief.
    pub fn leaves(&self, name: &str) -> String {
        let of = |object: &str| {
            let leaves = self.fields(object).iter().filter(|field| self.is_leaf(field));
            let mut names: Vec<String> = leaves.map(|field| field.name.clone()).collect();
            if object.ends_with("Connection") {
                names.push(format!("nodes {{ {} }}", self.brief(self.node_of(object))));
            }
            names.join(" ")
        };
        let members = self.possible(name);
        let members = members.iter().map(|member| format!("... on {member} {{ __typename {} }}", of(member)));
        format!("{{ {} }}", members.collect::<Vec<_>>().join(" "))
    }

    /// A selection of everything under a type. A type is not entered again below itself; an edge shows its
    /// node in brief, because `nodes` shows the rest.
    pub fn everything(&self, name: &str) -> String {
        self.below(name, &mut Vec::new())
    }

    fn below<'s>(&'s self, name: &'s str, path: &mut Vec<&'s str>) -> String {
        let mut members = Vec::new();
        for member in self.possible(name) {
            path.push(member);
            let mut fields = vec!["__typename".to_owned()];
            for field in self.fields(member) {
                let ty = field.ty.named();
                if self.is_leaf(field) {
                    fields.push(field.name.clone());
                } else if member.ends_with("Edge") {
                    fields.push(format!("{} {{ __typename {} }}", field.name, self.brief(ty)));
                } else if !path.contains(&ty) && !path.contains(&ty.trim_end_matches("Connection")) {
                    fields.push(format!("{} {}", field.call(), self.below(ty, path)));
                }
            }
            path.pop();
            members.push(format!("... on {member} {{ {} }}", fields.join(" ")));
        }
        format!("{{ {} }}", members.join(" "))
    }
}
