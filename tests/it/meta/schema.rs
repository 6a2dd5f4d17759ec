//! The exported schema is the code's, and everything in it is described.

use encircle::api::schema::engine;
use encircle::graph::limits::DocumentLimits;
use entities::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{read, root};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

#[test]
fn the_exported_schema_is_current() {
    let exported = read(&root().join("schema.graphql"));
    assert!(
        exported == engine(DocumentLimits::default()).sdl(),
        "schema.graphql is not what the code says; write it anew: cargo run -- schema > schema.graphql"
    );
}

const QUERY: &str = "{ __schema {
    types { name description
        fields(includeDeprecated: true) { name description args { name description } }
        enumValues(includeDeprecated: true) { name description }
        inputFields { name description } } } }";

/// One definition: where it stands and what is said of it.
struct Definition {
    place: String,
    name: String,
    description: String,
}

/// The members of a list of `__schema`; none for null.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn add<'a>(definitions: &mut Vec<Definition>, owner: &str, value: &'a Value) -> (&'a Value, String) {
    let name = value["name"].as_str().expect("a name");
    let place = format!("{owner}{name}");
    let description = value["description"].as_str().unwrap_or_default().to_owned();
    definitions.push(Definition { place: place.clone(), name: name.to_owned(), description });
    (value, place)
}

/// All types, fields, arguments, enum values and input fields of our own.
fn definitions(schema: &Value) -> Vec<Definition> {
    let mut found = Vec::new();
    // `ID` is the specification's, and the library leaves it bare.
    let own = |ty: &&Value| !ty["name"].as_str().is_some_and(|name| name.starts_with("__") || name == "ID");
    for ty in list(schema, "types").iter().filter(own) {
        let (ty, place) = add(&mut found, "", ty);
        for member in list(ty, "enumValues").iter().chain(list(ty, "inputFields")) {
            add(&mut found, &format!("{place}."), member);
        }
        for field in list(ty, "fields") {
            let (field, place) = add(&mut found, &format!("{place}."), field);
            for argument in list(field, "args") {
                add(&mut found, &format!("{place}:"), argument);
            }
        }
    }
    found
}

/// Letters and digits only, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What is wrong with what is said of a definition.
fn fault(definition: &Definition) -> Option<&'static str> {
    let Definition { name, description, .. } = definition;
    let said = letters(description);
    let repeated = said.strip_prefix("the").or_else(|| said.strip_prefix("a")).unwrap_or(&said);
    // An enum value may be nothing but its name in readable letters: OTHER, EMAIL.
    let is_value = name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    match description.as_str() {
        "" => Some("has no description"),
        _ if !is_value && [repeated, said.as_str()].contains(&letters(name).as_str()) => {
            Some("has a description that only repeats its name")
        }
        text if !text.starts_with(char::is_uppercase) => Some("has a description without a capital"),
        text if !text.ends_with(['.', '`']) => Some("has a description without a full stop"),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_the_schema_is_described() {
    on_both(async |db| {
        let app = application(db, Timestamp(0)).await;
        let data = Client::anonymous(&app).good(QUERY, json!({})).await;
        let definitions = definitions(&data["__schema"]);
        for known in [
            "Customer",
            "JSONObject",
            "Customer.email",
            "Query.customers:after",
            "Channel.KIOSK",
            "CustomerBy.id",
        ] {
            assert!(definitions.iter().any(|definition| definition.place == known), "{known} was not read");
        }
        let faults: Vec<String> = definitions
            .iter()
            .filter_map(|definition| Some((definition, fault(definition)?)))
            .map(|(Definition { place, description, .. }, fault)| format!("{place} {fault}: {description:?}"))
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_that_is_referred_to_exists() {
    on_both(async |db| {
        let app = application(db, Timestamp(0)).await;
        let reference = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let query = format!(
            "{{ __schema {{ types {{ name fields {{ name type {{ {reference} }} args {{ type {{ {reference} }} }} }}
                inputFields {{ type {{ {reference} }} }} }} }} }}"
        );
        let data = Client::anonymous(&app).good(&query, json!({})).await;
        let types = list(&data["__schema"], "types");
        assert!(types.iter().any(|ty| ty["name"] == "JSONObject"));
    })
    .await;
}
