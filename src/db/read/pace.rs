//! Which statements are quick. A quick one may keep its thread from other tasks: moving them to another thread
//! costs more than it does.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// A statement this short may keep its thread from other tasks.
const QUICK: Duration = Duration::from_millis(1);
/// How often more than quick a statement must have been slow to count as slow: once or twice it may be that its
/// thread had to wait for a processor.
const PATIENCE: u8 = 3;
/// How many texts are remembered.
const MAX_TEXTS: usize = 1_000;

/// How long statements take, by text.
#[derive(Debug, Default)]
pub(super) struct Paces(RwLock<HashMap<String, AtomicU8>>);

/// How often a statement was slow lately; unknown before it has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace(Option<u8>);

impl Pace {
    pub(super) fn is_quick(self) -> bool {
        self.0.is_some_and(|slow| slow < PATIENCE)
    }
}

impl Paces {
    pub(super) fn of(&self, text: &str) -> Pace {
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Pace(texts.get(text).map(|slow| slow.load(Ordering::Relaxed)))
    }

    /// Notes how long a statement took whose pace was `before`.
    pub(super) fn note(&self, text: &str, before: Pace, took: Duration) {
        let now = match (before.0, took < QUICK) {
            (None, true) => 0,
            (None, false) => PATIENCE,
            (Some(slow), true) => slow.saturating_sub(1),
            (Some(slow), false) => PATIENCE.min(slow + 1),
        };
        if before.0 == Some(now) {
            return;
        }
        if let Some(slow) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            slow.store(now, Ordering::Relaxed);
            return;
        }
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= MAX_TEXTS {
            texts.clear();
        }
        texts.insert(text.to_owned(), AtomicU8::new(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(5);
    const FAST: Duration = Duration::from_micros(20);

    fn after(times: &[Duration]) -> bool {
        let paces = Paces::default();
        for took in times {
            paces.note("SELECT 1", paces.of("SELECT 1"), *took);
        }
        paces.of("SELECT 1").is_quick()
    }

    #[test]
    fn a_statement_is_slow_until_it_was_quick_and_then_until_it_is_slow_again_and_again() {
        assert!(!after(&[]));
        assert!(!after(&[SLOW]));
        assert!(after(&[FAST]));
        assert!(after(&[SLOW, FAST]));
        assert!(after(&[FAST, SLOW, SLOW]));
        assert!(!after(&[FAST, SLOW, SLOW, SLOW]));
        assert!(after(&[FAST, SLOW, SLOW, SLOW, SLOW, SLOW, FAST]));
    }
}
