//! What is refused and what passes, document by document.

use async_graphql::parser::parse_query;
use async_graphql::{Enum, ID, InputObject, Object, OneofObject, OutputType};

use super::*;
use crate::graph::scalars::DateTime;

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Mood {
    Happy,
    Sad,
}

#[derive(InputObject)]
struct Shape {
    label: String,
    #[graphql(default = 3)]
    width: i32,
    sides: Option<Vec<Option<Mood>>>,
    inner: Option<Box<Shape>>,
}

#[derive(OneofObject)]
enum Key {
    Id(ID),
    Words(Vec<String>),
}

struct Query;

#[Object]
#[expect(clippy::too_many_arguments, reason = "only the signatures count")]
impl Query {
    async fn take(
        &self,
        int: Option<i32>,
        must: i32,
        #[graphql(default = 1)] defaulted: i32,
        list: Option<Vec<Option<i32>>>,
        words: Option<Vec<String>>,
        mood: Option<Mood>,
        shape: Option<Shape>,
        key: Option<Key>,
        id: Option<ID>,
        ratio: Option<f64>,
        at: Option<DateTime>,
    ) -> Option<Query> {
        let _ = (int, must, defaulted, list, words, mood, shape, key, id, ratio, at);
        None
    }

    async fn find(&self, key: Key) -> i32 {
        drop(key);
        0
    }

    async fn go(&self) -> Option<Query> {
        None
    }
}

fn faults(text: &str) -> Faults {
    let mut registry = Registry::default();
    registry.query_type = <Query as OutputType>::create_type_info(&mut registry).replace('!', "");
    <bool as OutputType>::create_type_info(&mut registry);
    check(&parse_query(text).expect(text), &registry)
}

fn taken(variable: &str, argument: &str) -> Faults {
    faults(&format!("query({variable}) {{ take({argument}) {{ __typename }} }}"))
}

#[test]
fn variables_stand_where_their_type_allows() {
    for (variable, argument) in [
        ("$v: Int", "int: $v"),
        ("$v: Int!", "int: $v"),
        ("$v: Int = 1", "int: $v"),
        ("$v: Int!", "must: $v"),
        ("$v: Int = 1", "must: $v"),
        ("$v: Int", "defaulted: $v"),
        ("$v: Int = null", "defaulted: $v"),
        ("$v: [Int]!", "list: $v"),
        ("$v: [Int!]!", "list: $v"),
        ("$v: [Int!]", "list: $v"),
        ("$v: Int", "list: [1, $v]"),
        ("$v: String!", "words: [\"a\", $v]"),
        ("$v: String = \"a\"", "words: [$v]"),
        ("$v: Int", "shape: { label: \"\", width: $v }"),
        ("$v: Mood", "shape: { label: \"\", sides: [SAD, $v, null] }"),
        ("$v: Shape", "shape: { label: \"\", inner: { label: \"\", inner: $v } }"),
        ("$v: ID!", "key: { id: $v }"),
        ("$v: Key", "key: $v"),
    ] {
        assert_eq!(taken(variable, argument).listed, [], "{variable} as {argument}");
    }
}

#[test]
fn variables_are_refused_elsewhere() {
    for (variable, argument) in [
        ("$v: [Int]", "int: $v"),
        ("$v: Float", "int: $v"),
        ("$v: Int", "ratio: $v"),
        ("$v: String", "id: $v"),
        ("$v: String", "mood: $v"),
        ("$v: Int", "must: $v"),
        ("$v: Int = null", "must: $v"),
        ("$v: Int", "list: $v"),
        ("$v: [String]", "words: $v"),
        ("$v: [Int]", "list: [$v]"),
        ("$v: String", "words: [$v]"),
        ("$v: String", "shape: { label: $v }"),
        ("$v: Float", "shape: { label: \"\", width: $v }"),
        ("$v: [Mood]", "shape: { label: \"\", inner: { label: \"\", sides: [$v] } }"),
        ("$v: ID", "key: { id: $v }"),
        ("$v: ID = \"a\"", "key: { id: $v }"),
        ("$v: String!", "key: { words: $v }"),
    ] {
        let found = taken(variable, argument);
        assert_eq!(found.total, 1, "{variable} as {argument}: {:?}", found.listed);
        assert!(found.listed[0].message.contains("Variable \"$v\" of type"), "{:?}", found.listed);
    }
}

#[test]
fn a_refused_variable_is_told_with_its_place_and_its_cure() {
    let found = taken("$v: String", "shape: { label: \"\", inner: { label: $v } }");
    assert_eq!(
        found.listed[0].message,
        "Variable \"$v\" of type \"String\" cannot stand for argument \"shape\" of field \"take\" at `.inner.label`, \
         which takes \"String!\": declare it as `$v: String!`."
    );
    let found = faults("query($v: Boolean) {\n  go @skip(if: $v) { __typename } }");
    assert_eq!((found.listed[0].locations[0].line, found.listed[0].locations[0].column), (2, 16));
    assert!(found.listed[0].message.contains("argument \"if\" of directive \"@skip\""));
    let found = faults("query($v: ID) { find(key: { id: $v }) }");
    assert!(found.listed[0].message.ends_with("declare it as `$v: ID!`."), "{:?}", found.listed);
}

#[test]
fn variables_in_fragments_are_judged_for_each_operation_that_reaches_them() {
    let fragments =
        "fragment A on Query { ... { go { ...B } } } fragment B on Query { take(must: 1, int: $v) { ...C } }
        fragment C on Query { go @include(if: $w) { __typename } }";
    let found = faults(&format!(
        "query Right($v: Int, $w: Boolean!) {{ ...A }} query Wrong($v: [Int], $w: Boolean) {{ go {{ ...A ...B }} }}
         query Apart($v: [Int]) {{ take(list: $v, must: 1) {{ __typename }} }} {fragments}"
    ));
    assert_eq!(found.total, 2, "{:?}", found.listed);
    let introspection =
        "query($n: String, $d: Boolean) { __type(name: $n) { fields(includeDeprecated: $d) { name } } }";
    assert_eq!(faults(introspection).total, 1);
}

#[test]
fn literals_of_the_right_type_pass() {
    for argument in [
        "int: null",
        "int: -2147483648",
        "list: 1",
        "list: [1, null]",
        "words: \"a\"",
        "mood: SAD",
        "shape: { label: \"\", inner: { label: \"\", width: 4 }, sides: [null, HAPPY] }",
        "shape: null",
        "key: { id: 1 }",
        "key: { words: [] }",
        "ratio: 1",
        "ratio: 1.5e3",
        "at: \"2026-03-01T18:30:00Z\"",
    ] {
        assert_eq!(
            faults(&format!("{{ take(must: 1, {argument}) {{ __typename }} }}")).listed,
            [],
            "{argument}"
        );
    }
}

#[test]
fn literals_of_another_type_are_refused_with_their_place() {
    for (argument, place, what) in [
        ("int: 2147483648", "", "type \"Int\""),
        ("int: 1.0", "", "found 1.0"),
        ("int: [1]", "", "found a list"),
        ("list: [[1]]", "[0]", "type \"Int\""),
        ("words: [\"a\", null]", "[1]", "non-null value of type \"String\""),
        ("mood: \"SAD\"", "", "one of HAPPY, SAD written without quotes"),
        ("mood: sad", "", "one of HAPPY, SAD, found sad"),
        ("mood: \"GLAD\"", "", "one of HAPPY, SAD, found"),
        ("shape: 1", "", "an object of type \"Shape\""),
        ("shape: [{ label: \"\" }]", "", "found a list"),
        ("shape: { width: 1 }", "", "needs the field \"label\" of type \"String!\""),
        ("shape: { label: \"\", depth: 1 }", "", "\"Shape\" has no field \"depth\""),
        ("shape: { label: \"\", sides: [SAD, \"x\"] }", ".sides[1]", "one of HAPPY, SAD, found"),
        ("shape: { label: \"\", width: null }", ".width", "non-null"),
        ("key: {}", "", "takes exactly one of id, words, and it has 0"),
        ("key: { id: 1, words: [] }", "", "and it has 2"),
        ("key: { id: null }", "", "\"id\" must not be null"),
        ("key: { id: 1.5 }", ".id", "type \"ID\""),
        ("ratio: \"1\"", "", "type \"Float\""),
        ("at: \"now\"", "", "(A point in time, RFC 3339: `2026-03-01T18:30:00.000Z`), found \"now\""),
    ] {
        let found = faults(&format!("{{ take(must: 1, {argument}) {{ __typename }} }}"));
        let [error] = found.listed.as_slice() else { panic!("{argument}: {:?}", found.listed) };
        let name = argument.split(':').next().expect("a name");
        let at = if place.is_empty() { String::new() } else { format!(" at `{place}`") };
        let start = format!("The value of argument \"{name}\" of field \"take\" is wrong{at}: ");
        assert!(error.message.starts_with(&start) && error.message.contains(what), "{}", error.message);
    }
    let found = faults("query($v: [Mood!] = [SAD, BAD]) { go { __typename } }");
    assert!(found.listed[0].message.contains("the default of variable \"$v\""), "{:?}", found.listed);
}

#[test]
fn nothing_is_selected_below_a_types_name() {
    assert_eq!(faults("{ __typename { a } go { t: __typename { __typename } } }").total, 2);
}

#[test]
fn a_bomb_of_fragments_and_uses_costs_its_text() {
    let fragments: String = (0..150)
        .map(|n| {
            format!(
                "fragment F{n} on Query {{ {} take(must: $v) {{ __typename }} }} ",
                format!("...F{} ", n + 1).repeat(10)
            )
        })
        .collect();
    let found =
        faults(&format!("query($v: Int) {{ ...F0 }} {fragments} fragment F150 on Query {{ __typename }}"));
    assert_eq!((found.total, found.listed.len()), (150, 20));
}
