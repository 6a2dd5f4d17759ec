//! Which of several names that stand together say who is meant.

use std::borrow::Cow;

use entities::values::IdentityKind;

use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::people::People;

impl People {
    /// The names without a browser of somebody known beside an address or card that is nobody's: who used it may be
    /// another. A new account is that of who is known.
    pub(super) fn leading<'k>(&self, keys: &'k [IdentityKey]) -> Cow<'k, [IdentityKey]> {
        let is_person = |key: &IdentityKey| is_of_somebody(key.kind());
        let mut persons = keys.iter().filter(|key| is_person(key)).peekable();
        let is_new = persons.peek().is_some()
            && persons.all(|key| self.person(key).is_none() && key.kind() != IdentityKind::UserId);
        let misleads =
            |key: &IdentityKey| !is_person(key) && self.person(key).is_some_and(|id| self.is_known(id));
        if is_new && keys.iter().any(misleads) {
            return keys.iter().filter(|key| !misleads(key)).cloned().collect();
        }
        Cow::Borrowed(keys)
    }

    /// Those that count although who names them is not believed: all, if they are nobody's or one person's already;
    /// else the first.
    pub(super) fn proven<'k>(&self, keys: &'k [IdentityKey]) -> &'k [IdentityKey] {
        let first = keys.first().and_then(|key| self.person(key));
        let is_same = |key| self.person(key) == first && self.claimant(key).is_none();
        if keys.iter().all(is_same) { keys } else { &keys[..keys.len().min(1)] }
    }
}
