//! A connected device in process: subscribes as one viewer or another, and reads what it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use encircle::app::App;
use encircle::graph::events::Event;
use encircle::graph::request::Operation;
use encircle::http::graphql::service::Graph;
use encircle::kernel::viewer::Viewer;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::Value;
use tokio::time::timeout;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A subscription.
pub struct Subscription {
    events: BoxStream<'static, Event>,
    is_signed_in: Arc<AtomicBool>,
}

impl Subscription {
    pub async fn open(app: &Arc<App>, viewer: Viewer, query: &str, variables: Value) -> Self {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        let operation = Operation { query: query.to_owned(), operation_name: None, variables };
        let prepared = app.prepare(operation).await.expect("the subscription is good");
        let is_signed_in = Arc::new(AtomicBool::new(true));
        let signed_in = Arc::clone(&is_signed_in);
        let authenticate = move || -> BoxFuture<'static, _> {
            let viewer = signed_in.load(Ordering::Relaxed).then_some(viewer);
            Box::pin(async move { Ok(viewer) })
        };
        Self { events: Arc::clone(app).subscribe(prepared, Box::new(authenticate)), is_signed_in }
    }

    /// Its token is no longer good.
    pub fn sign_out(&self) {
        self.is_signed_in.store(false, Ordering::Relaxed);
    }

    /// What comes next; none: nothing any more.
    pub async fn event(&mut self) -> Option<Event> {
        timeout(LONG, self.events.next()).await.expect("something comes")
    }

    pub async fn answer(&mut self) -> Value {
        match self.event().await {
            Some(Ok(answer)) => serde_json::from_slice(&answer).expect("JSON"),
            other => panic!("an answer, not {other:?}"),
        }
    }

    /// The code of the error with which it ends.
    pub async fn refusal(&mut self) -> String {
        let answer = self.answer().await;
        assert!(self.event().await.is_none(), "there is nothing to come");
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("an error, not {answer}")).to_owned()
    }
}
