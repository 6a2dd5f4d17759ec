//! Sources say who somebody is: names of one person are joined, as far as the source is believed. An account
//! outranks what else is said beside it: a browser that somebody else has signed in to is left to them.

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{IdentityKind, TextEnum};
use sea_orm::DatabaseTransaction;

use crate::domain::customers::caller::{Caller, Trust};
use crate::domain::customers::counts::{has_any, identity_counts};
use crate::domain::customers::identify::{Claim, Identify, identify};
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::import::Profile;
use crate::domain::customers::people::People;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::ingest::arrival::{Introduction, Sender};
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Introduces people within a transaction.
#[derive(Clone, Copy)]
pub(super) struct Introducer<'a> {
    pub transaction: &'a DatabaseTransaction,
    pub ids: &'a Ids,
    pub now: Timestamp,
}

impl Introducer<'_> {
    /// Who it is; the inner error is the sender's mistake, and nothing was written then.
    pub async fn introduce(&self, introduction: Introduction) -> Result<Result<CustomerId, String>> {
        let Introduction { sender, mut keys, previous, profile, said_at } = introduction;
        let before = match previous {
            Some(previous) => Some(self.account_or_browser(previous).await?),
            None => None,
        };
        if let Some(before) = &before
            && !keys.contains(before)
        {
            keys.insert(1.min(keys.len()), before.clone());
        }
        let keys = self.joinable(&sender, keys).await?;
        if let Some(before) = before
            && !keys.contains(&before)
        {
            return Ok(Err(format!("{before} is another customer's; it is not joined")));
        }
        // A page cannot say something later than now, or what the brand says would be late.
        let said_at = if sender.trust == Trust::Untrusted { said_at.min(self.now) } else { said_at };
        let mut keys = keys;
        loop {
            match self.identify(&sender, &keys, (profile.clone(), said_at)).await {
                // One name too many costs that name, not what is said of the person.
                Err(Rejection::Refused(refusal)) if is_of_the_others(&refusal) && keys.len() > 1 => {
                    tracing::debug!(source = sender.name, reason = refusal.message, "a name is left out");
                    leave_out(&mut keys, &refusal);
                }
                introduced => return settled(introduced),
            }
        }
    }

    async fn identify(
        &self,
        sender: &Sender,
        keys: &[IdentityKey],
        (profile, said_at): (Profile, Timestamp),
    ) -> Result<CustomerId, Rejection> {
        let trusted = Caller::trusted(self.ids, self.now, &sender.name);
        let caller = Caller { trust: sender.trust, shared: sender.is_shared, said_at, ..trusted };
        let claim = |key: &IdentityKey| Claim {
            key: key.clone(),
            verified: false,
            path: key.kind().text().to_owned(),
        };
        let claims = keys.iter().map(claim).collect();
        let request = Identify { customer: None, claims, profile };
        Ok(identify(self.transaction, &caller, request).await?.customer)
    }

    /// A name that may be an account's or a browser's is that of the account, if there is one.
    async fn account_or_browser(&self, name: String) -> Result<IdentityKey> {
        let account = IdentityKey::stored(IdentityKind::UserId, name.clone());
        let people = People::load(self.transaction, [&account].into_iter()).await?;
        let browser = IdentityKey::stored(IdentityKind::AnonymousId, name);
        Ok(if people.person(&account).is_some() { account } else { browser })
    }

    /// The first name, and those of the others that are not of somebody else.
    async fn joinable(&self, sender: &Sender, keys: Vec<IdentityKey>) -> Result<Vec<IdentityKey>> {
        if keys.len() < 2 || keys[0].kind() != IdentityKind::UserId {
            return Ok(keys);
        }
        let people = People::load(self.transaction, keys.iter()).await?;
        let named: Vec<_> = keys.iter().filter_map(|key| people.person(key)).collect();
        // An account that is only claimed is the claimant's beside another of its names.
        let claimant = || people.claimant(&keys[0]).filter(|claimant| named.contains(claimant));
        let own = people.person(&keys[0]).or_else(claimant);
        let others: Vec<_> = named.iter().copied().filter(|id| Some(*id) != own).collect();
        if others.is_empty() {
            return Ok(keys);
        }
        let counts = identity_counts(self.transaction, &others, sender.trust.counted()).await?;
        let has = |id: CustomerId, is_it: fn(IdentityKind) -> bool| has_any(&counts, id, is_it);
        // Whom only a browser leads to.
        let is_found =
            |id| keys.iter().any(|key| is_of_somebody(key.kind()) && people.person(key) == Some(id));
        let is_somebody = |id| match sender.trust {
            Trust::Trusted => {
                has(id, |kind| kind == IdentityKind::UserId)
                    || (own.is_some() && !is_found(id) && has(id, is_of_somebody))
            }
            // Nor does a device join an account on the word of a page: its token would read what is not its owner's.
            Trust::Untrusted => {
                has(id, is_of_somebody) || (own.is_some() && has(id, |kind| kind == IdentityKind::Device))
            }
        };
        let first = keys[0].clone();
        let stays = |key: &IdentityKey| {
            *key == first || people.person(key).is_none_or(|id| Some(id) == own || !is_somebody(id))
        };
        Ok(keys.iter().filter(|key| stays(key)).cloned().collect())
    }
}

/// Leaves the name out that is refused; else all but the one that says most of who is meant.
fn leave_out(keys: &mut Vec<IdentityKey>, refusal: &Refusal) {
    if let Some(at) = keys.iter().position(|key| key.kind().text() == refusal.path) {
        keys.remove(at);
        return;
    }
    let best = keys.iter().position(|key| is_of_somebody(key.kind())).unwrap_or_default();
    keys.swap(0, best);
    keys.truncate(1);
}

/// Whether a refusal is of one of several names: it is another's, or one too many.
fn is_of_the_others(refusal: &Refusal) -> bool {
    matches!(refusal.reason, Reason::IdentityTaken | Reason::LimitReached) && refusal.path != "traits"
}

fn settled(introduced: Result<CustomerId, Rejection>) -> Result<Result<CustomerId, String>> {
    match introduced {
        Ok(customer) => Ok(Ok(customer)),
        Err(Rejection::Refused(refusal)) => Ok(Err(refusal.message)),
        Err(Rejection::Failed(error)) => Err(error),
    }
}
