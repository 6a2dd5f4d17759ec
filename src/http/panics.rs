//! A panic is our fault and ends one request, not the connection: it is answered with an id and logged with
//! its cause under the same id.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::ResponseForPanic;

use crate::http::errors::HttpError;
use crate::http::request_id::RequestIds;

#[derive(Clone)]
pub(super) struct PanicAnswer(pub(super) RequestIds);

impl ResponseForPanic for PanicAnswer {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let cause = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message");
        let error_id = self.0.next();
        tracing::error!(error_id, cause, "a request panicked");
        HttpError::internal(error_id).into_response()
    }
}
