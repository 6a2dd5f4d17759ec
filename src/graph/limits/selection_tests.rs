//! How selections are counted and bounded: cases, and bombs that must be counted fast.

use std::fmt::Write;
use std::time::{Duration, Instant};

use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::*;

fn judge(text: &str) -> Result<(), Refusal> {
    check(&parse_query(text).expect("the text parses"), &SelectionLimits::default())
}

fn message(text: &str) -> String {
    judge(text).expect_err("it is refused").message
}

/// `levels` fragments, each spreading the next `fan` times, the last selecting `a`.
fn bomb(levels: usize, fan: usize) -> String {
    let mut text = "{...F0}".to_owned();
    for level in 0..levels {
        let body = format!("...F{} ", level + 1).repeat(fan);
        write!(text, "fragment F{level} on Query{{{body}}}").unwrap();
    }
    write!(text, "fragment F{levels} on Query{{a}}").unwrap();
    text
}

#[test]
fn a_fan_of_fragments_is_counted_without_being_walked() {
    for (levels, fan) in [(22, 2), (30, 2), (7, 10), (60, 2), (190, 2)] {
        let document = parse_query(bomb(levels, fan)).unwrap();
        let start = Instant::now();
        let refusal = check(&document, &SelectionLimits::default()).unwrap_err();
        // Walked, 2^30 selections would take seconds; a slow machine has room here.
        assert!(start.elapsed() < Duration::from_millis(200), "{levels} levels, {:?}", start.elapsed());
        assert_eq!(refusal.code, "QUERY_TOO_COSTLY");
        assert!(refusal.message.contains("fragments expanded; the limit is 2000"), "{}", refusal.message);
    }
    let refused = message(&bomb(30, 2));
    // 2^0 + … + 2^30 spreads and 2^30 fields.
    assert!(refused.contains("has 3221225471 selections"), "{refused}");
}

#[test]
fn a_bomb_that_no_operation_spreads_is_refused_too() {
    let text = bomb(30, 2).replacen("{...F0}", "{a}", 1);
    assert!(message(&text).contains("in all its definitions; the limit is 10000"), "{}", message(&text));
}

#[test]
fn cycles_are_refused_and_unknown_fragments_left_to_validation() {
    for text in [
        "{...A} fragment A on Q{...A}",
        "{...A} fragment A on Q{x{...B}} fragment B on Q{...on Q{...A}}",
        "{a} fragment A on Q{...B} fragment B on Q{...C} fragment C on Q{...B}",
    ] {
        let refusal = judge(text).unwrap_err();
        assert_eq!(refusal.code, "GRAPHQL_VALIDATION_FAILED");
        assert!(refusal.message.contains("spreads itself"), "{}", refusal.message);
    }
    assert_eq!(judge("{...Nowhere a}"), Ok(()));
}

#[test]
fn depth_is_counted_through_fragments_and_not_through_type_conditions() {
    let deep = |levels: usize| format!("{}a{}", "{a".repeat(levels - 1), "}".repeat(levels - 1));
    assert_eq!(judge(&format!("{{a{}}}", deep(15))), Ok(()));
    assert!(message(&format!("{{a{}}}", deep(16))).contains("has 16 levels of fields; the limit is 15"));
    let chain =
        "{a{...A}} fragment A on Q{a{a{a{a{a{a{a{...B}}}}}}}} fragment B on Q{a{a{a{a{a{a{a{a}}}}}}}}";
    assert!(message(chain).contains("has 16 levels"), "{}", message(chain));
    assert_eq!(judge(&chain.replacen("{a{...A}}", "{...on Q{...on Q{...A}}}", 1)), Ok(()));
}

#[test]
fn floods_are_refused_by_name() {
    let fields = |count: usize| "a ".repeat(count);
    assert_eq!(judge(&format!("{{{}}}", fields(2000))), Ok(()));
    assert!(message(&format!("{{{}}}", fields(2001))).contains("2001 selections"));
    let aliases: String = (0..101).map(|n| format!("a{n}:a ")).collect();
    assert!(message(&format!("{{{aliases}}}")).contains("101 aliases; the limit is 100"));
    for place in
        ["{a DIRS}", "query DIRS{a}", "query($v:Int DIRS){a}", "{...DIRS{a}}", "{a} fragment F on Q DIRS{a}"]
    {
        let text = place.replace("DIRS", &"@d ".repeat(201));
        assert!(message(&text).contains("201 directives"), "{}", message(&text));
    }
    let variables: String = (0..101).map(|n| format!("$v{n}:Int ")).collect();
    assert!(message(&format!("query({variables}){{a}}")).contains("101 variable definitions"));
    let fragments: String = (0..201).map(|n| format!("fragment F{n} on Q{{a}}")).collect();
    assert!(message(&format!("{{a}}{fragments}")).contains("201 fragment definitions"));
    let operations: String = (0..51).map(|n| format!("query Q{n}{{a}}")).collect();
    assert!(message(&operations).contains("51 operations"));
}

#[test]
fn aliases_in_an_unused_fragment_count_once() {
    let aliases: String = (0..50).map(|n| format!("a{n}:a ")).collect();
    assert_eq!(judge(&format!("{{...F ...F ...F}} fragment F on Q{{{aliases}}}")), Ok(()));
}

/// The query GraphiQL, Apollo and codegen send, with nine levels of `ofType`.
fn introspection() -> String {
    let of_type = format!("kind name{}{}", " ofType{kind name".repeat(9), "}".repeat(9));
    format!(
        "query IntrospectionQuery{{__schema{{description queryType{{name kind}}mutationType{{name kind}}\
         subscriptionType{{name kind}}types{{...FullType}}directives{{name description isRepeatable locations \
         args(includeDeprecated:true){{...InputValue}}}}}}}}\
         fragment FullType on __Type{{kind name description specifiedByURL isOneOf \
         fields(includeDeprecated:true){{name description args(includeDeprecated:true){{...InputValue}}\
         type{{...TypeRef}}isDeprecated deprecationReason}}inputFields(includeDeprecated:true){{...InputValue}}\
         interfaces{{...TypeRef}}enumValues(includeDeprecated:true){{name description isDeprecated \
         deprecationReason}}possibleTypes{{...TypeRef}}}}\
         fragment InputValue on __InputValue{{name description type{{...TypeRef}}defaultValue isDeprecated \
         deprecationReason}}fragment TypeRef on __Type{{{of_type}}}"
    )
}

#[test]
fn tools_may_introspect_and_nobody_may_multiply() {
    assert_eq!(judge(&introspection()), Ok(()));
    let lists = "{__schema{types{fields{type{fields{type{possibleTypes{fields{name}}}}}}}}}";
    assert!(message(lists).contains("4 nested lists of introspection; the limit is 2"), "{}", message(lists));
    let hidden = "{__type(name:\"A\"){...F}} fragment F on __Type{fields{type{...G}}} \
                  fragment G on __Type{interfaces{fields{type{possibleTypes{name}}}}}";
    assert!(message(hidden).contains("4 nested lists"), "{}", message(hidden));
    let deep = format!("{{__schema{{types{}name{}}}}}", "{ofType".repeat(20) + "{", "}".repeat(21));
    assert!(message(&deep).contains("levels of introspection"), "{}", message(&deep));
    assert_eq!(judge("{__type(name:\"A\"){fields{type{fields{name}}}}}"), Ok(()));
    // A type of one's own may well have `fields`.
    assert_eq!(judge("{form{fields{fields{fields{fields{name}}}}}}"), Ok(()));
}

/// Expands every spread by recursion: the plain definition of the count.
fn plain_count(set: &SelectionSet, document: &ExecutableDocument) -> u64 {
    let inside = |item: &Selection| match item {
        Selection::Field(field) => plain_count(&field.node.selection_set.node, document),
        Selection::InlineFragment(inline) => plain_count(&inline.node.selection_set.node, document),
        Selection::FragmentSpread(spread) => {
            let fragment = &document.fragments[&spread.node.fragment_name.node];
            plain_count(&fragment.node.selection_set.node, document)
        }
    };
    set.items.iter().map(|item| 1 + inside(&item.node)).sum()
}

/// Bodies of fragments 0..n; fragment `i` spreads only later ones, so there is no cycle.
fn documents() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        Just("a".to_owned()),
        Just("a{b c}".to_owned()),
        Just("...on Q{a{b}}".to_owned()),
        (1_usize..6).prop_map(|step| format!("SPREAD{step}")),
        (1_usize..6).prop_map(|step| format!("a{{b SPREAD{step}}}")),
    ];
    prop::collection::vec(prop::collection::vec(item, 1..4), 1..7).prop_map(|bodies| {
        let last = bodies.len();
        let mut text = "{...F0}".to_owned();
        for (index, items) in bodies.iter().enumerate() {
            let mut body = items.join(" ");
            for step in 1..6 {
                let target = (index + step).min(last);
                body = body.replace(&format!("SPREAD{step}"), &format!("...F{target}"));
            }
            write!(text, "fragment F{index} on Q{{{body}}}").unwrap();
        }
        write!(text, "fragment F{last} on Q{{a}}").unwrap();
        text
    })
}

proptest! {
    #[test]
    fn the_memoised_count_is_the_plain_one(text in documents()) {
        let document = parse_query(&text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let plain = plain_count(&operation.node.selection_set.node, &document);
        let limits = |selections| SelectionLimits { selections, document_selections: u64::MAX, depth: 1_000, ..Default::default() };
        prop_assert_eq!(check(&document, &limits(plain)), Ok(()));
        let refusal = check(&document, &limits(plain - 1)).unwrap_err();
        prop_assert!(refusal.message.contains(&format!("has {plain} selections")), "{}", refusal.message);
    }
}
