//! The doors for SDKs that speak the wire of Segment and RudderStack: `/v1/track`, `/v1/batch` and so on, each also
//! by its first letter, as browsers call it. What
//! they send meets what other doors send in one queue, and is acknowledged when it is on disk.
//!
//! A batch is taken as far as it can be: an event that is wrong is told of in the answer and in the log, and the
//! others go in. Only a batch of which nothing is usable is refused, for SDKs give up what is answered with 400.

mod answers;
pub mod auth;
mod body;
mod event;
mod fields;
mod people;
mod post;
pub mod rate;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tower::ServiceBuilder;
use tower_http::decompression::RequestDecompressionLayer;

use crate::domain::ingest::arrival::Fate;
use crate::domain::ingest::queue::IngestQueue;
use crate::http::cors;
use crate::http::ingest::answers::{Answer, Refused};
use crate::http::ingest::auth::WriteKeys;
use crate::http::ingest::event::{Kind, Reading};
use crate::http::ingest::post::Post;
use crate::kernel::clock::Clock;
use crate::kernel::error::Error;
use crate::kernel::ids::Ids;

/// What these doors share.
#[derive(Clone)]
pub struct IngestState(Arc<Shared>);

struct Shared {
    keys: WriteKeys,
    queue: IngestQueue,
    clock: Clock,
    ids: Ids,
}

impl IngestState {
    pub fn new(keys: WriteKeys, queue: IngestQueue, clock: Clock, ids: Ids) -> Self {
        Self(Arc::new(Shared { keys, queue, clock, ids }))
    }
}

/// What a door takes.
#[derive(Clone, Copy)]
enum Door {
    One(Kind),
    Batch,
}

/// The doors. Pages of any origin may send: a browser's write key is no secret.
pub fn routes(state: IngestState) -> Router {
    // What analytics.js counts of itself. It is not ours to keep, and an answer of 404 would be an error in the
    // page's console.
    let mut router =
        Router::new().route("/v1/m", post(answers::nothing_kept).fallback(answers::wrong_method));
    let kinds = Kind::ALL.map(|kind| (kind.name(), Door::One(kind)));
    for (name, door) in kinds.into_iter().chain([("batch", Door::Batch)]) {
        let handler = move |State(state): State<IngestState>, request: Request| async move {
            receive(&state.0, door, request).await
        };
        let methods = post(handler).fallback(answers::wrong_method);
        for path in [name, &name[..1]] {
            router = router.route(&format!("/v1/{path}"), methods.clone());
        }
    }
    let decompression = RequestDecompressionLayer::new().gzip(true).br(true).pass_through_unaccepted(true);
    router
        .layer(ServiceBuilder::new().layer(from_fn(body::bound_sent)).layer(decompression))
        .layer(cors::any_origin())
        .with_state(state)
}

async fn receive(state: &Shared, door: Door, request: Request) -> Response {
    match take_in(state, door, request).await {
        Ok(refused) => answers::accepted(&refused),
        Err(answer) => answer.into_response(),
    }
}

/// Takes in what a request brings; what of it was refused.
async fn take_in(state: &Shared, door: Door, request: Request) -> Result<Vec<Refused>, Answer> {
    let (head, body) = request.into_parts();
    // A sender that nobody knows is not read to its end.
    let by_header = state.keys.of_header(&head.headers)?;
    let body = body::read(&head.headers, body).await?;
    let post = Post::parse(&body, door)?;
    let key = match by_header {
        Some(key) => key,
        None => state.keys.of_body(post.write_key.as_deref())?,
    };
    if let Some(limit) = &key.limit {
        limit.take(post.events.len())?;
    }
    let received_at = state.clock.now();
    let reading = Reading { key, post: &post, received_at, ids: &state.ids };
    let (mut arrivals, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (index, raw) in post.events.iter().enumerate() {
        match reading.arrival(raw) {
            Ok((message_id, arrival)) => {
                places.push((index, message_id));
                arrivals.push(arrival);
            }
            Err(wrong) => refused.push(Refused::unreadable(index, wrong)),
        }
    }
    let fates = state.queue.take_in(arrivals).await.map_err(|error| failed(&error))?;
    let late = places.into_iter().zip(fates).filter_map(|((index, id), fate)| Refused::late(index, id, fate));
    refused.extend(late);
    answers::log(&key.sender.name, &refused);
    if refused.len() == post.events.len() { Err(Answer::nothing_usable(refused)) } else { Ok(refused) }
}

fn failed(error: &Error) -> Answer {
    if error.is_passing() {
        tracing::warn!(%error, "what SDKs sent is not taken in");
        return Answer::unavailable();
    }
    tracing::error!(%error, "what SDKs sent could not be written");
    Answer::internal()
}

impl Refused {
    /// What was refused when it was to be recorded. What is withheld or kept apart was taken.
    fn late(index: usize, message_id: String, fate: Fate) -> Option<Self> {
        use crate::domain::behaviors::record::Outcome;
        match fate {
            Fate::Behavior(Outcome::Refused(reason)) | Fate::NotIntroduced(reason) => {
                Some(Self { index, message_id: Some(message_id), reason, is_too_large: false })
            }
            Fate::Behavior(_) | Fate::Introduced(_) => None,
        }
    }
}
