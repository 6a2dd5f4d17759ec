//! The customers that one request names, and who may join them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entities::ids::CustomerId;
use entities::values::{IdentityKind, TextEnum};
use sea_orm::ConnectionTrait;

use crate::domain::customers::caller::{Caller, Merging, Trust};
use crate::domain::customers::identify::Claim;
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::merge::{IdentityCounts, merge_over_limit};
use crate::domain::customers::named::Owned;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, limits};

/// The people that a request names, by the rows it names them by.
pub(super) struct Sides {
    /// The one the request is about, if the caller said.
    own: Option<CustomerId>,
    canonical: HashMap<CustomerId, CustomerId>,
}

impl Sides {
    pub async fn load(
        transaction: &impl ConnectionTrait,
        customer: Option<CustomerId>,
        owned: &BTreeMap<IdentityKey, Owned>,
    ) -> Result<Self, Rejection> {
        let named = owned.values().map(|owned| owned.customer).chain(customer);
        let canonical = family::canonical(transaction, named).await?;
        let own = match customer {
            None => None,
            Some(id) => Some(canonical.get(&id).copied().ok_or_else(|| Refusal::no_customer("customerId"))?),
        };
        Ok(Self { own, canonical })
    }

    /// The canonical customers, sorted.
    pub fn ids(&self) -> Vec<CustomerId> {
        self.canonical.values().copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn of(&self, owned: &Owned) -> CustomerId {
        self.canonical.get(&owned.customer).copied().unwrap_or(owned.customer)
    }

    /// Refuses identities of several people from who may not join them. It says no more than that they are
    /// taken.
    pub fn check_taken(
        &self,
        caller: &Caller<'_>,
        counts: &IdentityCounts,
        claims: &[Claim],
        owned: &BTreeMap<IdentityKey, Owned>,
    ) -> Result<(), Refusal> {
        let may_join = |a: CustomerId, b: CustomerId| match (caller.merging, caller.trust) {
            (Merging::Refused, _) => false,
            (Merging::Allowed, Trust::Untrusted) => is_anonymous(a, counts) || is_anonymous(b, counts),
            (Merging::Allowed, Trust::Trusted) => true,
        };
        let owners = || claims.iter().filter_map(|claim| Some((claim, self.of(owned.get(&claim.key)?))));
        let is_strong = |(claim, _): &(&Claim, CustomerId)| !is_weak(caller, claim);
        let sure = || self.own.into_iter().chain(owners().filter(is_strong).map(|(_, owner)| owner));
        let known = sure().find(|id| caller.merging == Merging::Allowed && !is_anonymous(*id, counts));
        let is_only_weak = self.own.is_none() && claims.iter().all(|claim| is_weak(caller, claim));
        let weak = || owners().map(|(_, owner)| owner).next().filter(|_| is_only_weak);
        let anchor = known.or_else(|| sure().next()).or_else(weak);
        let joins = |claim, owner| {
            let joins_anchor = |anchor| !is_weak(caller, claim) && may_join(anchor, owner);
            anchor.is_some_and(|anchor| owner == anchor || joins_anchor(anchor))
        };
        match owners().find(|(claim, owner)| !joins(claim, *owner)) {
            Some((claim, _)) => {
                let message = "This identity is another customer's.";
                Err(Refusal::new(Reason::IdentityTaken, &claim.path, message))
            }
            None => Ok(()),
        }
    }

    /// Refuses more identities of a kind than a person may have.
    pub fn check_limits(&self, counts: &IdentityCounts, added: &[&Claim]) -> Result<(), Refusal> {
        let ids = self.ids();
        for kind in IdentityKind::ALL.iter().copied() {
            let of_each = ids.iter().filter_map(|id| counts.get(&(*id, kind)).copied());
            let (sides, had) = (of_each.clone().count(), of_each.sum::<usize>());
            let mut new = added.iter().filter(|claim| claim.key.kind() == kind);
            let (total, limit) = (had + new.clone().count(), limits::identities(kind));
            if total <= limit {
                continue;
            }
            if let Some(claim) = new.next() {
                let message = format!(
                    "The customer would have {total} identities of type {}; {limit} is the limit.",
                    kind.text()
                );
                return Err(Refusal::new(Reason::LimitReached, &claim.path, message));
            }
            if sides > 1 {
                return Err(Refusal::new(Reason::LimitReached, "", merge_over_limit(kind, total)));
            }
        }
        Ok(())
    }

    /// Whose device tokens end with this request.
    ///
    /// A token reads all that is its customer's. So a merge on the word of who cannot vouch for it leaves tokens
    /// only to who was found by something proven.
    pub fn losing_tokens(
        &self,
        caller: &Caller<'_>,
        claims: &[Claim],
        owned: &BTreeMap<IdentityKey, Owned>,
    ) -> Vec<CustomerId> {
        let ids = self.ids();
        if caller.trust == Trust::Trusted || ids.len() < 2 {
            return Vec::new();
        }
        let proven = claims.iter().filter_map(|claim| owned.get(&claim.key)).filter(|owned| owned.verified);
        let proven: BTreeSet<_> = proven.map(|owned| self.of(owned)).collect();
        ids.into_iter().filter(|id| !proven.contains(id)).collect()
    }
}

/// Whether a claim joins nobody, being of what anybody can type into a page: once somebody signs in to the browser,
/// it would lead them to whom it belongs to. Of an account that cannot be, as two of them are never joined.
fn is_weak(caller: &Caller<'_>, claim: &Claim) -> bool {
    let kind = claim.key.kind();
    let is_public = (caller.trust, caller.merging) == (Trust::Untrusted, Merging::Allowed);
    is_public && is_of_somebody(kind) && kind != IdentityKind::UserId
}

/// Whether nobody has signed in to any of a customer's browsers and devices.
fn is_anonymous(id: CustomerId, counts: &IdentityCounts) -> bool {
    !counts.keys().any(|(of, kind)| *of == id && is_of_somebody(*kind))
}
