//! How many live connections are open, in all and with each token: WebSockets, and streams of server-sent events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderValue;
use sha2::{Digest, Sha256};

/// Live connections of one process: half of its connections, so that requests have room.
const MAX_SOCKETS: usize = 2_048;
/// Live connections with the same token.
const MAX_OF_TOKEN: usize = 10;
/// Those of all who show none, together. By address would say little: behind the proxy that TLS ends at all have the
/// same. And who fills these places keeps nobody from anything: without a token there is nothing to watch, and what
/// else can be asked over a socket can be asked by POST.
const MAX_ANONYMOUS: usize = 256;

type Key = [u8; 32];

/// The places of all live connections.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<Mutex<HashMap<Key, usize>>>);

/// A connection's place, given back when it is dropped.
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
