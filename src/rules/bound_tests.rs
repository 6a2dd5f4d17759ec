//! What a hostile writer tries: no text may stall or overflow the compiler, and no rule that it takes may do much.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::meaning_tests::vocabulary;
use super::{Expect, Facts, MAX_WORK, Rule};

/// The stack of a worker thread.
const STACK: usize = 2 * 1024 * 1024;

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no panic")
}

/// Texts that break the parser or the interpreter if nobody looks first.
fn bombs() -> Vec<String> {
    let mut bombs = vec![
        format!("1{} > 0", "+1".repeat(1600)),
        format!("1{} > 0", "+1".repeat(500)),
        format!("traits{}", ".a".repeat(500)),
        format!("traits.a{}", "[0]".repeat(330)),
        format!("1{}", "<1".repeat(500)),
        format!("{}true", "!".repeat(1000)),
        format!("{}1 > 0", "-".repeat(1000)),
        format!("true{}", "&&true".repeat(170)),
        format!("true{}", "||true".repeat(170)),
        format!("{}1", "true?1:".repeat(140)),
        format!("[1{}]", ",1".repeat(500)),
        format!("'{}' == ''", "\\".repeat(900)),
        "a?".repeat(500),
        "r'\\' == ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((".to_owned(),
        "\u{0}\u{feff}\u{202e}é𝄞".repeat(60),
    ];
    for text in [
        "(",
        "[",
        "{",
        "!(",
        "size(",
        "a.b(",
        "[1].map(x,",
        "@",
        "a ",
        "'",
        "\"\"\"",
        "//",
        ".",
        "?:",
        "\\",
        "\n",
    ] {
        bombs.push(text.repeat(1024 / text.len()));
        bombs.push(text.repeat(12));
    }
    let nested = (0..7).fold("1".to_owned(), |inner, at| format!("[1,2,3].map(x{at}, {inner})"));
    bombs.push(format!("{nested} == []"));
    let doubled = (0..9).fold("traits.a".to_owned(), |inner, _| format!("({inner} + {inner})"));
    bombs.push(format!("{doubled} == ''"));
    bombs
}

#[test]
fn bombs_neither_overflow_nor_stall_the_compiler() {
    for bomb in bombs() {
        let begun = Instant::now();
        let shown: String = bomb.chars().take(40).collect();
        on_a_small_stack(move || {
            if let Ok(rule) = Rule::compile(&bomb, &vocabulary(), Expect::Condition) {
                rule.judge(&Facts::new());
                rule.explain(&Facts::new());
            }
        });
        assert!(begun.elapsed() < Duration::from_secs(1), "{shown}: {:?}", begun.elapsed());
    }
}

#[test]
fn the_deepest_rules_that_are_taken_evaluate_on_a_small_stack() {
    let deep = [
        format!("traits.n{} > 0", " + 1".repeat(36)),
        format!("{}traits.vip{}", "!(".repeat(12), ")".repeat(12)),
        format!("{}true", "traits.a ? false : ".repeat(8)),
        format!("traits.a{} == null", "[0]".repeat(37)),
    ];
    for source in deep {
        on_a_small_stack(move || {
            let rule = Rule::compile(&source, &vocabulary(), Expect::Condition)
                .unwrap_or_else(|error| panic!("{source}: {error}"));
            let facts = json!({ "n": 1 });
            let verdict = rule.judge(&Facts::new().with("traits", &facts));
            assert_eq!(verdict.failure, None, "{source}");
        });
    }
}

/// Rules that the compiler takes, made to be as dear as they can.
fn hostile() -> Vec<String> {
    let each = |body: &str, times: usize| vec![body; times].join(" || ");
    vec![
        format!("traits.list.exists(x, {})", each("x in traits.list", 30)),
        format!("traits.list.all(x, {})", each("traits.list == traits.list", 25)),
        format!("traits.list.filter(x, {}) == traits.list", each("traits.text.contains(traits.text)", 20)),
        format!("traits.list.exists(x, {})", each("traits.text == x", 30)),
        format!("{}.size() < 0", "traits.list".to_owned() + &".filter(x, x in traits.list)".repeat(10)),
        each("traits.text.contains('aaaaaaaaab')", 20),
        each("traits.list in [traits.list]", 20),
        format!("[{}].exists(x, {})", vec!["1"; 60].join(","), each("x in traits.list", 20)),
    ]
}

#[test]
fn hostile_rules_stay_within_their_count() {
    let (mut ran, mut refused) = (0, 0);
    for elements in [1, 30, 300, 3_000, 100_000] {
        let text = "a".repeat(elements * 10);
        let facts = json!({ "list": (0..elements).collect::<Vec<_>>(), "text": text });
        let facts = Facts::new().with("traits", &facts);
        for source in hostile() {
            let rule = Rule::compile(&source, &vocabulary(), Expect::Condition)
                .unwrap_or_else(|error| panic!("{source}: {error}"));
            let begun = Instant::now();
            let verdict = rule.judge(&facts);
            assert!(
                begun.elapsed() < Duration::from_millis(500),
                "{source}, {elements}: {:?}",
                begun.elapsed()
            );
            let fits = rule.work(&facts) <= MAX_WORK;
            assert_eq!(verdict.failure.is_none(), fits, "{source}, {elements}: {verdict:?}");
            assert_eq!(rule.explain(&facts).len(), 1);
            if fits { ran += 1 } else { refused += 1 }
        }
    }
    assert!(ran >= 15 && refused >= 10, "both sides of the bound are tried: {ran} ran, {refused} did not");
}

#[test]
fn everyday_loops_are_far_from_the_bound() {
    let source =
        "traits.tags.exists(t, t in ['film', 'family'] || t.startsWith('kids')) && attributes.visits_90d > 3";
    let rule = Rule::compile(source, &vocabulary(), Expect::Condition).expect("a rule");
    let facts = json!({ "tags": vec!["series"; 1_000] });
    assert!(rule.work(&Facts::new().with("traits", &facts)) < MAX_WORK / 5);
}

#[test]
fn a_rule_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Rule::compile("true", &vocabulary(), Expect::Condition).expect("a rule"));
}

/// Text made of what rules are made of.
fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop::sample::select(vec![
        "traits",
        ".",
        "plan",
        "attributes",
        "visits_90d",
        "now",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "==",
        "=",
        "&&",
        "||",
        "!",
        "?",
        ":",
        ",",
        "'",
        "\"",
        "'''",
        "r'",
        "b\"",
        "\\",
        "1",
        "1.5",
        "1u",
        "0x",
        "e9",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "<",
        ">=",
        "in",
        "has",
        "exists",
        "all",
        "map",
        "filter",
        "x",
        "null",
        "true",
        " ",
        "\n",
        "é",
        "`",
        "@",
        "for",
        ".?",
        "[?",
    ]);
    prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

/// Expressions that are grammatical, whatever they mean.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "traits.plan",
        "traits.age",
        "traits.tags",
        "traits.none",
        "attributes.visits_90d",
        "now",
        "channel",
        "null",
        "true",
        "0",
        "-3",
        "2.5",
        "'x'",
        "[1, 'a']",
        "has(traits.plan)",
        "duration('P1D')",
        "traits.tags[0]",
        "9223372036854775807",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let sign =
            prop::sample::select(vec!["==", "!=", "<", ">=", "&&", "||", "+", "-", "*", "/", "%", "in"]);
        let call =
            prop::sample::select(vec!["size", "int", "double", "string", "timestamp", "duration", "!", "-"]);
        let loops = prop::sample::select(vec!["exists", "all", "filter", "exists_one"]);
        prop_oneof![
            (inner.clone(), sign, inner.clone())
                .prop_map(|(left, sign, right)| format!("({left} {sign} {right})")),
            (call, inner.clone()).prop_map(|(call, of)| format!("{call}({of})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(when, then, or)| format!("({when} ? {then} : {or})")),
            (loops, inner.clone()).prop_map(|(name, body)| format!("traits.tags.{name}(t, t == {body})")),
            (inner.clone(), inner).prop_map(|(of, with)| format!("{of}.contains({with})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_the_compiler(text in prop_oneof![scraps(), ".{0,200}"]) {
        if let Err(error) = Rule::compile(&text, &vocabulary(), Expect::Condition) {
            prop_assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1, "{error}");
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{error}");
            prop_assert!(!error.message.is_empty());
        }
    }

    #[test]
    fn what_compiles_evaluates_and_explains_the_same(text in expressions()) {
        let traits = json!({ "plan": "gold", "age": 41, "tags": ["x", 1, null, 2.5, { "a": 1 }] });
        let attributes = json!({ "visits_90d": 0 });
        let facts = Facts::new().with("traits", &traits).with("attributes", &attributes).with("channel", "WEB");
        if let Ok(rule) = Rule::compile(&text, &vocabulary(), Expect::Condition) {
            let verdict = rule.judge(&facts);
            let clauses = rule.explain(&facts);
            prop_assert_eq!(verdict.holds, clauses.iter().all(|clause| clause.holds), "{:?} {:?}", verdict, clauses);
        }
        if let Ok(rule) = Rule::compile(&text, &vocabulary(), Expect::Number) {
            prop_assert!(rule.number(&facts).is_ok_and(f64::is_finite) || rule.number(&facts).is_err());
        }
    }
}
