//! How many WebSockets are open, in all and with each token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderValue;
use sha2::{Digest, Sha256};

/// Sockets of one process: half of its connections, so that requests have room.
const MAX_SOCKETS: usize = 2_048;
/// Sockets with the same token.
const MAX_OF_TOKEN: usize = 10;
/// Sockets of all who show none.
const MAX_ANONYMOUS: usize = 256;

type Key = [u8; 32];

/// The places of all sockets.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<Mutex<HashMap<Key, usize>>>);

/// A socket's place, given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    sockets: Sockets,
    key: Key,
}

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more with these credentials, if there is one.
    pub fn take(&self, credentials: Option<&HeaderValue>) -> Option<Seat> {
        // However the header is written, the token is its last word.
        let words = credentials.and_then(|credentials| credentials.to_str().ok()).unwrap_or_default();
        let token = words.split_whitespace().last();
        let most = if token.is_some() { MAX_OF_TOKEN } else { MAX_ANONYMOUS };
        let key: Key = Sha256::digest(token.unwrap_or_default()).into();
        let mut taken = self.lock();
        if taken.values().sum::<usize>() >= MAX_SOCKETS {
            return None;
        }
        let of_token = taken.entry(key).or_default();
        if *of_token >= most {
            return None;
        }
        *of_token += 1;
        drop(taken);
        Some(Seat { sockets: self.clone(), key })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.sockets.lock();
        if let Some(of_token) = taken.get_mut(&self.key) {
            *of_token -= 1;
            if *of_token == 0 {
                taken.remove(&self.key);
            }
        }
    }
}
