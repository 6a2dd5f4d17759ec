//! Who sends: the write key made a sender. Write keys may stand in web pages, so they let in and show nothing.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entities::ids::TouchpointId;
use entities::values::Channel;
use sha2::{Digest, Sha256};

use crate::domain::ingest::arrival::Sender;
use crate::http::ingest::answers::Answer;
use crate::http::ingest::rate::RateLimit;

/// Longer texts are no keys of ours; hashing them would be the sender's to command.
const MAX_KEY: usize = 1024;

/// What a write key stands for.
#[derive(Clone, Debug)]
pub struct WriteKey {
    pub sender: Arc<Sender>,
    /// Where its events come from, if they all come from one place.
    pub touchpoint_id: Option<TouchpointId>,
    /// The channel of its events; without one they say themselves.
    pub channel: Option<Channel>,
    /// How many events it may bring; any number without one.
    pub limit: Option<RateLimit>,
}

/// The keys that are good, by their SHA-256: a look-up by hash takes no time that depends on how much of a guess
/// is right.
#[derive(Clone, Debug, Default)]
pub struct WriteKeys(HashMap<[u8; 32], WriteKey>);

impl WriteKeys {
    pub fn new<T: AsRef<str>>(keys: impl IntoIterator<Item = (T, WriteKey)>) -> Self {
        Self(keys.into_iter().map(|(key, of)| (hash(key.as_ref()), of)).collect())
    }

    /// The key of the `Authorization` header; none without one.
    pub fn of_header(&self, headers: &HeaderMap) -> Result<Option<&WriteKey>, Answer> {
        let mut credentials = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = credentials.next() else { return Ok(None) };
        let key = basic_user(value).filter(|_| credentials.next().is_none());
        key.and_then(|key| self.get(&key)).map(Some).ok_or_else(Answer::unknown_key)
    }

    /// The key that stands in the body, when no header has it.
    pub fn of_body(&self, key: Option<&str>) -> Result<&WriteKey, Answer> {
        key.and_then(|key| self.get(key)).ok_or_else(Answer::unknown_key)
    }

    fn get(&self, key: &str) -> Option<&WriteKey> {
        if key.len() > MAX_KEY { None } else { self.0.get(&hash(key)) }
    }
}

/// The user of Basic credentials. The password is left empty by SDKs, and means nothing.
fn basic_user(value: &HeaderValue) -> Option<String> {
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credentials.len() > 2 * MAX_KEY {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, _) = text.split_once(':')?;
    Some(user.to_owned())
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
