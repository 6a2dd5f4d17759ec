//! All doors and what every request passes on its way in and out.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::http::compression::CompressLayer;
use crate::http::errors::HttpError;
use crate::http::panics::PanicAnswer;
use crate::http::request_id::{REQUEST_ID, drop_unfit};
use crate::http::state::HttpState;
use crate::http::{cors, encodings, graphql, health, trace};

/// The whole server; `pages` are the routes of the console and of the doors for SDKs.
pub fn router(state: HttpState, pages: Router) -> Router {
    let graphql = get(graphql::get).post(graphql::post).fallback(graphql::wrong_method);
    // Each layer on a route is a box that every request clones: none is put on that does nothing.
    let graphql = match cors::layer(&state.settings.allowed_origins) {
        Some(cors) => graphql.layer(cors),
        None => graphql,
    };
    let ids = state.request_ids.clone();
    Router::new()
        .route("/graphql", graphql)
        .route("/graphql/ws", get(graphql::socket::upgrade))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .with_state(state)
        .merge(pages)
        .fallback(not_found)
        .layer(
            ServiceBuilder::new()
                .layer(MapRequestLayer::new(drop_unfit))
                .layer(SetRequestIdLayer::new(REQUEST_ID, ids.clone()))
                .layer(
                    TraceLayer::new_for_http()
                        .make_span_with(trace::span)
                        .on_request(())
                        .on_response(trace::answered)
                        .on_failure(()),
                )
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(MapRequestLayer::new(encodings::accept_plain))
                .layer(CompressLayer)
                .layer(CatchPanicLayer::custom(PanicAnswer(ids))),
        )
}

async fn not_found() -> HttpError {
    HttpError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here; the graph is at /graphql.")
}
