//! What texts are refused before parsing: cases, and laws over generated texts.

use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::*;

fn refusal(text: &str) -> Refusal {
    scan(text, &TextLimits::default()).expect_err(&format!("{} bytes pass", text.len()))
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{{a(x:{}{})}}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn depth_is_bounded_in_every_place_brackets_may_stand() {
    for depth in [65, 1_000, 1_400, 7_000, 20_000] {
        for text in [
            nested("[", "]", depth),
            nested("{x:", "}", depth),
            format!("{}a{}", "{a".repeat(depth), "}".repeat(depth)),
            format!("query($v:T={}{}){{a}}", "[".repeat(depth), "]".repeat(depth)),
            format!("query($v:{}T{}){{a}}", "[".repeat(depth), "]".repeat(depth)),
            format!("{{a @d(x:{}{})}}", "[".repeat(depth), "]".repeat(depth)),
            "(".repeat(depth),
        ] {
            let refusal = refusal(&text);
            assert_eq!(refusal.code, "QUERY_TOO_COSTLY");
            assert!(refusal.message.contains("more than 64 deep"), "{}", refusal.message);
        }
    }
    assert_eq!(scan(&nested("[", "]", 62), &TextLimits::default()), Ok(()));
}

#[test]
fn brackets_in_strings_and_comments_do_not_nest() {
    let brackets = "[".repeat(200);
    for text in [
        format!("{{a(x:\"{brackets}\")}}"),
        format!("{{a(x:\"\\\"{brackets}\")}}"),
        format!("{{a(x:\"\"\"{brackets}\n\\\"\"\" \" \"\" {brackets}\"\"\")}}"),
        format!("#{brackets}\n{{a}}"),
    ] {
        assert_eq!(scan(&text, &TextLimits::default()), Ok(()), "{text}");
        parse_query(&text).expect("the parser agrees");
    }
}

#[test]
fn brackets_cannot_hide_behind_a_string_without_an_end() {
    // The parser takes an unclosed block string for an empty string and one more.
    let hidden = format!("{{a(x:[\"\"\"x\" {} {}])}}", "[".repeat(40), "]".repeat(40));
    parse_query(&hidden).expect("the parser sees brackets here");
    assert_eq!(refusal(&hidden).code, "GRAPHQL_PARSE_FAILED");
    for text in ["{a(x:\"abc", "{a(x:\"abc\n\")}", "{a(x:\"\\", "{a(x:\"\"\"abc\"\")}", "\"\\\n[[\""] {
        assert!(refusal(text).message.contains("does not end"), "{text}");
    }
    // A carriage return alone ends a comment, for the parser too.
    assert_eq!(refusal(&format!("#\r{}", "[".repeat(65))).code, "QUERY_TOO_COSTLY");
}

#[test]
fn nul_and_control_characters_are_refused_where_they_stand() {
    for (text, location) in [
        ("{\n  a\0}", (2, 4)),
        ("{a(x:\"é\0\")}", (1, 8)),
        ("{a(x:\"\"\"\n\u{7}\"\"\")}", (2, 1)),
        ("# \u{1b}\n{a}", (1, 3)),
        ("{a(x:\"\\u0000\")}", (1, 7)),
        ("{a(x:\"\\\0\")}", (1, 8)),
        ("{a\u{7f}}", (1, 3)),
    ] {
        let refusal = refusal(text);
        assert_eq!((refusal.code, refusal.location), ("GRAPHQL_PARSE_FAILED", Some(location)), "{text:?}");
    }
    // An escaped backslash is no escape of what follows it.
    assert_eq!(scan("{a(x:\"\\\\u0000 \\u0001\")}", &TextLimits::default()), Ok(()));
}

#[test]
fn size_tokens_and_names_are_bounded() {
    assert!(refusal(&" ".repeat(256 * 1024 + 1)).message.contains("262145 bytes"));
    assert_eq!(scan(&" ".repeat(256 * 1024), &TextLimits::default()), Ok(()));
    for flood in ["a ", "!", "\"\" ", "1 ", "..."] {
        assert_eq!(scan(&flood.repeat(10_000), &TextLimits::default()), Ok(()), "{flood}");
        assert!(refusal(&flood.repeat(10_001)).message.contains("10000 tokens"), "{flood}");
    }
    assert!(refusal(&format!("{{a {}}}", "x".repeat(101))).message.contains("101 characters"));
}

#[test]
fn a_byte_order_mark_is_white_space() {
    assert_eq!(scan("\u{feff}{a}", &TextLimits::default()), Ok(()));
}

/// Text that looks enough like GraphQL to reach every branch.
fn graphql_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "\"\"\"",
            "\\",
            "\\\"\"\"",
            "\\u0000",
            "#",
            "\n",
            "\r",
            "...",
            "a",
            "query",
            "fragment F on T",
            "@skip(if:$v)",
            "$v",
            ":",
            "1.5e3",
            "-",
            ",",
            " ",
            "\u{feff}",
            "é",
            "\0",
            "\"x\"",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

/// Nesting of the brackets the parser itself saw, from its own tokens: the oracle of the depth law.
fn value_depth(value: &async_graphql_value::Value) -> usize {
    match value {
        async_graphql_value::Value::List(items) => 1 + items.iter().map(value_depth).max().unwrap_or(0),
        async_graphql_value::Value::Object(fields) => 1 + fields.values().map(value_depth).max().unwrap_or(0),
        _ => 0,
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC*|[\\x00-\\x7f]{0,200}") {
        let _ = scan(&text, &TextLimits::default());
    }

    #[test]
    fn what_passes_is_as_shallow_for_the_parser(text in graphql_like(), depth in 1_usize..6) {
        let limits = TextLimits { depth, ..TextLimits::default() };
        let argument = format!("{{a(x:[{text}])}}");
        if scan(&argument, &limits).is_ok()
            && let Ok(document) = parse_query(&argument)
            && let Some((_, operation)) = document.operations.iter().next()
        {
            for item in &operation.node.selection_set.node.items {
                if let async_graphql::parser::types::Selection::Field(field) = &item.node {
                    for (_, value) in &field.node.arguments {
                        // `{` and `(` are around it.
                        prop_assert!(value_depth(&value.node) + 2 <= depth);
                    }
                }
            }
        }
    }

    #[test]
    fn what_the_parser_takes_is_refused_only_by_a_limit_or_for_what_it_does_not_see(text in graphql_like()) {
        let argument = format!("{{a(x:[{text}])}}");
        if parse_query(&argument).is_ok() && let Err(refusal) = scan(&argument, &TextLimits::default()) {
            let control = text.contains("\\u0000")
                || text.chars().any(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'));
            let said = |text| refusal.message.contains(text);
            let unseen = said("does not end") || said("nothing in these parentheses") || said("stands twice");
            prop_assert!(control || unseen || refusal.code == "QUERY_TOO_COSTLY", "{}", refusal.message);
        }
    }
}

#[test]
fn a_field_stands_once_in_an_input_object() {
    for (text, location) in [
        ("{a(x:{b:1,b:2})}", (1, 12)),
        ("{a(x:[{b:{c:1 d:2}\n b:2}])}", (2, 3)),
        ("query($v:T={a:1 a:1}){a}", (1, 18)),
        ("{a @d(x:{\nb:\"\" # b:\n b : 1})}", (3, 4)),
    ] {
        let refusal = refusal(text);
        assert_eq!((refusal.code, refusal.location), ("GRAPHQL_VALIDATION_FAILED", Some(location)), "{text}");
    }
    for text in [
        "{a(x:{b:1},y:{b:1}) a:b a:b{b:c b:c}}",
        "{a(x:[{b:1}{b:{b:{b:b}}}])}",
        "{a(x:1){b:c(y:{e:b,b:\"b:\"}) b:c}}",
    ] {
        assert_eq!(scan(text, &TextLimits::default()), Ok(()), "{text}");
        parse_query(text).expect("the parser agrees");
    }
}

#[test]
fn parentheses_hold_something() {
    for text in ["query Q(){a}", "{a( # nothing\n )}", "{a @d(,)}"] {
        assert_eq!(refusal(text).code, "GRAPHQL_PARSE_FAILED", "{text}");
    }
    assert_eq!(scan("{a(x:\"()\")}", &TextLimits::default()), Ok(()));
}
