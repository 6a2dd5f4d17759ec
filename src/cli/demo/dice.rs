//! Chance that falls the same way at every run and on every platform: whole numbers from a fixed stream.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// Whence all of the demo's chance comes.
const SEED: u64 = 0x0a07_07a5;

/// A stream of chance of its own, so that nobody's story hangs on how long another's is.
pub struct Dice(ChaCha12Rng);

impl Dice {
    pub fn new(stream: u64) -> Self {
        let mut chance = ChaCha12Rng::seed_from_u64(SEED);
        chance.set_stream(stream);
        Self(chance)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, cases: u32) -> bool {
        self.0.random_range(0..100_u32) < cases
    }

    pub fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.0.random_range(0..things.len() as u32) as usize]
    }

    /// A position, as likely as its weight; the first when nothing weighs anything.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let sum: u64 = weights.clone().map(u64::from).sum();
        if sum == 0 {
            return 0;
        }
        let mut left = self.0.random_range(0..sum);
        for (position, weight) in weights.enumerate() {
            if left < u64::from(weight) {
                return position;
            }
            left -= u64::from(weight);
        }
        0
    }

    /// Eight groups of four hexadecimal digits: a random id as browsers make them.
    pub fn token(&mut self) -> String {
        format!("{:016x}{:016x}", self.0.random::<u64>(), self.0.random::<u64>())
    }
}
