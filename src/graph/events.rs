//! The events of a subscription, between who reads them and the door that sends them.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::Viewer;

/// Who asks, as of now; none when the token is no longer good.
pub type Authenticate = Box<dyn Fn() -> BoxFuture<'static, Result<Option<Viewer>>> + Send + Sync>;

/// What was read for one event.
#[derive(Clone, Debug)]
pub struct Answer {
    pub json: Bytes,
    /// Whether it lacks something that could not be read and may be there in a moment, as when the database is away.
    pub lacks_something: bool,
}

/// An answer of a subscription as JSON, or why there are no more.
pub type Event = std::result::Result<Bytes, End>;

/// Why a subscription ends before its subscriber ends it.
#[derive(Clone, Debug)]
pub enum End {
    /// The token is no longer good.
    TokenOver,
    Failed(Error),
}
