//! Hostile documents through the door: each refused, quickly, with an answer of its own size.

use std::time::{Duration, Instant};

use super::harness::{Server, operation};

fn corpus() -> Vec<(String, &'static str)> {
    let deep = |depth: usize| format!("{{hello(name:{}{})}}", "[".repeat(depth), "]".repeat(depth));
    let mut fan = "{...F0}".to_owned();
    for level in 0..22 {
        fan += &format!("fragment F{level} on Query{{...F{0} ...F{0}}}", level + 1);
    }
    fan += "fragment F22 on Query{hello}";
    let many = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<String>();
    vec![
        (deep(65), "QUERY_TOO_COSTLY"),
        (deep(1_400), "QUERY_TOO_COSTLY"),
        (deep(20_000), "QUERY_TOO_COSTLY"),
        (fan, "QUERY_TOO_COSTLY"),
        ("{...A} fragment A on Query{...A}".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        (
            format!("{{hello}}{}", many(5_000, &|n| format!("fragment F{n} on Query{{hello}}"))),
            "QUERY_TOO_COSTLY",
        ),
        (format!("{{{}}}", many(20_000, &|n| format!("a{n}:hello "))), "QUERY_TOO_COSTLY"),
        (format!("{{{}}}", "__typename ".repeat(3_000)), "QUERY_TOO_COSTLY"),
        (format!("{{hello {}}}", "@x ".repeat(4_000)), "QUERY_TOO_COSTLY"),
        (format!("query({}){{hello}}", many(20_000, &|n| format!("$v{n}:Int "))), "QUERY_TOO_COSTLY"),
        (format!("{{{}}}", many(100, &|n| format!("nothing{n} "))), "GRAPHQL_VALIDATION_FAILED"),
        (format!("query({}){{hello}}", many(100, &|n| format!("$v{n}:Int "))), "GRAPHQL_VALIDATION_FAILED"),
        (format!("{{{} }}", format!("{} ", "n".repeat(99)).repeat(1_900)), "GRAPHQL_VALIDATION_FAILED"),
        (format!("{{{}}}", "n".repeat(200_000)), "QUERY_TOO_COSTLY"),
        ("{hello(name:\"\0\")}".to_owned(), "BAD_USER_INPUT"),
        ("{hello(name:\"\\u0000\")}".to_owned(), "GRAPHQL_PARSE_FAILED"),
    ]
}

#[tokio::test]
async fn every_document_of_the_corpus_is_refused_in_little_time_and_space() {
    let server = Server::new();
    for (document, code) in corpus() {
        let body = operation(&document);
        let start = Instant::now();
        let answered = server.post(body, &[]).await;
        let shown: String = document.chars().take(60).collect();
        assert_eq!(answered.code(), code, "{shown}");
        assert!(answered.status.as_u16() < 500);
        assert!(answered.json()["errors"].as_array().unwrap().len() <= 20, "{shown}");
        assert!(answered.body.len() <= 8 * 1024, "{shown}: {} bytes", answered.body.len());
        // Unbounded, the worst of these takes seconds; a busy machine has room here.
        assert!(start.elapsed() < Duration::from_millis(500), "{shown}: {:?}", start.elapsed());
    }
    assert_eq!(server.ask("{hello}").await.status, 200);
}

#[tokio::test]
async fn a_refusal_points_at_its_place() {
    let answered = Server::new().ask("{\n  hello(name: \"a").await;
    assert_eq!(answered.json()["errors"][0]["locations"], serde_json::json!([{ "line": 2, "column": 15 }]));
}
