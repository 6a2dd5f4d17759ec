//! What rules mean: each line a rule, judged against one customer.

use serde_json::{Value as Json, json};

use super::{Expect, Fact, Facts, Rule, Verdict, Vocabulary};

pub(super) fn vocabulary() -> Vocabulary {
    let attributes = ["visits_90d", "spend_365d", "favorite_genre", "first-seen", "by_channel"];
    Vocabulary::new()
        .open("traits")
        .open("properties")
        .keys("attributes", attributes)
        .keys("consents", ["ANALYTICS", "MARKETING"])
        .keys("identities", ["EMAIL"])
        .value("now")
        .value("channel")
}

fn traits() -> Json {
    json!({
        "plan": "gold", "age": 41, "score": 99.5, "vip": true, "email": "ada@example.org", "nothing": null,
        "tags": ["film", "family"], "address": { "city": "Utrecht" }, "name": "Zoë",
        "children": [{ "age": 3 }, { "age": 9 }], "signed_up": "2026-01-01T00:00:00+01:00",
    })
}

/// Compiles a condition and judges it against Ada.
fn judge(source: &str) -> Verdict {
    let rule = Rule::compile(source, &vocabulary(), Expect::Condition)
        .unwrap_or_else(|error| panic!("{source}\n{error}"));
    let (traits, now) = (traits(), "2026-03-01T12:00:00Z");
    let now = entities::timestamp::Timestamp::parse(now).expect("a time");
    let attributes =
        json!({ "visits_90d": 4, "spend_365d": 120, "first-seen": 7, "by_channel": { "WEB": 3 } });
    let consents = [("MARKETING".to_owned(), Fact::from("GRANTED"))];
    let facts = Facts::new()
        .with("traits", &traits)
        .with("attributes", &attributes)
        .with("consents", Fact::Map(consents.into()))
        .with("now", now)
        .with("channel", "KIOSK");
    rule.judge(&facts)
}

fn all_hold(rules: &[&str]) {
    for rule in rules {
        assert_eq!(judge(rule), Verdict { holds: true, failure: None }, "{rule}");
    }
}

/// None holds, and none fails.
fn none_holds(rules: &[&str]) {
    for rule in rules {
        assert_eq!(judge(rule), Verdict { holds: false, failure: None }, "{rule}");
    }
}

#[test]
fn what_is_there_is_compared() {
    all_hold(&[
        "true",
        "traits.plan == 'gold'",
        "traits.plan in ['gold', 'silver'] && attributes.visits_90d >= 3",
        "traits.address.city == \"Utrecht\"",
        "traits['plan'] == 'gold' && attributes[\"first-seen\"] == 7",
        "traits.name == 'Zoë' && traits.name.size() == 3",
        "'film' in traits.tags",
        "traits.tags[1] == 'family'",
        "traits.vip && !(traits.age < 18)",
        "traits.vip",
        "false && true || true",
        "traits.vip && (false || traits.vip) && true",
        "traits.email.endsWith('.org') && traits.email.contains('@')",
        "consents.MARKETING == 'GRANTED'",
        "channel == 'KIOSK'",
        "attributes.by_channel.WEB == 3 && size(attributes.by_channel) == 1",
        "traits.age > 65 ? false : traits.age > 40",
        "traits.children.exists(c, c.age < 4)",
        "traits.children.all(c, c.age < 10) && traits.children.exists_one(c, c.age == 9)",
        "size(traits.tags.filter(t, t.startsWith('f'))) == 2",
        "traits.tags.filter(t, t != 'film').exists(t, t == 'family')",
        "[1, 2, 3].exists(n, n == traits.children.size())",
        "// a comment with ( and && and \"\ntraits.vip // and another",
        "r'\\' == '\\\\'",
    ]);
    none_holds(&[
        "false",
        "traits.plan == 'silver'",
        "traits.children.exists(c, c.age > 10)",
        "3 < 2 || 2 < 1",
    ]);
}

#[test]
fn whole_and_decimal_numbers_go_together() {
    all_hold(&[
        "traits.score >= 99",
        "traits.score < 100 && traits.score > 99",
        "attributes.spend_365d >= 119.5",
        "attributes.spend_365d == 120.0",
        "attributes.spend_365d / 7.5 == 16",
        "attributes.spend_365d / attributes.visits_90d == 30",
        "traits.score + 1 > 100 && 1 + traits.score > 100 && traits.score - 1 < 100",
        "5 / 2 == 2 && 5 % 2 == 1 && -traits.age == -41",
        "120 in [120.0]",
    ]);
}

#[test]
fn a_missing_key_reads_as_null_and_fails_nothing() {
    all_hold(&[
        "traits.missing == null",
        "traits.missing != 'gold'",
        "traits.missing.deeper.still == null",
        "traits.plan.name == null",
        "traits.tags[7] == null",
        "traits.children.exists(c, c.name == null)",
        "consents.ANALYTICS != 'GRANTED'",
        "identities.EMAIL == null",
        "!traits.missing",
        "!(attributes.favorite_genre == 'drama')",
        "traits.missing + 1 == null && size(traits.missing) == null && -traits.missing == null",
        "traits.missing.all(x, x == 1)",
        "traits.missing.startsWith('x') == null && traits.plan.startsWith(traits.missing) == null",
        "duration(traits.missing) == null && timestamp(traits.missing) == null",
        "traits.missing ? false : true",
    ]);
    none_holds(&[
        "traits.missing == 'gold'",
        "attributes.favorite_genre >= 3",
        "attributes.favorite_genre < 3",
        "3 >= attributes.favorite_genre",
        "traits.missing",
        "traits.nothing",
        "'x' in traits.missing",
        "traits.missing.exists(x, true)",
        "traits.email_2.endsWith('.org')",
        "traits.missing && true",
        "timestamp(traits.missing) > now",
        "traits.missing + 1 > 0",
    ]);
}

#[test]
fn has_tells_a_missing_key_from_a_null_one() {
    all_hold(&[
        "has(traits.plan) && traits.plan == 'gold'",
        "has(traits.nothing) && traits.nothing == null",
        "!has(traits.missing) && traits.missing == null",
        "has(traits.address.city) && !has(traits.address.street) && !has(traits.missing.street)",
        "has(consents.MARKETING) && !has(consents.ANALYTICS)",
        "traits.children.all(c, has(c.age) && !has(c.name))",
    ]);
}

#[test]
fn times_and_durations_reckon() {
    all_hold(&[
        "timestamp(traits.signed_up) < now",
        "timestamp(traits.signed_up) == timestamp('2025-12-31T23:00:00Z')",
        "now - timestamp(traits.signed_up) > duration('P59D')",
        "now - duration('P1W') < now && duration('P1DT12H') == duration('36h')",
        "now - timestamp(traits.signed_up) < duration('-P1D') + duration('P70D')",
        "now.getFullYear() == 2026 && now.getMonth() == 2 && now.getHours('Europe/Amsterdam') == 13",
    ]);
}

#[test]
fn a_rule_that_fails_does_not_hold_and_says_why() {
    let cases = [
        ("traits.plan > 3", "`>` does not take a text and a whole number"),
        ("traits.plan && true", "a text stands where true or false is needed"),
        ("traits.age / 0 > 1", "division by zero"),
        ("traits.plan.exists(x, true)", "a text stands where a list is needed"),
        ("traits.age.startsWith('x')", "`startsWith` does not take a whole number and a text"),
        ("timestamp(traits.plan) < now", "`timestamp`: "),
        ("traits.plan + traits.name == ''", "`+` does not take a text and a text"),
        ("9223372036854775807 + traits.age > 0", "a number or a time grows out of range"),
        ("traits.plan", "a text stands where true or false is needed"),
    ];
    for (rule, why) in cases {
        let verdict = judge(rule);
        assert!(!verdict.holds, "{rule}");
        assert!(
            verdict.failure.as_deref().is_some_and(|failure| failure.starts_with(why)),
            "{rule}: {verdict:?}"
        );
    }
}

#[test]
fn a_side_that_decides_forgives_the_other() {
    none_holds(&[
        "traits.plan > 3 && false",
        "false && traits.plan > 3",
        "(traits.plan > 3 && traits.age == 1)",
    ]);
    all_hold(&["traits.plan > 3 || true", "true || traits.plan > 3"]);
}

#[test]
fn a_rule_says_what_it_reads() {
    let source = "attributes.visits_90d > 3 && (has(traits.plan) || traits.a.b['c d'] == 1) && attributes.visits_90d < 9";
    let rule = Rule::compile(source, &vocabulary(), Expect::Condition).expect("a rule");
    let paths: Vec<String> = rule.reads().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["attributes.visits_90d", "traits.a.b[\"c d\"]", "traits.plan"]);
    assert_eq!(rule.keys("attributes").collect::<Vec<_>>(), ["visits_90d"]);
    assert_eq!(rule.keys("traits").collect::<Vec<_>>(), ["a", "plan"]);
    assert!(!rule.reads_root("now"));
    let rule = Rule::compile("traits.tags.all(t, now > timestamp(t))", &vocabulary(), Expect::Condition);
    assert!(rule.expect("a rule").reads_root("now"));
}

#[test]
fn a_number_is_given_or_refused() {
    let number = |source: &str| {
        let rule = Rule::compile(source, &vocabulary(), Expect::Number).expect(source);
        rule.number(&Facts::new().with("attributes", &json!({ "spend_365d": 99.5, "visits_90d": 4 })))
    };
    assert_eq!(number("attributes.spend_365d * 2"), Ok(199.0));
    assert_eq!(number("attributes.visits_90d > 3 && attributes.spend_365d > 1 ? 10 : 1.5"), Ok(10.0));
    assert_eq!(number("attributes.favorite_genre"), Err("the result is null, not a number".into()));
    assert_eq!(number("attributes.spend_365d / 0"), Err("the result is no finite number".into()));
}

#[test]
fn each_clause_is_explained() {
    let source = "attributes.visits_90d >= 3 && traits.plan in ['gold'] && (traits.a == 1 || has(traits.b))\n  && traits.n > 2 && attributes.spend_365d / 2 > 7";
    let rule = Rule::compile(source, &vocabulary(), Expect::Condition).expect("a rule");
    let (traits, attributes) =
        (json!({ "plan": "gold", "n": "x" }), json!({ "visits_90d": 2, "spend_365d": 30 }));
    let facts = Facts::new().with("traits", &traits).with("attributes", &attributes);
    let clauses: Vec<_> = rule
        .explain(&facts)
        .into_iter()
        .map(|clause| (clause.expression, clause.holds, clause.actual, clause.required, clause.failure))
        .collect();
    let failure = "`>` does not take a text and a whole number".to_owned();
    let either = "(traits.a == 1 || has(traits.b))".to_owned();
    let found = json!({ "traits.a": null, "has(traits.b)": false });
    assert_eq!(
        clauses,
        [
            ("attributes.visits_90d >= 3".to_owned(), false, json!(2), ">= 3".to_owned(), None),
            ("traits.plan in ['gold']".into(), true, json!("gold"), "traits.plan in ['gold']".into(), None),
            (either.clone(), false, found, either, None),
            ("traits.n > 2".into(), false, json!("x"), "> 2".into(), Some(failure)),
            ("attributes.spend_365d / 2 > 7".into(), true, json!(15), "> 7".into(), None),
        ]
    );
}
