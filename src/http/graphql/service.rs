//! What the doors ask of the graph. They do not know its roots or its reader: the application joins both.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::graph::engine::Prepared;
use crate::graph::events::{Authenticate, Event};
use crate::graph::request::{Operation, RequestError};
use crate::kernel::error::Result;
use crate::kernel::viewer::Viewer;

/// A graph that answers requests: an engine, and a reader made for each viewer.
pub trait Graph: Send + Sync + 'static {
    /// Checks a request; nothing is executed.
    fn prepare(&self, operation: Operation) -> BoxFuture<'_, Result<Prepared, Vec<RequestError>>>;

    /// Executes a checked request for a viewer: the whole answer as JSON. With `explain` the plan is in it.
    fn execute(&self, prepared: Prepared, viewer: Viewer, explain: bool) -> BoxFuture<'_, Result<Bytes>>;

    /// The events of a checked subscription. Who asks is asked again for each.
    fn subscribe(
        self: Arc<Self>,
        prepared: Prepared,
        authenticate: Authenticate,
    ) -> BoxStream<'static, Event>;
}
