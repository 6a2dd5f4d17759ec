//! What an operation costs: cases, and laws over generated documents.

use std::time::{Duration, Instant};

use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::*;

/// `list` is a connection of 20 on everything, `one` an object, everything else a leaf.
struct Prices;

impl CostTable for Prices {
    fn field(&self, parent_type: &str, field: &str) -> FieldCost<'_> {
        match (parent_type, field) {
            (_, "list") => FieldCost { cost: 1, child_type: Some("Thing"), paged_default: Some(20) },
            (_, "one") => FieldCost { cost: 2, child_type: Some("Thing"), paged_default: None },
            ("Special", _) => FieldCost { cost: 50, ..FieldCost::default() },
            _ => FieldCost { cost: 1, ..FieldCost::default() },
        }
    }
}

fn judge(
    text: &str,
    name: Option<&str>,
    variables: &[(&str, ConstValue)],
    limit: u64,
) -> Result<u64, Refusal> {
    let document = parse_query(text).expect("the text parses");
    let model = CostModel::compile(&document, &Prices).expect("no cycle");
    let given = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    model.check(name, given, limit)
}

fn cost(text: &str) -> u64 {
    judge(text, None, &[], u64::MAX).unwrap()
}

#[test]
fn pages_multiply_what_is_selected_under_them() {
    for (text, expected) in [
        ("{leaf}", 1),
        ("{one{leaf leaf}}", 4),
        ("{list(first:3){leaf leaf}}", 7),
        ("{list(last:3){leaf}}", 4),
        ("{list{leaf}}", 21),
        ("{list(first:null last:5){leaf}}", 6),
        ("{list(first:10){list(first:10){leaf}}}", 1 + 10 * 11),
        ("{list(first:0){leaf}}", 1),
        ("{list(first:-7){leaf}}", 1),
        ("{list(first:1000000){leaf}}", 101),
        ("{list(first:99999999999999999999){leaf}}", 21),
        ("{__typename __schema{types{name}}}", 0),
        ("{...on Special{leaf}}", 50),
        ("{a:one{leaf} b:one{leaf}}", 6),
        ("{list(first:2){...F}} fragment F on Special{leaf one{leaf}}", 1 + 2 * 53),
    ] {
        assert_eq!(cost(text), expected, "{text}");
    }
}

#[test]
fn variables_decide_the_page_and_fall_back_to_their_default() {
    let text = "query Q($n:Int=4){list(first:$n){...F}} fragment F on T{list(first:$n){leaf}}";
    let ask = |variables: &[_]| judge(text, Some("Q"), variables, u64::MAX).unwrap();
    assert_eq!(ask(&[]), 1 + 4 * 5);
    assert_eq!(ask(&[("n", ConstValue::from(2))]), 1 + 2 * 3);
    assert_eq!(ask(&[("n", ConstValue::Null)]), 1 + 20 * 21);
    assert_eq!(ask(&[("n", ConstValue::from("many"))]), 1 + 20 * 21);
    let both = "query A($n:Int=1){...F} query B($n:Int=9){...F} fragment F on T{list(first:$n){leaf}}";
    assert_eq!(judge(both, Some("A"), &[], 100), Ok(2));
    assert_eq!(judge(both, Some("B"), &[], 100), Ok(10));
}

#[test]
fn a_refusal_says_what_to_change() {
    let refusal = judge("{leaf all:list(first:100){list(first:100){leaf}}}", None, &[], 10_000).unwrap_err();
    assert_eq!((refusal.code, refusal.location), ("QUERY_TOO_COSTLY", Some((1, 1))));
    assert!(
        refusal
            .message
            .starts_with("The operation costs 10102, 10101 of it under \"all\"; the limit is 10000."),
        "{}",
        refusal.message
    );
}

#[test]
fn bombs_saturate_in_no_time() {
    let mut text = "{...F0}".to_owned();
    for level in 0..150 {
        let next = level + 1;
        text +=
            &format!("fragment F{level} on T{{list(first:100){{...F{next}}} list(first:100){{...F{next}}}}}");
    }
    text += "fragment F150 on T{leaf}";
    let start = Instant::now();
    assert_eq!(cost(&text), u64::MAX);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn a_page_never_counts_for_more_than_a_hundred_rows(size in any::<i64>()) {
        let text = "query Q($n:Int){list(first:$n){leaf}}";
        let cost = judge(text, Some("Q"), &[("n", ConstValue::from(size))], u64::MAX).unwrap();
        prop_assert_eq!(cost, 1 + size.clamp(0, 100).unsigned_abs());
    }
}
