//! What an answer says when something fails.

use std::sync::Arc;

use encircle::kernel::viewer::Scopes;
use serde_json::{Value, json};

use super::reader::TestReader;
use super::roots::engine;
use super::scenario::{ask, operation, reader, reader_of};
use super::world::{Link, Seed, World};

fn broken(link: Link, people: u32) -> Arc<TestReader> {
    Arc::new(reader_of(Seed { number: 5, missing: None, broken: vec![link], people }))
}

fn paths(answer: &Value) -> Vec<Value> {
    answer["errors"].as_array().expect("errors").iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn a_link_that_fails_leaves_the_full_path_of_every_parent() {
    let reader = broken(Link::Boss, 5);
    let answer = ask(&reader, "{\n  all: crowd { id\n    b: boss { name } }\n}").await;
    assert_eq!(answer["data"], json!({ "all": [null, null, null, null, null] }));
    assert_eq!(paths(&answer), [json!(["all", 0, "b"]), json!(["all", 2, "b"]), json!(["all", 4, "b"])]);
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "Boss is away");
    assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE");
    assert_eq!(error["locations"], json!([{ "line": 3, "column": 5 }]));
}

#[tokio::test]
async fn a_null_bubbles_to_the_nearest_place_that_may_be_null() {
    let reader = broken(Link::Author, 3);
    let answer =
        ask(&reader, "{ people { name books(first: 9) { edges { node { id author { id } } } } } version }")
            .await;
    // Everything above is non-null, so the null reaches `data`.
    assert_eq!(answer["data"], Value::Null);
    let path = &paths(&answer)[0];
    assert_eq!(path[0], "people");
    assert_eq!(path.as_array().and_then(|path| path.last()), Some(&json!("author")));

    let answer = ask(
        &reader,
        "{ person(key: 1) { name sequel: books(first: 9) { nodes { author { id } } } } version }",
    )
    .await;
    assert_eq!(answer["data"], json!({ "person": null, "version": "1" }));
}

#[tokio::test]
async fn an_event_says_whether_it_lacks_what_may_be_there_in_a_moment() {
    let forgetful = Seed { number: 5, missing: Some(1), broken: Vec::new(), people: 2 };
    let away = [broken(Link::Boss, 2), broken(Link::Boss, 500)].map(|reader| (reader, true));
    let other = [Arc::new(reader(2)), Arc::new(reader_of(forgetful))].map(|reader| (reader, false));
    for (reader, lacks) in away.into_iter().chain(other) {
        let (engine, _) = engine();
        let asked = operation("{ crowd { friends { name } boss { name } } }", &Value::Null);
        let prepared = engine.prepare(asked).await.expect("a valid request");
        let answer = engine.execute_event(prepared, reader).await.expect("an answer");
        assert_eq!(answer.lacks_something, lacks, "{answer:?}");
    }
}

#[tokio::test]
async fn a_list_that_a_batch_forgot_is_an_error_and_no_empty_list() {
    let seed = Seed { number: 5, missing: Some(1), broken: Vec::new(), people: 2 };
    let answer = ask(&Arc::new(reader_of(seed)), "{ crowd { friends { name } } }").await;
    assert_eq!(answer["data"], json!({ "crowd": [null, null] }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
}

#[tokio::test]
async fn an_internal_failure_shows_only_its_id() {
    let answer = ask(&Arc::new(reader(6)), "{ crowd { homes { city } } }").await;
    let error = answer["errors"][0].as_object().expect("an error");
    assert_eq!(error["extensions"], json!({ "code": "INTERNAL_SERVER_ERROR", "errorId": "err_1" }));
    assert!(!error["message"].as_str().expect("a message").contains("city"));
}

#[tokio::test]
async fn an_answer_has_twenty_errors_at_most() {
    for text in [
        "{ crowd { friend { name } boss { name } } }",
        "{ a: crowd { boss { name } } b: crowd { boss { name } } }",
        "{ must { boss { name } } a: crowd { boss { name } } }",
    ] {
        let answer = ask(&broken(Link::Boss, 100), text).await;
        assert!((1..=20).contains(&paths(&answer).len()), "{text}");
    }
    for (text, more) in [
        ("{ crowd { boss { name } } }", 31),
        ("{ a: crowd { boss { name } } b: crowd { boss { name } } }", 81),
        ("{ crowd { boss { name } } __typename }", 31),
    ] {
        let answer = ask(&broken(Link::Boss, 100), text).await;
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 20, "{text}");
        let rest = format!("{more} more errors are not listed: mend the ones above first.");
        assert_eq!(
            errors[19],
            json!({ "message": rest, "extensions": { "code": errors[18]["extensions"]["code"] } })
        );
    }
    let answer = ask(&broken(Link::Boss, 100), "{ crowd { boss { name } } }").await;
    assert_eq!(answer["data"]["crowd"].as_array().map(Vec::len), Some(100), "the rest is as it is");
}

#[tokio::test]
async fn a_field_whose_scope_is_not_held_is_null_and_loads_nothing() {
    let reader = Arc::new(TestReader::new(Arc::new(World::new(Seed::sound(5, 3))), Scopes::default()));
    let answer = ask(
        &reader,
        "{ crowd { name secret hidden secretFriend { name } } person(key: 0) { code } must(key: 0) { secret } }",
    )
    .await;
    assert_eq!(
        answer["data"]["crowd"][0],
        json!({ "name": "Person 0", "secret": null, "hidden": null, "secretFriend": null })
    );
    assert_eq!(answer["data"]["person"], Value::Null, "`code` may not be null");
    assert_eq!(answer["data"]["must"], json!({ "secret": null }));
    let errors = answer["errors"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"));
    let secret =
        errors.iter().find(|error| error["path"] == json!(["crowd", 2, "secret"])).expect("the error");
    assert_eq!(secret["message"], "`secret` needs the scope `personal:read`");
    assert!(reader.loads().iter().all(|load| load.link == Link::Root), "{:?}", reader.loads());
}

#[tokio::test]
async fn a_failing_subtree_of_a_payload_is_null_where_it_may_be() {
    let reader = Arc::new(reader(3));
    let text =
        "mutation { m: rename(key: 1, fails: true) { run p: person { name } must { name } userErrors } }";
    let answer = ask(&reader, text).await;
    assert_eq!(answer["data"], json!({ "m": { "run": 1, "p": null, "must": null, "userErrors": [] } }));
    let mut paths = paths(&answer);
    paths.sort_by_key(ToString::to_string);
    assert_eq!(paths, [json!(["m", "must"]), json!(["m", "p"])]);
}

#[tokio::test]
async fn a_failing_subtree_of_a_payload_bubbles_where_it_may_not_be_null() {
    let answer =
        ask(&Arc::new(reader(3)), "mutation { m: rename(key: 1, fails: true) { run crowd { name } } }").await;
    assert_eq!(answer["data"], Value::Null, "neither `crowd` nor `rename` may be null");
    assert_eq!(paths(&answer), [json!(["m", "crowd"])]);
}

#[tokio::test]
async fn an_error_deep_in_a_payload_keeps_its_path() {
    let answer = ask(
        &broken(Link::Boss, 3),
        "mutation { m: rename(key: 1) { p: person { boss { name } } must { boss { id } } } }",
    )
    .await;
    assert_eq!(answer["data"], json!({ "m": { "p": null, "must": null } }));
    let mut paths = paths(&answer);
    paths.sort_by_key(ToString::to_string);
    assert_eq!(paths, [json!(["m", "must", "boss"]), json!(["m", "p", "boss"])]);
}
