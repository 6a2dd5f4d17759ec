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
use crate::http::graphql::params;
use crate::http::graphql::protocol::{Close, complete, of_operation};
use crate::http::state::HttpState;

/// Where the operation's messages go.
pub(super) struct Told {
    pub id: String,
    pub sender: mpsc::Sender<Message>,
    /// Closes the whole socket.
    pub close: mpsc::Sender<Close>,
}

impl Told {
    /// False when nobody hears any more.
    async fn next(&self, answer: &[u8]) -> bool {
        self.sender.send(of_operation("next", &self.id, answer)).await.is_ok()
    }

    /// Ends the operation with errors of the request.
    async fn refuse(&self, error: &HttpError) {
        let _ = self.sender.send(of_operation("error", &self.id, &error.list())).await;
    }
}

/// Runs an operation to its end.
pub(super) async fn run(state: HttpState, credentials: HeaderMap, payload: String, told: Told) {
    let prepared = match prepare(&state, &payload).await {
        Ok(prepared) => prepared,
        Err(error) => return told.refuse(&error).await,
    };
    let goes_on = match prepared.kind() {
        OperationKind::Subscription => events(&state, &credentials, prepared, &told).await,
        OperationKind::Query | OperationKind::Mutation => {
            match answer(&state, &credentials, prepared).await {
                Ok(answer) => told.next(&answer).await,
                Err(error) => return told.refuse(&error).await,
            }
        }
    };
    if goes_on {
        let _ = told.sender.send(complete(&told.id)).await;
    }
}

async fn prepare(state: &HttpState, payload: &str) -> Result<Prepared, HttpError> {
    let operation = params::from_body(payload.as_bytes(), &state.settings.request)?;
    let prepared = state.graph.prepare(operation).await;
    prepared.map_err(|errors| HttpError::refused(errors, MediaType::GraphqlResponse))
}

/// Tells events until there are no more; whether that is to be told.
async fn events(state: &HttpState, credentials: &HeaderMap, prepared: Prepared, told: &Told) -> bool {
    let mut events = Arc::clone(&state.graph).subscribe(prepared, authenticate(state, credentials));
    while let Some(event) = events.next().await {
        match event {
            Ok(answer) => {
                if !told.next(&answer).await {
                    return false;
                }
            }
            Err(End::TokenOver) => {
                let _ = told.close.send(Close::UNAUTHORIZED).await;
                return false;
            }
            Err(End::Failed(error)) => {
                told.refuse(&HttpError::failed(&error, &state.request_ids)).await;
                return false;
            }
        }
    }
    true
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
