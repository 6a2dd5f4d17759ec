//! How many events a write key may bring: a steady rate, and a burst that is saved up while it is quiet. Events
//! are counted, not requests. Each process counts for itself.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::clock::{Clock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::http::ingest::answers::Answer;

/// What a write key may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRate {
    pub per_second: NonZeroU32,
    /// Events at once, after it was quiet.
    pub burst: NonZeroU32,
}

/// The count of one write key; clones count together.
#[derive(Clone)]
pub struct RateLimit {
    burst: NonZeroU32,
    limiter: Arc<RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>>,
}

/// Time that passes here. Not the application's clock: that may stand still, or be set back.
#[derive(Clone, Debug)]
pub enum Ticks {
    Since(Instant),
    Given(FakeRelativeClock),
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match self {
            Self::Since(start) => start.elapsed().into(),
            Self::Given(clock) => clock.now(),
        }
    }
}

impl RateLimit {
    pub fn new(rate: EventRate) -> Self {
        Self::with_ticks(rate, Ticks::Since(Instant::now()))
    }

    pub fn with_ticks(rate: EventRate, ticks: Ticks) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { burst: rate.burst, limiter: Arc::new(RateLimiter::direct_with_clock(quota, ticks)) }
    }

    /// Counts events that are all taken, or none of them.
    pub(super) fn take(&self, events: usize) -> Result<(), Answer> {
        let Some(events) = u32::try_from(events).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        match self.limiter.check_n(events) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(early)) => {
                Err(Answer::too_many(whole_seconds(early.wait_time_from(self.limiter.clock().now()))))
            }
            // No waiting would help.
            Err(_) => Err(Answer::too_large(format!(
                "The batch has {events} events; this write key may send {} at once.",
                self.burst
            ))),
        }
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RateLimit").field("burst", &self.burst).finish_non_exhaustive()
    }
}

/// Rounded up: who comes back then is let in.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_second: u32, burst: u32) -> (RateLimit, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let number = |number| NonZeroU32::new(number).expect("it is not zero");
        let rate = EventRate { per_second: number(per_second), burst: number(burst) };
        (RateLimit::with_ticks(rate, Ticks::Given(clock.clone())), clock)
    }

    #[test]
    fn a_batch_is_taken_whole_or_not_at_all() {
        let (limit, clock) = limit(10, 30);
        assert!(limit.take(20).is_ok());
        assert!(limit.take(11).is_err());
        assert!(limit.take(10).is_ok(), "what was refused counts for nothing");
        assert!(limit.take(1).is_err());
        clock.advance(Duration::from_millis(1_999));
        assert!(limit.take(20).is_err());
        clock.advance(Duration::from_millis(1));
        assert!(limit.take(20).is_ok());
    }

    #[test]
    fn waits_are_told_in_whole_seconds() {
        let seconds = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([0, 1, 1_000, 1_001, 2_500].map(seconds), [1, 1, 1, 2, 3]);
    }
}
