//! What is left of the names by which another system knows a purchase, once its customer was erased: enough to know that
//! it was recorded, when that system sends it again. It is a pseudonym: who knows the other system's ids finds the purchase
//! by them, but nothing here leads from it to a person.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// Stands where the source was.
pub const SOURCE: &str = "erased";

/// Stands where the external id was: a SHA-256 of source and external id, which are unique together, and so is this.
pub fn external_id(source: &str, external_id: &str) -> String {
    let mut hash = Sha256::new();
    // Its length first, so that no other source and id are the same text.
    hash.update((source.len() as u64).to_be_bytes());
    hash.update(source);
    hash.update(external_id);
    BASE64.encode(hash.finalize())
}
