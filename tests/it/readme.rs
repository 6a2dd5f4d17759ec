//! The README's queries answer as printed there: its blocks are read, sent and compared.

use encircle::cli::demo::{DEMO_NOW, DemoPeople};
use encircle::db::Db;
use encircle::kernel::viewer::Viewer;
use serde_json::{Value, json};

use crate::harness::client::{Client, application};

const README: &str = include_str!("../../README.md");

/// A query of the README: the token it is sent with, its text, the answer printed under it.
struct Printed {
    token: &'static str,
    query: &'static str,
    answer: Value,
}

/// On the demo's data, every query of the README gives the answer under it.
pub async fn answers_as_printed(db: &Db, people: DemoPeople) {
    let app = application(db.clone(), DEMO_NOW).await;
    let printed = printed();
    assert_eq!(printed.len(), 3, "web, phone and kiosk");
    for Printed { token, query, answer } in printed {
        let viewer = match token {
            "demo-customer" => Viewer::Customer(people.customer),
            "demo-touchpoint" => Viewer::Touchpoint(people.touchpoint),
            other => panic!("the README sends the token {other}, which the demo does not have"),
        };
        let answered = Client::of(&app, viewer).answer(query, json!({})).await;
        assert_eq!(answered, answer, "{query}");
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
