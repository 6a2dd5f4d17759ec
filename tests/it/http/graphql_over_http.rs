//! The GraphQL over HTTP specification: methods, media types, statuses, parameters.

use axum::body::Body;
use serde_json::json;

use super::harness::{Server, operation, request};

const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
const JSON: (&str, &str) = ("accept", "application/json");

#[tokio::test]
async fn the_answer_has_the_media_type_that_was_accepted() {
    let server = Server::new();
    for (headers, expected) in [
        (vec![], "application/json; charset=utf-8"),
        (vec![("accept", "*/*")], "application/json; charset=utf-8"),
        (vec![JSON], "application/json; charset=utf-8"),
        (vec![GRAPHQL], "application/graphql-response+json; charset=utf-8"),
    ] {
        for query in ["{hello}", "{"] {
            let answered = server.post(operation(query), &headers).await;
            assert_eq!(answered.header("content-type"), expected);
            assert!(answered.header("vary").starts_with("Accept"));
        }
    }
    let answered = server.post(operation("{hello}"), &[("accept", "image/png")]).await;
    assert_eq!(answered.status, 406);
    assert_eq!(answered.code(), "BAD_USER_INPUT");
    assert_eq!(answered.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_request_error_has_no_data_and_the_status_of_its_media_type() {
    let server = Server::new();
    for (body, code) in [
        (operation("{"), "GRAPHQL_PARSE_FAILED"),
        (operation("{nothing}"), "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({ "query": "query($v:String!){hello(name:$v)}", "variables": { "v": null } }).to_string(),
            "BAD_USER_INPUT",
        ),
        (json!({ "query": "query A{hello}", "operationName": "B" }).to_string(), "GRAPHQL_VALIDATION_FAILED"),
        (operation(&"{thing".repeat(80)), "QUERY_TOO_COSTLY"),
    ] {
        for (accept, status) in [(JSON, 200), (GRAPHQL, 400)] {
            let answered = server.post(body.clone(), &[accept]).await;
            assert_eq!(answered.status, status, "{body}");
            assert_eq!(answered.code(), code, "{body}: {}", answered.message());
            assert!(answered.json().get("data").is_none());
        }
    }
}

#[tokio::test]
async fn parameters_of_the_wrong_type_are_refused_by_name() {
    let server = Server::new();
    for name in ["query", "operationName", "variables", "extensions"] {
        for wrong in [json!(0), json!(false), json!(["x"]), json!({ "a": 1 }), json!("text")] {
            let right = wrong.is_string() == matches!(name, "query" | "operationName")
                && (wrong.is_string() || wrong.is_object());
            if right {
                continue;
            }
            let mut body = json!({ "query": "{hello}" });
            body[name] = wrong.clone();
            let answered = server.post(body.to_string(), &[]).await;
            assert_eq!(answered.status, 400, "{name} {wrong}");
            assert!(answered.message().contains(&format!("`{name}`")), "{}", answered.message());
        }
    }
    for (body, reason) in [
        ("", "empty"),
        ("  ", "empty"),
        ("{", "without its end"),
        ("{\"query\": NaN}", "not valid JSON"),
        ("null", "must be a JSON object"),
        ("\"{hello}\"", "must be a JSON object"),
        ("[{\"query\":\"{hello}\"}]", "Batches"),
        ("{\"qeury\":\"{hello}\"}", "`query` is missing"),
        ("{\"query\":null}", "`query` is missing"),
    ] {
        let answered = server.post(body, &[]).await;
        assert_eq!(answered.status, 400, "{body}");
        assert_eq!(answered.code(), "BAD_USER_INPUT");
        assert!(answered.message().contains(reason), "{}", answered.message());
    }
    let hash = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } });
    let answered = server.post(hash.to_string(), &[]).await;
    assert_eq!((answered.status.as_u16(), &*answered.message()), (400, "PersistedQueryNotSupported"));
}

#[tokio::test]
async fn get_serves_queries_with_all_parameters() {
    let server = Server::new();
    let uri = "query=query%20Q($n:String!)%7Bhello(name:$n)%7D&operationName=Q&variables=%7B%22n%22:%22you%22%7D\
               &extensions=%7B%7D";
    let answered = server.get(uri, &[GRAPHQL]).await;
    assert_eq!(
        (answered.status.as_u16(), answered.json()),
        (200, json!({ "data": { "hello": "hello you" } }))
    );
    assert_eq!(server.get("query=%7Bhello%7D&variables=&operationName=", &[]).await.status, 200);
    for (query, status) in [
        ("", 400),
        ("variables=%7B%7D", 400),
        ("query=%7Bhello%7D&variables=%7B", 400),
        ("query=%7Bhello%7D&variables=%5B%5D", 400),
        ("query=%7Bhello%7D&extensions=1", 400),
        ("query=%7Bhello%7D&query=%7Bviewer%7D", 400),
    ] {
        let answered = server.get(query, &[]).await;
        assert_eq!((answered.status.as_u16(), &*answered.code()), (status, "BAD_USER_INPUT"), "{query}");
    }
}

#[tokio::test]
async fn a_mutation_runs_by_post_of_json_only() {
    let server = Server::new();
    let bump = operation("mutation{bump}");
    for headers in [vec![], vec![GRAPHQL], vec![("graphql-preflight", "1")]] {
        let answered = server.get("query=mutation%7Bbump%7D", &headers).await;
        assert_eq!((answered.status.as_u16(), answered.header("allow")), (405, "POST"));
    }
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/graphql",
        "application/graphql-response+json",
        "application/jsonp",
        "application/json, text/plain",
        "application/json;charset=utf-16",
    ] {
        let headers = [("content-type", media)];
        let answered = server.send(request("POST", "/graphql", &headers, Body::from(bump.clone()))).await;
        assert_eq!(
            (answered.status.as_u16(), answered.header("accept")),
            (415, "application/json"),
            "{media}"
        );
    }
    let answered = server.send(request("POST", "/graphql", &[], Body::from(bump.clone()))).await;
    assert_eq!(answered.status, 415);
    assert_eq!(server.bumps(), 0);
    let headers = [("content-type", "Application/JSON ; charset=\"UTF-8\"")];
    let answered = server.send(request("POST", "/graphql", &headers, Body::from(bump))).await;
    assert_eq!(answered.json(), json!({ "data": { "bump": 1 } }));
}

#[tokio::test]
async fn other_methods_are_refused_with_those_allowed() {
    let server = Server::new();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answered = server.send(request(method, "/graphql", &[], Body::empty())).await;
        assert_eq!(
            (answered.status.as_u16(), answered.header("allow")),
            (405, "GET, HEAD, POST"),
            "{method}"
        );
        assert_eq!(answered.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn a_browser_without_a_query_is_sent_to_the_console() {
    let server = Server::new();
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let answered = server.get("", &[browser]).await;
    assert_eq!((answered.status.as_u16(), answered.header("location")), (303, "/graphiql"));
    assert_eq!(server.get("query=%7Bhello%7D", &[browser]).await.json()["data"]["hello"], "hello ");
    assert_eq!(server.get("", &[("accept", "application/json")]).await.status, 400);
}
