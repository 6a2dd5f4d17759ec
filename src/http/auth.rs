//! Who asks: the `Authorization` header made a [`Viewer`]. No credentials are an anonymous viewer; wrong
//! ones are refused, for a caller that shows a token means to be somebody.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use entities::ids::CustomerId;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};

use crate::http::errors::HttpError;
use crate::http::request_id::RequestIds;
use crate::kernel::error::Result as KernelResult;
use crate::kernel::viewer::{DEVICE_TOKEN_PREFIX, Viewer};

/// Longer texts are no tokens of ours; hashing them would be the sender's to command.
const MAX_TOKEN: usize = 4 * 1024;

/// The tokens that are good, by their SHA-256. The token itself is not kept, and a look-up by hash takes no
/// time that depends on how much of a guess is right.
#[derive(Default)]
pub struct Tokens {
    viewers: HashMap<[u8; 32], Viewer>,
    devices: Option<Box<Devices>>,
    survivor: Option<Box<Survivor>>,
}

/// Finds the device whose token has this SHA-256. Asked for every request, so that a token
/// that is taken away is good for none.
type Devices = dyn Fn([u8; 32]) -> BoxFuture<'static, KernelResult<Option<Viewer>>> + Send + Sync;

/// Finds what a customer has become by merging: itself, for almost all.
type Survivor = dyn Fn(CustomerId) -> BoxFuture<'static, KernelResult<CustomerId>> + Send + Sync;

impl Tokens {
    pub fn new<T: AsRef<str>>(tokens: impl IntoIterator<Item = (T, Viewer)>) -> Self {
        let known = |(token, viewer): (T, Viewer)| {
            let hash = hash(token.as_ref());
            (hash, viewer.known_by(&hash))
        };
        let viewers = tokens.into_iter().map(known).collect();
        Self { viewers, devices: None, survivor: None }
    }

    /// Knows the tokens of devices too.
    pub fn with_devices(
        mut self,
        find: impl Fn([u8; 32]) -> BoxFuture<'static, KernelResult<Option<Viewer>>> + Send + Sync + 'static,
    ) -> Self {
        self.devices = Some(Box::new(find));
        self
    }

    /// Follows customers whom settings name to what they have become.
    pub fn with_survivors(
        mut self,
        find: impl Fn(CustomerId) -> BoxFuture<'static, KernelResult<CustomerId>> + Send + Sync + 'static,
    ) -> Self {
        self.survivor = Some(Box::new(find));
        self
    }

    /// Whom the request speaks for.
    pub(super) async fn viewer(&self, headers: &HeaderMap, ids: &RequestIds) -> Result<Viewer, HttpError> {
        self.find(headers).await.map_err(|error| HttpError::failed(&error, ids))?
    }

    /// The same for credentials that were good; none when they are so no more.
    pub(super) async fn still(&self, headers: &HeaderMap) -> KernelResult<Option<Viewer>> {
        Ok(self.find(headers).await?.ok())
    }

    async fn find(&self, headers: &HeaderMap) -> KernelResult<Result<Viewer, HttpError>> {
        let mut credentials = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = credentials.next() else { return Ok(Ok(Viewer::Anonymous)) };
        if credentials.next().is_some() {
            return Ok(Err(refused("Send one Authorization header, not several.")));
        }
        let Some(token) = bearer(value) else {
            return Ok(Err(refused("The Authorization header must read `Bearer <token>`.")));
        };
        // One message for every bad token: it must not say how bad.
        let unknown =
            || refused("The token is not valid. Ask for a new one, or leave the header out to be anonymous.");
        if token.len() > MAX_TOKEN {
            return Ok(Err(unknown()));
        }
        let hash = hash(token);
        match (self.viewers.get(&hash), &self.survivor) {
            (Some(Viewer::Customer(named)), Some(survivor)) => {
                return Ok(Ok(Viewer::Customer(survivor(*named).await?)));
            }
            (Some(viewer), _) => return Ok(Ok(*viewer)),
            (None, _) => {}
        }
        let Some(devices) = self.devices.as_ref().filter(|_| token.starts_with(DEVICE_TOKEN_PREFIX)) else {
            return Ok(Err(unknown()));
        };
        Ok(devices(hash).await?.ok_or_else(unknown))
    }
}

/// The token of a bearer credential: the scheme in any case, then characters of RFC 6750's `b64token`.
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.bytes().all(may_stand_in_token))
        .then_some(token)
}

/// RFC 6750's characters of a bearer token.
pub fn may_stand_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn refused(message: &'static str) -> HttpError {
    HttpError::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).with_header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"encircle\", error=\"invalid_token\""),
    )
}
