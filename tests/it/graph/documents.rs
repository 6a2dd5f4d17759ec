//! How a request is read: operations, variables, defaults, directives; and the schema that clients see.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use encircle::graph::request::{BAD_USER_INPUT, Operation, OperationKind, VALIDATION_FAILED};
use serde_json::{Value, json};

use super::roots::engine;
use super::scenario::{ask, ask_of, operation, reader, refusals};

#[tokio::test]
async fn a_required_variable_must_be_given() {
    let text = "query($key: Int!) { person(key: $key) { name } }";
    for variables in [
        json!({}),
        json!({ "key": null }),
        json!({ "key": "x" }),
        json!({ "key": 1.5 }),
        json!({ "key": 3_000_000_000_u32 }),
    ] {
        let refusals = refusals(text, &variables).await;
        assert_eq!(refusals[0].code, BAD_USER_INPUT, "{variables}");
        assert!(refusals[0].message.contains("$key"), "{}", refusals[0].message);
    }
}

#[tokio::test]
async fn a_variables_default_counts_in_skip_and_include() {
    let reader = Arc::new(reader(2));
    let text = "query($yes: Boolean! = true, $no: Boolean! = false) {
        person(key: 0) { a: name @include(if: $yes) b: name @include(if: $no) c: name @skip(if: $yes) d: name @skip(if: $no) }
        e: version @include(if: $no)
        __typename @skip(if: $no)
    }";
    let answer = ask(&reader, text).await;
    assert_eq!(
        answer["data"],
        json!({ "person": { "a": "Person 0", "d": "Person 0" }, "__typename": "Query" })
    );
}

#[tokio::test]
async fn requests_with_other_truths_have_other_plans() {
    let (engine, _) = engine();
    let text = "query($age: Boolean = true, $name: Boolean!) { person(key: 0) { ... @include(if: $name) { name } age @include(if: $age) boss @skip(if: $age) { id } } }";
    for _ in 0..3 {
        for (variables, keys) in [
            (json!({ "name": true }), vec!["age", "name"]),
            (json!({ "name": false }), vec!["age"]),
            (json!({ "name": true, "age": false }), vec!["boss", "name"]),
        ] {
            let answer = ask_of(&engine, &Arc::new(reader(3)), text, &variables).await;
            let mut got: Vec<_> =
                answer["data"]["person"].as_object().expect("a person").keys().cloned().collect();
            got.sort();
            assert_eq!(got, keys, "{variables}");
        }
    }
}

#[tokio::test]
async fn an_absent_variable_leaves_the_arguments_default() {
    let (engine, _) = engine();
    let text = "query($n: Int, $mood: Mood) {
        must(key: $n) { name echo(times: $n, limit: $n, mood: $mood) favourites(limit: $n) { id } }
    }";
    let reader = Arc::new(reader(3));
    let absent = ask_of(&engine, &reader, text, &json!({})).await;
    assert_eq!(absent["data"]["must"]["name"], "Person 1", "the default of `key`");
    assert_eq!(
        absent["data"]["must"]["echo"],
        "\"Person 1\";\"VERY_CALM\";1;null;\"nothing\";7;null;null;null;0.5;null;null;"
    );
    let given = ask_of(&engine, &reader, text, &json!({ "n": 2, "mood": "SAD" })).await;
    assert_eq!(
        given["data"]["must"]["echo"],
        "\"Person 2\";\"SAD\";2;null;\"nothing\";2;null;null;null;0.5;null;null;"
    );
    let null = ask_of(&engine, &reader, text, &json!({ "n": null })).await;
    assert_eq!(null["errors"][0]["extensions"]["code"], BAD_USER_INPUT, "null is no default");
    assert_eq!(
        null["errors"][0]["message"],
        "The value of argument \"key\" is wrong: expected a non-null value of type \"Int\", found null."
    );
}

#[tokio::test]
async fn a_mutation_selected_twice_runs_once() {
    let (engine, runs) = engine();
    let text = "mutation { rename(key: 1) { run } ...Again a: rename(key: 2) { run person { name } person { age } } }
        fragment Again on Mutation { rename(key: 1) { userErrors must { name } } ... { rename(key: 1) { must { id } } } }";
    let answer = ask_of(&engine, &Arc::new(reader(3)), text, &Value::Null).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(answer["data"]["rename"]["run"], 1, "mutations run in order");
    assert_eq!(answer["data"]["rename"]["must"]["name"], "Person 1");
    assert!(answer["data"]["rename"]["must"]["id"].is_string());
    assert_eq!(answer["data"]["a"]["person"].as_object().map(|person| person.len()), Some(2));
}

#[tokio::test]
async fn directives_of_typename_are_checked_like_others() {
    let reader = Arc::new(reader(2));
    let (engine, _) = engine();
    let text = "query($b: Boolean!) { __typename @include(if: $b) person(key: 0) { t: __typename @skip(if: $b) ...F } }
        fragment F on Person { u: __typename @include(if: $b) }";
    let answer = ask_of(&engine, &reader, text, &json!({ "b": true })).await;
    assert_eq!(answer["data"], json!({ "__typename": "Query", "person": { "u": "Person" } }));
    for text in [
        "{ __typename @include(if: $unknown) }",
        "{ person(key: 0) { __typename @unknown } }",
        "{ person(key: 0) { __typename @include } }",
    ] {
        assert_eq!(refusals(text, &json!({})).await[0].code, VALIDATION_FAILED, "{text}");
    }
}

#[tokio::test]
async fn one_of_several_operations_is_executed() {
    let (engine, _) = engine();
    let query = "query A($n: Int!) { person(key: $n) { name } } query B { version } mutation C { rename(key: 0) { run } }";
    let named = |name: Option<&str>| Operation {
        operation_name: name.map(str::to_owned),
        ..operation(query, &json!({ "n": 1 }))
    };
    let prepared = engine.prepare(named(Some("C"))).await.expect("a valid request");
    assert_eq!((prepared.kind(), prepared.name()), (OperationKind::Mutation, Some("C")));
    for (name, data) in [("A", json!({ "person": { "name": "Person 1" } })), ("B", json!({ "version": "1" }))]
    {
        let prepared = engine.prepare(named(Some(name))).await.expect("a valid request");
        let bytes = engine.execute(prepared, Arc::new(reader(2)), false).await.expect("an answer");
        assert_eq!(serde_json::from_slice::<Value>(&bytes).expect("JSON")["data"], data);
    }
    assert!(engine.prepare(named(None)).await.is_err());
    assert!(engine.prepare(named(Some("D"))).await.is_err());
}

#[tokio::test]
async fn an_unknown_field_is_refused_at_its_place() {
    let refusals = refusals("{\n  people { nmae } }", &json!({})).await;
    assert_eq!(refusals[0].code, VALIDATION_FAILED);
    assert_eq!((refusals[0].locations[0].line, refusals[0].locations[0].column), (2, 12));
}

#[tokio::test]
async fn a_document_with_many_faults_says_how_many_more_there_are() {
    for fault in ["person(key: $k) { nmae }", "person(key: \"x\") { name }"] {
        let fields: String = (0..30).map(|n| format!("a{n}: {fault} ")).collect();
        let text = if fault.contains('$') {
            format!("query($k: Int!) {{ {fields} }}")
        } else {
            format!("{{ {fields} }}")
        };
        let refusals = refusals(&text, &json!({ "k": 1 })).await;
        assert_eq!(refusals.len(), 20, "{refusals:#?}");
        assert_eq!(refusals[19].message, "11 more errors are not listed: mend the ones above first.");
        assert!(refusals.iter().all(|refusal| refusal.code == VALIDATION_FAILED));
    }
    let variables: String = (0..30).map(|n| format!("$v{n}: Int! ")).collect();
    let fields: String = (0..30).map(|n| format!("a{n}: person(key: $v{n}) {{ name }} ")).collect();
    let refusals = refusals(&format!("query({variables}) {{ {fields} }}"), &json!({})).await;
    assert_eq!(refusals.len(), 20);
    assert!(refusals.iter().all(|refusal| refusal.code == BAD_USER_INPUT));
}

#[tokio::test]
async fn values_and_variables_of_another_type_are_refused_before_anything_runs() {
    for text in [
        "query($l: [Int]) { people(limit: $l) { name } }",
        "query($k: Int) { person(key: $k) { name } }",
        "query($s: String) { ...F } fragment F on Query { people { echo(words: [$s]) } }",
        "{ people { echo(mood: \"SAD\") } }",
        "{ people { echo(shape: { label: \"\", inner: { width: 1 } }) } }",
        "{ person(key: 1.0) { name } }",
    ] {
        let refusals = refusals(text, &json!({})).await;
        assert_eq!((refusals.len(), refusals[0].code), (1, VALIDATION_FAILED), "{text}: {refusals:#?}");
        assert_eq!(refusals[0].locations.len(), 1, "{text}");
    }
}

#[test]
fn what_the_tables_say_reaches_the_sdl() {
    let sdl = engine().0.sdl();
    for line in [
        "adult: Boolean! @deprecated(reason: \"Ask for `age`.\")",
        "labels: [String]\n",
        "throws: [Int]!",
        "rolls: [Int!]\n",
        "moods: [Mood]!",
        "born: DateTime\n",
        "friend: Person\n",
        "rivals: [Person]!",
        "wishes: [Thing]\n",
        "pupils: [Person!]\n",
        "limit: Int! = 2\n",
        "): [Work!]!",
        "secretBoss: Person! @cost(weight: \"3\")",
        "): BookConnection!",
        "union Thing = Person | Book | Film",
        "interface Work {",
        "type Book implements Work {",
        "scalar DateTime @specifiedBy(url: \"https://scalars.graphql.org/andimarek/date-time\")",
        "\"\"\"\n\tA friend.\n\t\"\"\"",
        "\"\"\"\n\tNeither.\n\t\"\"\"\n\tVERY_CALM",
        "width: Int! = 3",
        "mood: Mood! = VERY_CALM",
    ] {
        assert!(sdl.contains(line), "{line:?} is not in\n{sdl}");
    }
    assert!(!sdl.contains("EchoArguments"), "arguments are no type of their own");
}

#[tokio::test]
async fn what_the_tables_say_reaches_introspection() {
    let answer = ask(
        &Arc::new(reader(1)),
        "{ person: __type(name: \"Person\") { description fields(includeDeprecated: true) {
                name description isDeprecated deprecationReason args { name defaultValue description type { kind } } type { kind name ofType { name } }
           } }
           work: __type(name: \"Work\") { kind possibleTypes { name } fields { name } }
           thing: __type(name: \"Thing\") { kind possibleTypes { name } } }",
    )
    .await;
    let data = &answer["data"];
    assert_eq!(data["person"]["description"], "Somebody.");
    let fields = data["person"]["fields"].as_array().expect("fields");
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).expect("a field");
    assert_eq!(field("adult")["deprecationReason"], "Ask for `age`.");
    assert_eq!(
        field("age")["type"],
        json!({ "kind": "NON_NULL", "name": null, "ofType": { "name": "Int" } })
    );
    assert_eq!(field("nick")["type"], json!({ "kind": "SCALAR", "name": "String", "ofType": null }));
    assert_eq!(field("friend")["type"]["kind"], "OBJECT");
    let limit = &field("favourites")["args"][1];
    assert_eq!((&limit["defaultValue"], &limit["description"]), (&json!("2"), &json!("How many.")));
    assert_eq!(limit["type"]["kind"], "NON_NULL");
    assert_eq!(data["work"]["possibleTypes"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        data["thing"],
        json!({ "kind": "UNION", "possibleTypes": [{ "name": "Person" }, { "name": "Book" }, { "name": "Film" }] })
    );
}
