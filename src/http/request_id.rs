//! Every request has an id, in its log lines and in the answer's `x-request-id`: the caller's own if it is
//! fit for a log, else a new one. An error of ours has an id of the same making.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use entities::ids::Id;
use tower_http::request_id::{MakeRequestId, RequestId};
use uuid::Uuid;

use crate::kernel::clock::Clock;
use crate::kernel::ids::Ids;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a caller.
const MAX_LENGTH: usize = 64;

#[derive(Clone, Debug)]
pub struct RequestIds {
    ids: Ids,
    clock: Clock,
}

impl RequestIds {
    pub(super) fn new(ids: Ids, clock: Clock) -> Self {
        Self { ids, clock }
    }

    /// An id for something that happened now.
    pub(super) fn next(&self) -> String {
        let id: RequestUuid = self.ids.next(self.clock.now());
        id.0.simple().to_string()
    }
}

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::try_from(self.next()).ok().map(RequestId::new)
    }
}

/// Drops an id that could forge or flood a log line; a new one is made in its place.
pub(super) fn drop_unfit(mut request: Request) -> Request {
    let fit = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        !bytes.is_empty()
            && bytes.len() <= MAX_LENGTH
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    };
    if request.headers().get(REQUEST_ID).is_some_and(|value| !fit(value)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RequestUuid(Uuid);

impl Id for RequestUuid {
    const PREFIX: &'static str = "req";
    fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }
    fn uuid(self) -> Uuid {
        self.0
    }
}
