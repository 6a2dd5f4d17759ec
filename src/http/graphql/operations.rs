//! One operation of a WebSocket, from its request to its end.

use std::sync::Arc;

use axum::extract::ws::Message;
use axum::http::HeaderMap;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::graph::engine::Prepared;
use crate::graph::events::End;
use crate::graph::request::OperationKind;
use crate::http::errors::HttpError;
use crate::http::graphql::accept::MediaType;
use crate::http::graphql::events::authenticate;
use crate::http::graphql::outgoing::Outgoing;
use crate::http::graphql::params;
use crate::http::graphql::protocol::{Close, complete, of_operation};
use crate::http::state::HttpState;

/// Where the operation's messages go.
pub(super) struct Told {
    pub id: String,
    pub sender: Outgoing,
    /// Closes the whole socket.
    pub close: mpsc::Sender<Close>,
}

impl Told {
    /// False when nobody hears any more.
    async fn next(&self, answer: &[u8]) -> bool {
        self.sender.send(of_operation("next", &self.id, answer)).await.is_ok()
    }

    /// What ends the operation with errors of the request.
    fn refusal(&self, error: &HttpError) -> Message {
        of_operation("error", &self.id, &error.list())
    }
}

/// Runs an operation to its end; the message that tells of it, unless nobody hears any more.
pub(super) async fn run(
    state: HttpState,
    credentials: HeaderMap,
    payload: String,
    told: Told,
) -> Option<Message> {
    let prepared = match prepare(&state, &payload).await {
        Ok(prepared) => prepared,
        Err(error) => return Some(told.refusal(&error)),
    };
    match prepared.kind() {
        OperationKind::Subscription => events(&state, &credentials, prepared, &told).await,
        OperationKind::Query | OperationKind::Mutation => {
            match answer(&state, &credentials, prepared).await {
                Ok(answer) => told.next(&answer).await.then(|| complete(&told.id)),
                Err(error) => Some(told.refusal(&error)),
            }
        }
    }
}

async fn prepare(state: &HttpState, payload: &str) -> Result<Prepared, HttpError> {
    let operation = params::from_body(payload.as_bytes(), &state.settings.request)?;
    let prepared = state.graph.prepare(operation).await;
    prepared.map_err(|errors| HttpError::refused(errors, MediaType::GraphqlResponse))
}

/// Tells events until there are no more, or the server ends. Then nothing is said of it: a client that is told that it
/// is complete would not ask for it again where it connects next.
async fn events(
    state: &HttpState,
    credentials: &HeaderMap,
    prepared: Prepared,
    told: &Told,
) -> Option<Message> {
    let mut events = Arc::clone(&state.graph).subscribe(prepared, authenticate(state, credentials));
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = state.readiness.drained() => return None,
        };
        let Some(event) = event else { return Some(complete(&told.id)) };
        match event {
            Ok(answer) => {
                if !told.next(&answer).await {
                    return None;
                }
            }
            Err(End::TokenOver) => {
                let _ = told.close.send(Close::UNAUTHORIZED).await;
                return None;
            }
            Err(End::Failed(error)) => {
                return Some(told.refusal(&HttpError::failed(&error, &state.request_ids)));
            }
        }
    }
}

async fn answer(
    state: &HttpState,
    credentials: &HeaderMap,
    prepared: Prepared,
) -> Result<bytes::Bytes, HttpError> {
    let time = state.settings.request.time;
    let viewer = state.tokens.viewer(credentials, &state.request_ids).await?;
    let answer = tokio::time::timeout(time, state.graph.execute(prepared, viewer, false)).await;
    answer
        .map_err(|_| HttpError::took_too_long(time))?
        .map_err(|error| HttpError::failed(&error, &state.request_ids))
}
