//! Who asks, and what is said to strangers.

use super::harness::{CUSTOMER_TOKEN, STAFF_TOKEN, Server, operation};

async fn ask(server: &Server, authorization: &[&str]) -> super::harness::Answered {
    let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
    server.post(operation("{viewer}"), &headers).await
}

#[tokio::test]
async fn a_token_speaks_for_its_viewer() {
    let server = Server::new();
    for (authorization, viewer) in [
        (vec![], "anonymous"),
        (vec![format!("Bearer {CUSTOMER_TOKEN}")], "customer"),
        (vec![format!("bearer   {STAFF_TOKEN} ")], "staff"),
    ] {
        let values: Vec<_> = authorization.iter().map(String::as_str).collect();
        let answered = ask(&server, &values).await;
        assert_eq!(answered.json()["data"]["viewer"], viewer);
        let private = if viewer == "anonymous" { "" } else { "private, no-store" };
        assert_eq!(answered.header("cache-control"), private);
        assert!(answered.header("vary").contains("Authorization"));
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_before_anything_else() {
    let server = Server::new();
    let long = format!("Bearer {}", "a".repeat(5_000));
    for authorization in [
        vec!["Bearer unknown"],
        vec!["Bearer customer-token2"],
        vec!["Bearer CUSTOMER-TOKEN"],
        vec!["Bearer"],
        vec!["Bearer "],
        vec![""],
        vec!["customer-token"],
        vec!["Basic Y3VzdG9tZXItdG9rZW46"],
        vec!["Bearer customer-token extra"],
        vec!["Bearer customer-token", "Bearer staff-token"],
        vec![long.as_str()],
    ] {
        let answered = ask(&server, &authorization).await;
        assert_eq!(answered.status, 401, "{authorization:?}");
        assert_eq!(answered.code(), "UNAUTHENTICATED");
        assert!(answered.header("www-authenticate").starts_with("Bearer "));
        assert!(answered.json().get("data").is_none());
    }
    let body = server.post("{ not json", &[("authorization", "Bearer unknown")]).await;
    assert_eq!(body.status, 401, "a stranger's body is not read");
}

#[tokio::test]
async fn a_plan_is_given_to_those_who_may_see_it() {
    let server = Server::new();
    for (token, asked, given) in
        [(STAFF_TOKEN, "1", true), (STAFF_TOKEN, "0", false), (CUSTOMER_TOKEN, "1", false)]
    {
        let headers = [("authorization", &*format!("Bearer {token}")), ("encircle-explain", asked)];
        let answered = server.post(operation("{viewer}"), &headers).await;
        assert_eq!(answered.json()["extensions"]["plan"].is_array(), given, "{token} {asked}");
    }
}
