//! The one source of time. Everything that needs "now" is given a clock, so that a test can hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use entities::timestamp::Timestamp;

/// Tells the time: the system's, or one that stands until it is moved.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.millis())))
    }

    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system's time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => chrono::Utc::now().into(),
            Self::Fixed(at) => Timestamp(at.load(Ordering::Relaxed)),
        }
    }
}
