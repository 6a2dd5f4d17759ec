//! What is refused before it is a rule: where the error points, and what it says.

use super::meaning_tests::vocabulary;
use super::{Expect, Kind, MAX_NODES, Rule, RuleError, Vocabulary};

fn refused(source: &str) -> RuleError {
    match Rule::compile(source, &vocabulary(), Expect::Condition) {
        Ok(_) => panic!("taken: {source}"),
        Err(error) => error,
    }
}

/// Checks line, column and the beginning of the message.
fn refuses(source: &str, line: usize, column: usize, message: &str) {
    let error = refused(source);
    assert_eq!((error.line, error.column), (line, column), "{source}: {error}");
    assert!(error.message.starts_with(message), "{source}: {error}");
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    refuses("trait.plan == 'x'", 1, 1, "there is no `trait`; did you mean `traits`?");
    refuses("true && atributes.visits_90d > 1", 1, 9, "there is no `atributes`; did you mean `attributes`?");
    refuses(
        "attributes.visit_90d > 1",
        1,
        12,
        "there is no `attributes.visit_90d`; did you mean `attributes.visits_90d`?",
    );
    refuses("true &&\n  attributes.visits_9d > 1", 2, 14, "there is no `attributes.visits_9d`; did you mean");
    refuses("has(attributes.visits90d)", 1, 16, "there is no `attributes.visits90d`; did you mean");
    refuses(
        "attributes['zzz'] > 1",
        1,
        12,
        "there is no `attributes.zzz`; there is `attributes.by_channel`, ",
    );
    refuses("visits_90d > 1", 1, 1, "there is no `visits_90d`; did you mean `attributes.visits_90d`?");
    refuses("'é' == 'é' && qqq", 1, 15, "there is no `qqq`; a rule may speak of `attributes`, `channel`, ");
    refuses("'éé' == 'x' || qqq == 1", 1, 16, "there is no `qqq`");
    refuses("'éé' == 'x' || traits.a = 1", 1, 25, "`=` sets");
    refuses("now.year == 1", 1, 5, "`now` is a value; it has no `year`");
    refuses("attributes == 1", 1, 1, "say which of `attributes`: `attributes.by_channel`, ");
    refuses("size(traits) > 1", 1, 6, "say what of `traits`, such as `traits.name`");
    refuses("traits.tags.exists(t, u == 1)", 1, 23, "there is no `u`");
}

#[test]
fn a_member_that_there_cannot_be_is_answered_with_the_nearest() {
    let refuses = |known: &[&str], source: &str, column: usize, message: &str| {
        let vocabulary = vocabulary().members("segments", known.iter().copied());
        let error = Rule::compile(source, &vocabulary, Expect::Condition).expect_err(source);
        assert_eq!((error.column, error.message.as_str()), (column, message), "{source}");
    };
    let known = ["film_buff", "family"];
    let source = "traits.plan == 'x' && !('film_buf' in segments)";
    refuses(&known, source, 25, "there is no \"film_buf\" in `segments`; did you mean \"film_buff\"?");
    refuses(
        &known,
        "'zzz' in segments",
        1,
        "there is no \"zzz\" in `segments`; there may be \"family\", \"film_buff\"",
    );
    refuses(&[], "'zzz' in segments", 1, "there is no \"zzz\" in `segments`; there is none yet");
    refuses(&known, "segments.film_buff", 10, "`segments` is a list; ask `\"…\" in segments`");
    let vocabulary = vocabulary().members("segments", known);
    for good in
        ["'family' in segments", "traits.plan in segments", "'x' in traits.tags", "size(segments) > 1"]
    {
        assert!(Rule::compile(good, &vocabulary, Expect::Condition).is_ok(), "{good}");
    }
}

#[test]
fn an_unknown_function_is_answered_with_what_there_is() {
    refuses(
        "traits.name.startswith('x')",
        1,
        13,
        "there is no function `startswith`; did you mean `.startsWith(…)`? There is `double(…)`, ",
    );
    refuses("matches(traits.name, 'x')", 1, 1, "there is no function `matches`; There is ");
    refuses("traits.plan == 'x' && len(traits.tags) > 1", 1, 23, "there is no function `len`;");
    refuses("size(traits.a, traits.b) > 1", 1, 1, "`size` takes 1 to 1 values between its brackets, not 2");
    refuses("traits.tags.exists(t)", 1, 13, "`exists` is written `traits.tags.exists(t, t == \"x\")`");
    refuses("traits.tags.map(t, t.x) == []", 1, 16, "`map` is not available in rules");
}

#[test]
fn slips_of_the_pen_are_named() {
    refuses("", 1, 1, "the rule is empty");
    refuses("traits.plan = 'gold'", 1, 13, "`=` sets, it does not compare; write `==`");
    refuses("traits.a == 1 and traits.b == 2", 1, 15, "write `&&` for “and”");
    refuses("traits.a == 1 OR traits.b == 2", 1, 15, "write `||` for “or”");
    refuses("traits.a ==", 1, 12, "the rule ends where a value should follow");
    refuses("traits.a == 1 && && true", 1, 18, "a condition is missing here");
    refuses("traits.a == 1 &&", 1, 17, "a condition is missing here");
    refuses("(traits.a == 1", 1, 1, "this `(` is never closed");
    refuses("traits.a == 1)", 1, 14, "this `)` closes nothing that is open");
    refuses("traits.a == 'gold", 1, 13, "the text that begins here has no closing quote");
    refuses("traits.a == 1 # note", 1, 15, "`#` has no meaning here");
    refuses("traits.a traits.b", 1, 10, "`traits` is not expected here");
    refuses("now > timestamp('yesterday')", 1, 17, "\"yesterday\" is no timestamp; write one such as");
    refuses("now - duration('P1Y') > now", 1, 16, "\"P1Y\" is no duration; write one such as");
}

#[test]
fn what_is_no_condition_is_refused_and_so_is_what_is_no_number() {
    refuses("size(traits.tags)", 1, 1, "this is a number; make it a condition");
    refuses("traits.vip && 'gold'", 1, 15, "this is no condition; compare it");
    let number = Rule::compile("traits.a > 1", &vocabulary(), Expect::Number).expect_err("a condition");
    assert!(number.message.starts_with("this is a condition; make it a number"), "{number}");
}

#[test]
fn what_could_grow_or_stall_is_refused() {
    refuses(
        "traits.a.exists(x, traits.b.exists(y, x == y))",
        1,
        35,
        "a loop (`exists`, `all`, `filter`) within a loop",
    );
    refuses("[1].filter(x, [2].filter(y, true) == []) == []", 1, 25, "a loop (");
    refuses("'a' + traits.a == 'b'", 1, 5, "`+` adds numbers, times and durations");
    refuses("[1] + [2] == []", 1, 5, "`+` adds numbers, times and durations");
    refuses("{'a': 1} == {'a': 1}", 1, 1, "a rule makes no objects");
    refuses("(traits.a ? traits.b : traits.c).exists(x, true)", 1, 40, "a loop goes over a name such as");
    refuses("traits.tags.exists(now, true)", 1, 19, "`now` is taken; give the loop's element another name");
    refuses("b'x' == b'x'", 1, 1, "write a text as");
    refuses("traits.a == 1u", 1, 13, "write a number without `u`");
    refuses(
        &format!("traits.plan == '{}'", "x".repeat(1024)),
        1,
        1025,
        "the rule has 1041 bytes; at most 1024",
    );
    refuses(&format!("{}true{}", "(".repeat(13), ")".repeat(13)), 1, 13, "brackets nest deeper than 12");
    refuses(&format!("1{} == 2", " + 1".repeat(60)), 1, 195, "more than 48 operators in a row");
    refuses(&format!("{}true", "true ? true : ".repeat(9)), 1, 118, "more than 8 conditionals");
    let many = refused(&format!("1 in [{}1]", "1,".repeat(MAX_NODES)));
    assert!(many.message.starts_with("the rule has more than 256 names"), "{many}");
}

/// Where and why a comparison is refused whose names have kinds.
fn mismatch(source: &str) -> Option<(usize, String)> {
    let attributes = [
        ("visits_90d", Some(Kind::Number)),
        ("first_visit", Some(Kind::Text)),
        ("vip", Some(Kind::Truth)),
        ("favorite_genre", None),
    ];
    let vocabulary = Vocabulary::new()
        .open("traits")
        .keys_of("attributes", attributes)
        .keys_of("identities", [("EMAIL", Some(Kind::List))])
        .value_of("now", Kind::Timestamp);
    Rule::compile(source, &vocabulary, Expect::Condition).err().map(|error| (error.column, error.message))
}

#[test]
fn a_comparison_of_kinds_that_never_meet_is_refused_with_what_would_be_right() {
    for (source, column, words) in [
        (
            "attributes.visits_90d >= \"3\"",
            26,
            "`attributes.visits_90d` is a number, and this is a text; write `3`",
        ),
        ("'many' == attributes.visits_90d", 1, "compare it with a number such as `3`"),
        ("attributes['visits_90d'] != true", 29, "is a number, and this is a truth value"),
        ("true && attributes.visits_90d in [1, 'two']", 38, "`attributes.visits_90d` is a number"),
        ("attributes.first_visit < now", 26, "write `timestamp(attributes.first_visit)`"),
        ("attributes.vip == 'true'", 19, "compare it with `true` or `false`"),
        ("now > '2026-01-01T00:00:00Z'", 7, "`timestamp(\"2026-01-01T00:00:00Z\")`"),
        ("now - duration('P7D') > now || now > -3", 39, "`now` is a time, and this is a number"),
        ("identities.EMAIL == 'ada@example.org'", 21, "`\"…\" in identities.EMAIL`"),
        ("'3' in attributes.visits_90d", 8, "which nothing is in"),
        ("traits.tags.exists(t, attributes.visits_90d == '3')", 48, "write `3`"),
    ] {
        let (at, message) = mismatch(source).unwrap_or_else(|| panic!("taken: {source}"));
        assert!(at == column && message.contains(words), "{source}: {at}: {message}");
    }
}

#[test]
fn a_comparison_that_can_hold_is_taken() {
    for source in [
        "attributes.visits_90d >= 3 || attributes.visits_90d == -2.5",
        "attributes.visits_90d == null || attributes.visits_90d != traits.visits",
        "attributes.visits_90d in [1, 2, traits.three]",
        "attributes.favorite_genre == 'drama' || attributes.favorite_genre == 3",
        "timestamp(attributes.first_visit) < now && attributes.first_visit > '2026'",
        "size(identities.EMAIL) >= 2 && 'ada@example.org' in identities.EMAIL",
        "now > timestamp('2026-01-01T00:00:00Z') && now - duration('P1D') < now",
        "attributes.vip || attributes.vip == true",
        "traits.list.exists(attributes_, attributes_ == 'x')",
        "'a' == 3",
    ] {
        assert_eq!(mismatch(source), None, "{source}");
    }
}
