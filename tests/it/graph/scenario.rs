//! One request in a few words, for the tests that name a behaviour.

use std::sync::Arc;

use encircle::graph::request::{Operation, RequestError};
use encircle::kernel::viewer::Scopes;
use serde_json::Value;

use super::reader::TestReader;
use super::roots::{TestEngine, engine};
use super::world::{Seed, World};

/// A reader of a world of so many people where nothing fails, with all scopes.
pub fn reader(people: u32) -> TestReader {
    reader_of(Seed::sound(5, people))
}

pub fn reader_of(seed: Seed) -> TestReader {
    TestReader::new(Arc::new(World::new(seed)), Scopes::all())
}

pub fn operation(query: &str, variables: &Value) -> Operation {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Operation { query: query.to_owned(), operation_name: None, variables }
}

/// The answer of `engine`, as a client gets it.
pub async fn ask_of(engine: &TestEngine, reader: &Arc<TestReader>, query: &str, variables: &Value) -> Value {
    let prepared = engine.prepare(operation(query, variables)).await.expect("a valid request");
    let bytes = engine.execute(prepared, Arc::clone(reader), false).await.expect("an answer");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The same from a new engine, without variables.
pub async fn ask(reader: &Arc<TestReader>, query: &str) -> Value {
    ask_of(&engine().0, reader, query, &Value::Null).await
}

/// Why a request is refused.
pub async fn refusals(query: &str, variables: &Value) -> Vec<RequestError> {
    engine().0.prepare(operation(query, variables)).await.err().expect("a refusal")
}
