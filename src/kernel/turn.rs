//! Long reckoning in small steps, between which others get their turn.

use std::time::{Duration, Instant};

/// How long one reckons on end. A single rule is bounded by itself.
const LENGTH: Duration = Duration::from_millis(2);

/// The turn of a task that reckons.
#[derive(Debug)]
pub struct Turn(Instant);

impl Turn {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Lets others go first if this turn was long enough.
    pub async fn give(&mut self) {
        if self.0.elapsed() > LENGTH {
            tokio::task::yield_now().await;
            self.0 = Instant::now();
        }
    }
}
