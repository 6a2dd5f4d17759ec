//! The test schema in plain words, for the reference interpreter and the generator: independent of the
//! tables, which must come to the same.

use serde_json::{Value, json};

/// A field's type and arguments.
pub struct FieldDef {
    pub ty: &'static str,
    pub arguments: Vec<ArgumentDef>,
}

/// An argument, or a field of an input object.
pub struct ArgumentDef {
    pub name: &'static str,
    pub ty: &'static str,
    pub default: Option<Value>,
}

fn argument(name: &'static str, ty: &'static str) -> ArgumentDef {
    ArgumentDef { name, ty, default: None }
}

fn defaulted(name: &'static str, ty: &'static str, default: Value) -> ArgumentDef {
    ArgumentDef { name, ty, default: Some(default) }
}

const PERSON: &[(&str, &str)] = &[
    ("id", "ID!"),
    ("name", "String!"),
    ("nick", "String"),
    ("age", "Int!"),
    ("born", "DateTime"),
    ("mood", "Mood!"),
    ("moods", "[Mood]!"),
    ("score", "Float"),
    ("tags", "[String!]!"),
    ("labels", "[String]"),
    ("secret", "String"),
    ("code", "Int!"),
    ("adult", "Boolean!"),
    ("luck", "Int"),
    ("fate", "Int!"),
    ("throws", "[Int]!"),
    ("rolls", "[Int!]"),
    ("odds", "[Float]!"),
    ("echo", "String!"),
    ("hidden", "String"),
    ("home", "Address"),
    ("homes", "[Address!]!"),
    ("tally", "Tally!"),
    ("friend", "Person"),
    ("boss", "Person!"),
    ("friends", "[Person!]!"),
    ("rivals", "[Person]!"),
    ("pupils", "[Person!]"),
    ("secretFriend", "Person"),
    ("secretBoss", "Person!"),
    ("favourites", "[Work!]!"),
    ("wishes", "[Thing]"),
    ("books", "BookConnection!"),
];

const OTHERS: &[(&str, &[(&str, &str)])] = &[
    (
        "Query",
        &[
            ("person", "Person"),
            ("people", "[Person!]!"),
            ("crowd", "[Person]"),
            ("works", "[Work!]!"),
            ("thing", "Thing"),
            ("books", "BookConnection!"),
            ("must", "Person!"),
            ("broken", "Person"),
            ("version", "String!"),
        ],
    ),
    ("Address", &[("street", "String!"), ("city", "String!"), ("resident", "Person")]),
    ("Tally", &[("wins", "Int!"), ("losses", "Int!"), ("notes", "[Note!]!")]),
    ("Note", &[("text", "String")]),
    (
        "Book",
        &[
            ("id", "ID!"),
            ("title", "String!"),
            ("pages", "Int!"),
            ("author", "Person!"),
            ("sequel", "Book"),
            ("related", "[Work!]"),
        ],
    ),
    ("Film", &[("id", "ID!"), ("title", "String!"), ("minutes", "Int"), ("director", "Person")]),
    ("Song", &[("id", "ID!"), ("title", "String!"), ("tempo", "Float!"), ("singer", "Person!")]),
    ("Work", &[("id", "ID!"), ("title", "String!")]),
    ("Thing", &[]),
    (
        "BookConnection",
        &[
            ("edges", "[BookEdge!]!"),
            ("nodes", "[Book!]!"),
            ("pageInfo", "PageInfo!"),
            ("totalCount", "Int!"),
        ],
    ),
    ("BookEdge", &[("node", "Book!"), ("cursor", "String!")]),
    (
        "PageInfo",
        &[
            ("hasNextPage", "Boolean!"),
            ("hasPreviousPage", "Boolean!"),
            ("startCursor", "String"),
            ("endCursor", "String"),
        ],
    ),
];

/// The fields of a type by name and type; none for a type that has none.
pub fn fields(ty: &str) -> &'static [(&'static str, &'static str)] {
    if ty == "Person" {
        return PERSON;
    }
    OTHERS.iter().find(|(name, _)| *name == ty).map_or(&[], |(_, fields)| fields)
}

/// Whether a type has fields or members.
pub fn is_composite(ty: &str) -> bool {
    ty == "Person" || OTHERS.iter().any(|(name, _)| *name == ty)
}

pub fn field(ty: &str, name: &str) -> Option<FieldDef> {
    let (_, type_name) = fields(ty).iter().find(|(field, _)| *field == name)?;
    Some(FieldDef { ty: type_name, arguments: arguments(ty, name) })
}

fn arguments(ty: &str, field: &str) -> Vec<ArgumentDef> {
    match (ty, field) {
        ("Query", "person") => vec![argument("key", "Int!")],
        ("Query", "must") => vec![defaulted("key", "Int!", json!(1))],
        ("Query", "people") => vec![argument("limit", "Int")],
        ("Query", "thing") => vec![argument("key", "Int!")],
        ("Query", "books") => {
            vec![defaulted("of", "Int!", json!(0)), argument("first", "Int"), argument("after", "String")]
        }
        ("Person", "books") => vec![
            argument("first", "Int"),
            argument("after", "String"),
            argument("last", "Int"),
            argument("before", "String"),
        ],
        ("Person", "favourites") => vec![argument("kind", "Kind"), defaulted("limit", "Int!", json!(2))],
        ("Person", "echo" | "hidden") => vec![
            defaulted("mood", "Mood!", json!("VERY_CALM")),
            defaulted("times", "Int!", json!(1)),
            argument("nick", "String"),
            argument("note", "String"),
            defaulted("limit", "Int", json!(7)),
            argument("words", "[String!]"),
            argument("grid", "[[Int!]]"),
            argument("shape", "Shape"),
            defaulted("ratio", "Float!", json!(0.5)),
            argument("key", "ID"),
            argument("at", "DateTime"),
        ],
        _ => Vec::new(),
    }
}

/// The fields of an input object, if `ty` is one.
pub fn input_object(ty: &str) -> Option<Vec<ArgumentDef>> {
    (ty == "Shape").then(|| {
        vec![
            argument("label", "String!"),
            defaulted("width", "Int!", json!(3)),
            argument("height", "Int"),
            argument("inner", "Shape"),
            argument("sides", "[Mood]"),
        ]
    })
}

/// The object types that a value of `ty` can be of.
pub fn possible(ty: &str) -> Vec<&str> {
    match ty {
        "Work" => vec!["Book", "Film", "Song"],
        "Thing" => vec!["Person", "Book", "Film"],
        object => vec![object],
    }
}

/// The types a fragment within `ty` may have as its condition: those that share an object type with it.
pub fn conditions(ty: &'static str) -> Vec<&'static str> {
    let all = ["Person", "Book", "Film", "Song", "Work", "Thing"];
    let mut conditions = vec![ty];
    conditions.extend(all.into_iter().filter(|condition| {
        *condition != ty && possible(condition).iter().any(|object| possible(ty).contains(object))
    }));
    conditions
}
