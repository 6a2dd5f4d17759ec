//! A set of rules says what each rule says alone.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::meaning_tests::vocabulary;
use super::{Expect, Facts, Rule, RuleSet, Truth};

/// Clauses of every kind: simple ones, ones for the interpreter, ones that fail.
const CLAUSES: &[&str] = &[
    "traits.n >= 3",
    "traits.n < 3",
    "traits.n <= 2.5",
    "traits.n > -1",
    "traits.n == 3",
    "traits.n != 3",
    "traits.n == 2.5",
    "traits.n == 'x'",
    "traits.n != 'x'",
    "'x' in traits.n",
    "'x' in traits.list",
    "'film' in traits.list",
    "3 <= traits.n",
    "traits.n == null",
    "has(traits.n)",
    "!has(traits.n) || traits.n > 2",
    "traits.list.exists(x, x == traits.n)",
    "traits.n > 9007199254740993",
    "traits.n == 9007199254740993",
    "attributes.visits_90d >= 3",
    "true",
    "traits.n / 0 > 1",
];

fn values() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        Json::Null,
        json!(0),
        json!(3),
        json!(-2),
        json!(2.5),
        json!(3.0),
        json!(9_007_199_254_740_993_i64),
        json!(1e300),
        json!("x"),
        json!("3"),
        json!(true),
        json!(["x", 3, null]),
        json!({ "x": 1 }),
    ])
}

fn alone(rule: &Rule, facts: &Facts<'_>) -> Truth {
    let verdict = rule.judge(facts);
    match (verdict.holds, verdict.failure) {
        (true, _) => Truth::Holds,
        (false, None) => Truth::DoesNot,
        (false, Some(_)) => Truth::Failed,
    }
}

proptest! {
    #[test]
    fn rules_say_together_what_each_says_alone(
        sources in prop::collection::vec(prop::collection::vec(prop::sample::select(CLAUSES), 1..4), 1..12),
        n in prop::option::of(values()),
        list in prop::collection::vec(values(), 0..4),
        visits in values(),
    ) {
        let mut traits = json!({ "list": list });
        if let Some(n) = n {
            traits["n"] = n;
        }
        let attributes = json!({ "visits_90d": visits });
        let facts = Facts::new().with("traits", &traits).with("attributes", &attributes);
        let mut set = RuleSet::default();
        let rules: Vec<_> = sources
            .iter()
            .map(|clauses| {
                let rule = Rule::compile(&clauses.join(" && "), &vocabulary(), Expect::Condition).expect("a rule");
                (set.add(&rule, false), rule)
            })
            .collect();
        let mut session = set.bind(&facts);
        for _ in 0..2 {
            for (number, rule) in &rules {
                prop_assert_eq!(session.judge(*number), alone(rule, &facts), "{} {}", rule.source(), traits);
            }
        }
    }

    #[test]
    fn numbers_are_the_same_together_and_alone(n in prop::option::of(values())) {
        let traits = n.map_or(json!({}), |n| json!({ "n": n }));
        let facts = Facts::new().with("traits", &traits);
        let mut set = RuleSet::default();
        let rules: Vec<_> = ["traits.n", "traits.n * 2 + 1", "traits.n > 2 ? 1 : 0.5", "4", "traits.n / 0"]
            .iter()
            .map(|source| {
                let rule = Rule::compile(source, &vocabulary(), Expect::Number).expect("a rule");
                (set.add(&rule, true), rule)
            })
            .collect();
        let mut session = set.bind(&facts);
        for (number, rule) in &rules {
            prop_assert_eq!(session.number(*number), rule.number(&facts).ok(), "{}", rule.source());
        }
    }
}

#[test]
fn what_is_too_much_for_one_is_too_much_in_a_set() {
    let traits = json!({ "list": (0..100_000).collect::<Vec<_>>(), "n": 1 });
    let facts = Facts::new().with("traits", &traits);
    let source = "traits.list.exists(x, x in traits.list)";
    let rule = Rule::compile(source, &vocabulary(), Expect::Condition).expect("a rule");
    let cheap = Rule::compile("traits.n == 1", &vocabulary(), Expect::Condition).expect("a rule");
    let mut set = RuleSet::default();
    let (dear, cheap) = (set.add(&rule, false), set.add(&cheap, false));
    let mut session = set.bind(&facts);
    assert_eq!(session.judge(dear), Truth::Failed);
    assert_eq!(session.judge(cheap), Truth::Holds);
}
