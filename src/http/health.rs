//! `/healthz`: the process lives. `/readyz`: it should be sent requests.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::shutdown::Unready;
use crate::http::state::HttpState;

pub(super) async fn healthz() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok" }))).into_response()
}

pub(super) async fn readyz(State(state): State<HttpState>) -> Response {
    let (status, body) = match state.readiness.check().await {
        Ok(()) => (StatusCode::OK, json!({ "status": "ready" })),
        Err(Unready::Draining) => {
            (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "unready", "reason": "draining" }))
        }
        Err(Unready::Database) => {
            (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "unready", "reason": "database" }))
        }
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
