//! How the executor loads: how often, at what time, with which keys and columns.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use encircle::graph::connection::TOTAL;
use encircle::kernel::columns::Columns;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::columns::{BOOK, PERSON, named};
use super::differential;
use super::operations::Generated;
use super::reader::{Load, TestReader};
use super::roots::engine;
use super::scenario::{ask, ask_of, operation, reader, reader_of};
use super::world::{Link, Seed};

const SECONDS: Duration = Duration::from_secs(10);

/// What each load was for, in no order.
fn kinds(loads: &[Load]) -> Vec<(String, Columns)> {
    let mut kinds: Vec<_> = loads.iter().map(|load| (format!("{:?}", load.link), load.columns)).collect();
    kinds.sort();
    kinds
}

fn columns_of(reader: &TestReader, link: Link) -> Columns {
    let loads = reader.loads();
    let [load] = loads.iter().filter(|load| load.link == link).collect::<Vec<_>>()[..] else {
        panic!("one load of {link:?}, not {loads:?}");
    };
    load.columns
}

#[tokio::test]
async fn a_link_is_one_load_for_one_parent_and_for_two_hundred() {
    let text = "{ people(limit: LIMIT) { boss { boss { name } rivals { age } } homes { resident { nick } }
        books(first: 2) { nodes { author { name } sequel { title } } } } }";
    let reader = Arc::new(reader(200));
    let few = Arc::new(super::scenario::reader(200));
    ask(&few, &text.replace("LIMIT", "3")).await;
    ask(&reader, &text.replace("LIMIT", "200")).await;
    assert_eq!(kinds(&reader.loads()), kinds(&few.loads()));
    assert_eq!(reader.loads().len(), 7, "one a link of the text");
}

#[tokio::test]
async fn the_keys_of_a_load_are_distinct() {
    let reader = Arc::new(reader(60));
    let answer = ask(&reader, "{ people { boss { boss { name } } } }").await;
    let loads = reader.loads();
    assert_eq!(loads.len(), 2);
    assert_eq!(loads[0].keys, (0..60).collect::<Vec<_>>());
    let mut keys = loads[1].keys.clone();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), loads[1].keys.len());
    assert!(keys.len() < 60, "several people have the same boss");
    assert_eq!(answer["data"]["people"].as_array().map(Vec::len), Some(60));
}

#[tokio::test]
async fn links_of_one_level_run_at_the_same_time() {
    for (text, links) in [
        ("{ people { boss { name } friends { name } } }", [Link::Boss, Link::Friends]),
        // Below different members of an interface, below an embedded object, at two roots.
        (
            "{ works { ... on Book { author { name } } ... on Song { singer { name } } } }",
            [Link::Author, Link::Singer],
        ),
        ("{ people { boss { name } homes { resident { name } } } }", [Link::Boss, Link::Resident]),
        ("{ must { name } books { nodes { title } } }", [Link::Root, Link::Books]),
        ("{ person(key: 1) { name } books { nodes { title } } }", [Link::Root, Link::Books]),
    ] {
        let gate = Arc::new(Barrier::new(2));
        let mut reader = reader(5);
        reader.gates = links.map(|link| (link, Arc::clone(&gate))).into();
        let reader = Arc::new(reader);
        let answer = tokio::time::timeout(SECONDS, ask(&reader, text)).await;
        assert_eq!(answer.expect("both loads are under way together").get("errors"), None, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_aliased_roots_by_key_are_one_load() {
    let roots: String =
        (0..10).map(|root| format!("r{root}: person(key: {}) {{ name age }} ", root % 9)).collect();
    let text = format!("{{ {roots} }}");
    let (engine, _) = engine();
    let engine = Arc::new(engine);
    let mut tasks = Vec::new();
    for _ in 0..200 {
        let (engine, text) = (Arc::clone(&engine), text.clone());
        tasks.push(tokio::spawn(async move {
            let reader = Arc::new(reader(9));
            let answer = ask_of(&engine, &reader, &text, &Value::Null).await;
            (answer, reader.loads())
        }));
    }
    for task in tasks {
        let (answer, loads) = task.await.expect("no panic");
        assert_eq!(loads.len(), 1, "{loads:?}");
        assert_eq!(loads[0].keys.len(), 9, "distinct keys");
        assert_eq!(answer["data"]["r3"]["name"], "Person 3");
        assert_eq!(answer["data"]["r9"]["name"], "Person 0");
    }
}

#[tokio::test]
async fn a_batch_is_told_exactly_the_columns_that_are_read() {
    let reader = Arc::new(reader(6));
    ask(
        &reader,
        "{ people {
            boss { __typename name ...More ... on Person { age @skip(if: true) } }
            friends { tally { wins notes { __typename } } friend { __typename } }
            pupils { tally { notes { text } } homes { street } echo secret }
            books { edges { node { title } cursor } nodes { pages } pageInfo { endCursor } }
        } }
        fragment More on Person { mood ... { born } }",
    )
    .await;
    assert_eq!(columns_of(&reader, Link::Boss), named(PERSON, &["name", "mood", "born"]));
    assert_eq!(columns_of(&reader, Link::Friends), named(PERSON, &["wins", "friend"]));
    assert_eq!(columns_of(&reader, Link::Pupils), named(PERSON, &["notes", "place", "name", "nick"]));
    assert_eq!(columns_of(&reader, Link::Books), named(BOOK, &["title", "pages"]));
    assert_eq!(columns_of(&reader, Link::Friend), Columns::NONE);
}

#[tokio::test]
async fn aliased_roots_by_key_read_the_columns_of_all() {
    let reader = Arc::new(reader(6));
    ask(&reader, "{ a: person(key: 1) { name } b: person(key: 1) { age } c: person(key: 2) { nick } }").await;
    assert_eq!(columns_of(&reader, Link::Root), named(PERSON, &["name", "age", "nick"]));
}

#[tokio::test]
async fn members_of_an_interface_have_their_own_columns() {
    let reader = Arc::new(reader(6));
    // The root gives books and people with the wanted columns only.
    let answer =
        ask(&reader, "{ works { title ... on Book { pages } } thing(key: 0) { ... on Person { age } } }")
            .await;
    assert_eq!(answer["data"]["works"][4]["pages"], 100);
    assert!(answer["data"]["works"][4]["title"].as_str().is_some_and(|title| title.starts_with("Book")));
    assert_eq!(answer["data"]["thing"]["age"], reader.world.people[0].age);
}

#[tokio::test]
async fn the_whole_list_is_counted_only_where_the_count_is_selected() {
    let (with, without) = (Arc::new(reader(3)), Arc::new(reader(3)));
    let answer = ask(&with, "{ people { books(first: 1) { totalCount } } }").await;
    assert_eq!(columns_of(&with, Link::Books), TOTAL);
    let count = with.world.books_of(0).len();
    assert_eq!(answer["data"]["people"][0]["books"]["totalCount"], count);
    ask(&without, "query { people { books { nodes { id } totalCount @include(if: false) } } }").await;
    assert_eq!(columns_of(&without, Link::Books), named(BOOK, &["id"]));
}

#[tokio::test]
async fn explained_a_request_tells_each_load() {
    let (engine, _) = engine();
    let text = "{ few: people(limit: 3) { b: boss { name } books { edges { node { author { name } } } } } }";
    let prepared = engine.prepare(operation(text, &Value::Null)).await.expect("a valid request");
    let bytes = engine.execute(prepared, Arc::new(reader(5)), true).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
    let mut plan: Vec<(String, u64)> = answer["extensions"]["plan"]
        .as_array()
        .expect("a plan")
        .iter()
        .map(|load| {
            assert_eq!((&load["statements"], &load["rows"]), (&json!(1), &json!(7)));
            assert!(load["ms"].as_f64().is_some());
            (load["path"].as_str().expect("a path").to_owned(), load["keys"].as_u64().expect("a number"))
        })
        .collect();
    plan.sort();
    let (path, keys) = plan.pop().expect("the last");
    assert_eq!(path, "few.books.edges.node.author");
    assert!((1..=6).contains(&keys));
    assert_eq!(plan.pop().map(|load| load.0), Some("few.books".to_owned()));
    assert_eq!(plan, [("few".to_owned(), 1), ("few.b".to_owned(), 3)]);
}

#[tokio::test]
async fn a_request_that_is_dropped_drops_its_loads() {
    for text in ["{ people { boss { name } } }", "{ person(key: 1) { name } }"] {
        let mut reader = reader(4);
        let never = Arc::new(Barrier::new(2));
        reader.gates = [(Link::Boss, Arc::clone(&never)), (Link::Root, never)].into();
        let under_way = Arc::clone(&reader.under_way);
        let reader = Arc::new(reader);
        let request = tokio::spawn({
            let reader = Arc::clone(&reader);
            async move { ask(&reader, text).await }
        });
        while under_way.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        request.abort();
        assert!(request.await.expect_err("it was under way").is_cancelled());
        assert_eq!(under_way.load(Ordering::SeqCst), 0, "{text}");
    }
}

#[tokio::test]
async fn an_answer_of_megabytes_is_right() {
    let text = "{ people { id name nick tags labels born friends { id name pupils { name } } books { nodes { title } } } }";
    let (engine, _) = engine();
    let seed = Seed::sound(9, 4_000);
    let prepared = engine.prepare(operation(text, &Value::Null)).await.expect("a valid request");
    let answer = engine.execute(prepared, Arc::new(reader_of(seed.clone())), false).await.expect("an answer");
    assert!(answer.len() > 1 << 20, "{} bytes", answer.len());
    let operation = Generated { text: text.to_owned(), variables: serde_json::Map::new() };
    differential::compare(&engine, seed, 31, &operation).await.expect("no difference");
}
