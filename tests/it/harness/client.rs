//! A frontend in process: sends operations to the application as one viewer or another.

use chrono_tz::Tz;
use encircle::app::App;
use encircle::config::AppSettings;
use encircle::db::Db;
use encircle::graph::limits::{DocumentLimits, SelectionLimits, TextLimits};
use encircle::graph::request::Operation;
use encircle::http::graphql::service::Graph;
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use encircle::kernel::viewer::{Scopes, Viewer};
use entities::ids::{CustomerId, TouchpointId};
use entities::timestamp::Timestamp;
use serde_json::{Value, json};

/// The application over a database, with a clock that stands still and no limit on what a test may ask.
pub async fn application(db: Db, now: Timestamp) -> App {
    application_in(db, now, Tz::UTC).await
}

/// The same where the brand's days begin in another zone.
pub async fn application_in(db: Db, now: Timestamp, time_zone: Tz) -> App {
    let limits = DocumentLimits {
        text: TextLimits { bytes: 16 << 20, tokens: 4_000_000, ..TextLimits::default() },
        selection: SelectionLimits {
            selections: 1_000_000,
            document_selections: 10_000_000,
            depth: 40,
            aliases: 10_000,
            ..SelectionLimits::default()
        },
        cost: u64::MAX,
    };
    let settings = AppSettings { limits, time_zone, ..AppSettings::default() };
    App::open(db, Clock::fixed(now), Ids::seeded(7), &settings).await.expect("the application opens")
}

/// One caller of the application.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    app: &'a App,
    viewer: Viewer,
}

impl<'a> Client<'a> {
    pub fn of(app: &'a App, viewer: Viewer) -> Self {
        Self { app, viewer }
    }

    pub fn anonymous(app: &'a App) -> Self {
        Self::of(app, Viewer::Anonymous)
    }

    pub fn customer(app: &'a App, id: CustomerId) -> Self {
        Self::of(app, Viewer::Customer(id))
    }

    pub fn touchpoint(app: &'a App, id: TouchpointId) -> Self {
        Self::of(app, Viewer::Touchpoint(id))
    }

    pub fn staff(app: &'a App) -> Self {
        Self::of(app, Viewer::staff(Scopes::all()))
    }

    pub fn staff_without_scopes(app: &'a App) -> Self {
        Self::of(app, Viewer::staff(Scopes::default()))
    }

    /// The answer's text. A request that was refused is written as an answer with errors and no data.
    pub async fn text(&self, query: &str, variables: Value) -> String {
        self.execute(query, variables, false).await
    }

    /// The whole answer.
    pub async fn answer(&self, query: &str, variables: Value) -> Value {
        parse(&self.text(query, variables).await)
    }

    /// The data of an answer that has no errors.
    pub async fn good(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables.clone()).await;
        assert_eq!(answer.get("errors"), None, "{:?} asked {query} with {variables}", self.viewer);
        answer["data"].take()
    }

    /// The data and the plan of an answer that has no errors.
    pub async fn explained(&self, query: &str) -> (Value, Vec<Value>) {
        let mut answer = parse(&self.execute(query, json!({}), true).await);
        assert_eq!(answer.get("errors"), None, "{query}");
        let plan = answer["extensions"]["plan"].as_array().cloned();
        (answer["data"].take(), plan.expect("an explained answer carries its plan"))
    }

    /// Checks that the first error of the answer has this code, and gives the answer.
    pub async fn fails_with(&self, query: &str, variables: Value, code: &str) -> Value {
        let answer = self.answer(query, variables.clone()).await;
        let found = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(found, code, "{query} with {variables} gave {answer}");
        answer
    }

    async fn execute(&self, query: &str, variables: Value, explain: bool) -> String {
        let Value::Object(variables) = variables else { panic!("variables are an object: {variables}") };
        let operation = Operation { query: query.to_owned(), operation_name: None, variables };
        let prepared = match self.app.prepare(operation).await {
            Ok(prepared) => prepared,
            Err(refusals) => {
                let errors: Vec<Value> = refusals
                    .iter()
                    .map(|error| json!({ "message": error.message, "extensions": { "code": error.code } }))
                    .collect();
                return json!({ "errors": errors }).to_string();
            }
        };
        let answer = self.app.execute(prepared, self.viewer, explain).await.expect("the answer is written");
        String::from_utf8(answer.to_vec()).expect("the answer is UTF-8")
    }
}

fn parse(answer: &str) -> Value {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error} in {answer}"))
}
