//! Generated operations through the executor and through the reference interpreter: the same `data` to the
//! byte, the same errors.

use std::sync::Arc;

use async_graphql::parser::parse_query;
use encircle::graph::request::{BAD_USER_INPUT, Operation};
use encircle::kernel::viewer::{Scope, Scopes};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::operations::{self, Generated};
use super::reader::TestReader;
use super::reference::{self, Expected, ExpectedError, Refused};
use super::roots::{TestEngine, engine};
use super::world::{Link, Seed, World};

#[derive(Deserialize)]
struct Answer {
    data: Box<RawValue>,
    #[serde(default)]
    errors: Vec<Value>,
}

const CASES: u32 = 2_000;

#[test]
fn generated_operations_answer_as_the_specification_says() {
    let config = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { config.cases } else { CASES };
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..config });
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (engine, _) = engine();
    let outcome = runner.run(&operations::cases(), |(seed, scopes, operation)| {
        runtime.block_on(compare(&engine, seed, scopes, &operation)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Scopes by bit.
fn scopes(bits: u8) -> Scopes {
    Scope::ALL.into_iter().filter(|scope| u16::from(bits) & (1 << *scope as u16) != 0).collect()
}

/// Runs an operation both ways; the difference, if there is one.
pub async fn compare(
    engine: &TestEngine,
    seed: Seed,
    scope_bits: u8,
    operation: &Generated,
) -> Result<(), String> {
    let world = Arc::new(World::new(seed));
    let document = parse_query(&operation.text).map_err(|error| format!("{error}\n{}", operation.text))?;
    let expected = reference::execute(&document, &operation.variables, &world, scopes(scope_bits));

    let request = Operation {
        query: operation.text.clone(),
        operation_name: None,
        variables: operation.variables.clone(),
    };
    let prepared = engine.prepare(request).await;
    let (expected, prepared) = match (expected, prepared) {
        (Ok(expected), Ok(prepared)) => (expected, prepared),
        (Err(Refused), Err(errors)) if errors.iter().all(|error| error.code == BAD_USER_INPUT) => {
            return Ok(());
        }
        (Ok(_), Err(errors)) => return Err(format!("{errors:#?}\n{}", operation.text)),
        (Err(Refused), prepared) => {
            let got = prepared.err();
            return Err(format!(
                "a null condition must be refused as such, got {got:#?}\n{}",
                operation.text
            ));
        }
    };
    let reader = Arc::new(TestReader::new(world, scopes(scope_bits)));
    let bytes = engine
        .execute_reporting(prepared, Arc::clone(&reader), false, Some(usize::MAX))
        .await
        .map_err(|error| error.to_string())?;
    let answer: Answer = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{error} in {}\n{}", String::from_utf8_lossy(&bytes), operation.text))?;
    differs(&expected, &answer).map_or(Ok(()), |difference| {
        Err(format!("{difference}\n{}\n{}", operation.text, Value::Object(operation.variables.clone())))
    })
}

fn differs(expected: &Expected, answer: &Answer) -> Option<String> {
    let data = expected.data.as_deref().unwrap_or("null");
    if data != answer.data.get() {
        return Some(format!("data: expected\n{data}\ngot\n{}\nerrors {:#?}", answer.data, answer.errors));
    }
    let wanted = by_root(expected.errors.iter().collect(), |error| &error.path[0]);
    let got = by_root(answer.errors.iter().collect(), |error| &error["path"][0]);
    let same = match expected.data {
        Some(_) => {
            wanted.len() == got.len() && wanted.iter().zip(&got).all(|(wanted, got)| matches(wanted, got))
        }
        // Which roots still ran when one of them nulled `data` is open.
        None => !got.is_empty() && got.iter().all(|got| wanted.iter().any(|wanted| matches(wanted, got))),
    };
    (!same).then(|| format!("errors: expected\n{wanted:#?}\ngot\n{got:#?}\ndata {data}"))
}

/// Roots run at the same time: only below a root have errors an order.
fn by_root<T>(mut errors: Vec<T>, root: impl Fn(&T) -> &Value) -> Vec<T> {
    errors.sort_by_key(|error| root(error).to_string());
    errors
}

fn matches(expected: &ExpectedError, got: &Value) -> bool {
    let location = json!([{ "line": expected.position.line, "column": expected.position.column }]);
    expected.message.as_ref().is_none_or(|message| got["message"] == **message)
        && got["extensions"]["code"] == expected.code
        && got["path"] == Value::Array(expected.path.clone())
        && got["locations"] == location
}

/// Operations that once differed, or might.
#[tokio::test]
async fn chosen_operations_answer_as_the_specification_says() {
    let faulty = || Seed { number: 7, missing: Some(3), broken: vec![Link::Rivals, Link::Author], people: 7 };
    let (engine, _) = engine();
    for (text, variables) in [
        ("{ people { throws rolls odds labels moods } }", json!({})),
        ("{ people { name @skip(if: true) } version @skip(if: true) }", json!({})),
        ("{ crowd { boss { name } } people { rivals { name } } }", json!({})),
        ("{ a: person(key: 1) { x: echo(limit: $l) y: echo(limit: null) } }", json!({})),
        (
            "{ works { ...W ... on Book { author { name } pages } } } fragment W on Work { id ...W2 ... on Song { tempo } } fragment W2 on Thing { ... on Film { minutes } }",
            json!({}),
        ),
        ("query($b: Boolean = false) { people { name @include(if: $b) age @skip(if: $b) } }", json!({})),
        ("query($b: Boolean = true) { people { name @include(if: $b) } }", json!({ "b": null })),
        (
            "query($b: Boolean = true) { ...F } fragment F on Query { crowd { boss { id @skip(if: $b) } } }",
            json!({ "b": null }),
        ),
        (
            "query($n: Int, $m: Mood) { people { echo(limit: $n, times: $n, mood: $m) } books(of: $n) { totalCount } version }",
            json!({ "n": null, "m": null }),
        ),
        ("{ people { homes { city } } crowd { homes { city } home { resident { name } } } }", json!({})),
        ("{ people { friend { friend { friend { friend { name } } } } } }", json!({})),
    ] {
        let text = text.replace("{ a: person", "query($l: Int) { a: person");
        let operation = Generated { text, variables: variables.as_object().expect("an object").clone() };
        for bits in [0, 31] {
            for seed in [Seed::sound(3, 5), faulty()] {
                compare(&engine, seed, bits, &operation)
                    .await
                    .unwrap_or_else(|difference| panic!("{difference}"));
            }
        }
    }
}
