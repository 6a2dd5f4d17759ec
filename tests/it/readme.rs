//! The README's queries answer as printed there: its blocks are read, sent and compared.

use chrono_tz::Europe::Vienna;
use encircle::cli::demo::{DEMO_NOW, DemoPeople};
use encircle::db::Db;
use encircle::http::examples::{EXAMPLES, TokenKind};
use encircle::kernel::viewer::{Scopes, Viewer};
use serde_json::{Value, json};

use crate::harness::client::{Client, application_in};

const README: &str = include_str!("../../README.md");

/// A query of the README: the token it is sent with, its text, the answer printed under it.
struct Printed {
    token: &'static str,
    query: &'static str,
    answer: Value,
}

/// On the demo's data, every query of the README gives the answer under it, and all that GraphiQL opens with answers.
/// The README's queries are GraphiQL's first tabs.
pub async fn answers_as_printed(db: &Db, people: DemoPeople) {
    let app = application_in(db.clone(), DEMO_NOW, Vienna).await;
    let asked_by = |kind| match kind {
        TokenKind::Customer => Client::of(&app, Viewer::Customer(people.customer)),
        TokenKind::Touchpoint => Client::of(&app, Viewer::Touchpoint(people.touchpoint)),
        TokenKind::Staff => Client::of(&app, Viewer::staff(Scopes::all())),
    };
    let printed = printed();
    assert_eq!(
        printed.len(),
        7,
        "web, phone, kiosk; who somebody is, who belongs to what; what is shown, and why"
    );
    for (Printed { token, query, answer }, example) in printed.iter().zip(&EXAMPLES) {
        let kind = match *token {
            "demo-customer" => TokenKind::Customer,
            "demo-touchpoint" => TokenKind::Touchpoint,
            "demo-staff" => TokenKind::Staff,
            other => panic!("the README sends the token {other}, which the demo does not have"),
        };
        assert_eq!(
            (*query, kind),
            (example.query.trim_end(), example.token),
            "{} is GraphiQL's",
            example.name
        );
        let answered = asked_by(kind).answer(query, json!({})).await;
        assert_eq!(answered, *answer, "{query}\ngives\n{answered}");
    }
    for example in &EXAMPLES {
        let variables = example.variables.map_or(json!({}), |json| serde_json::from_str(json).expect("JSON"));
        let data = asked_by(example.token).good(example.query, variables).await;
        let roots = data.as_object().expect("an object");
        assert!(roots.values().all(|root| !root.is_null()), "{} gives {data}", example.name);
    }
}

/// The README's mutations are taken, one after the other, by staff of the demo.
pub async fn changes_are_taken(db: &Db) {
    let app = application_in(db.clone(), DEMO_NOW, Vienna).await;
    let blocks = README.split("```graphql\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mutations: Vec<&str> = blocks.filter(|block| block.starts_with("mutation")).collect();
    assert_eq!(
        mutations.len(),
        5,
        "an attribute is defined; a segment is tried and made; an offer is written, and one is tried; somebody signs in"
    );
    for mutation in mutations {
        let data = Client::of(&app, Viewer::staff(Scopes::all())).good(mutation, json!({})).await;
        for (field, payload) in data.as_object().expect("an object") {
            assert_eq!(payload["userErrors"], json!([]), "{field}");
            if field == "segmentPreview" {
                assert!(payload["preview"]["size"].as_u64().is_some_and(|size| size > 0), "{payload}");
            }
            if field == "offerSimulate" {
                let reached = &payload["simulation"]["reach"]["reached"]["estimate"];
                assert!(reached.as_u64().is_some_and(|reached| reached > 0), "{payload}");
            }
        }
        app.upkeep().once().await.expect("history is counted");
    }
}

fn printed() -> Vec<Printed> {
    README.split("\n### ").filter_map(section).collect()
}

/// A heading that names its token as `demo-…`, a graphql block, a json block.
fn section(text: &'static str) -> Option<Printed> {
    let (heading, body) = text.split_once('\n')?;
    let token = heading.split('`').find(|word| word.starts_with("demo-"))?;
    let answer = serde_json::from_str(block(body, "json")?).expect("the printed answer is JSON");
    Some(Printed { token, query: block(body, "graphql")?, answer })
}

fn block(text: &'static str, language: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once(&format!("```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}
