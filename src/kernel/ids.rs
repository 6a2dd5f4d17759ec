//! Makes ids: UUIDv7, so that a key sorts by time of creation and inserts land at the end of an index.

use std::sync::{Arc, Mutex, PoisonError};

use entities::ids::Id;
use entities::timestamp::Timestamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// The one source of ids and randomness. Seeded, it gives the same ids in the same order.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<ChaCha12Rng>>);

impl Ids {
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed))))
    }

    /// Seeded by the operating system.
    #[expect(clippy::disallowed_methods, reason = "the only place that asks the system for randomness")]
    pub fn random() -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::from_rng(&mut rand::rng()))))
    }

    /// An id whose time part is `at`.
    pub fn next<I: Id>(&self, at: Timestamp) -> I {
        let mut random = [0; 10];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut random);
        let millis = u64::try_from(at.millis()).unwrap_or_default();
        I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// 256 bits that nobody guesses.
    pub fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut secret);
        secret
    }
}

/// The least id that [`Ids::next`] may make at a time: smaller ones are older.
pub fn first_id_at<I: Id>(at: Timestamp) -> I {
    let millis = u64::try_from(at.millis()).unwrap_or_default();
    I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}
