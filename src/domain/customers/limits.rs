//! How much a customer may have: more is not somebody, but a mistake that joins everybody.

use entities::values::IdentityKind;
use serde_json::{Map, Value};

use crate::domain::customers::rejection::{Reason, Refusal};

/// The most traits a customer may have, and the most bytes they may take as JSON.
const TRAITS: usize = 300;
const TRAIT_BYTES: usize = 32 * 1024;

/// How long a text of a profile may be, in bytes.
const TEXT: usize = 500;

/// How many identities of a kind a customer may have, all rows merged into it counted.
pub fn identities(kind: IdentityKind) -> usize {
    match kind {
        // Two accounts are two people until somebody decides otherwise.
        IdentityKind::UserId => 1,
        IdentityKind::Email | IdentityKind::Phone | IdentityKind::LoyaltyCard => 5,
        IdentityKind::AnonymousId | IdentityKind::Device => 50,
    }
}

/// The same for what is said by who is not believed: some room is left, so that nobody can take all of it.
pub fn unproven_identities(kind: IdentityKind) -> usize {
    match kind {
        IdentityKind::AnonymousId | IdentityKind::Device => identities(kind) * 4 / 5,
        _ => identities(kind),
    }
}

/// Refuses traits that are too many or too big.
pub fn check_traits(traits: &Map<String, Value>) -> Result<(), Refusal> {
    let refused = |message| Err(Refusal::new(Reason::LimitReached, "traits", message));
    if traits.len() > TRAITS {
        return refused(format!("The customer would have {} traits; {TRAITS} is the limit.", traits.len()));
    }
    let bytes = serde_json::to_string(traits).map_or(usize::MAX, |text| text.len());
    if bytes > TRAIT_BYTES {
        return refused(format!("The traits would be {bytes} bytes of JSON; {TRAIT_BYTES} is the limit."));
    }
    Ok(())
}

/// Refuses a text that is empty or too long.
pub fn check_text(path: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() || text.len() > TEXT {
        let message = format!("A text of 1 to {TEXT} bytes is wanted; this one has {}.", text.len());
        return Err(Refusal::new(Reason::Invalid, path, message));
    }
    Ok(())
}
