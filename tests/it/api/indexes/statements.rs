//! The texts of the statements that a piece of work sends, overheard where the read door logs them.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

/// Runs work on this thread and gives the texts of what it sent, in order.
pub async fn recorded<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    let texts = Texts::default();
    let recording = tracing::subscriber::set_default(registry().with(texts.clone()));
    let output = work.await;
    drop(recording);
    let texts = std::mem::take(&mut *texts.0.lock().expect("nobody panicked"));
    (output, texts)
}

#[derive(Clone, Default)]
struct Texts(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Texts {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sql" {
            event.record(&mut Text(&self.0));
        }
    }
}

/// Takes the one field of such an event.
struct Text<'a>(&'a Mutex<Vec<String>>);

impl Visit for Text<'_> {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.lock().expect("nobody panicked").push(value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        panic!("{field} is not a text: {value:?}");
    }
}
