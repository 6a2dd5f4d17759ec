//! The customers that one request names, and who may join them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entities::ids::{CustomerId, CustomerIdentityId};
use entities::values::{IdentityKind, TextEnum};
use sea_orm::ConnectionTrait;

use crate::domain::customers::caller::{Caller, Merging, Trust};
use crate::domain::customers::identify::Claim;
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::merge::{IdentityCounts, merge_over_limit};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, limits};

/// An identity that is somebody's already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owned {
    pub identity: CustomerIdentityId,
    pub customer: CustomerId,
    pub verified: bool,
}

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
        let named = || self.own.into_iter().chain(owners().map(|(_, owner)| owner));
        let known = named().find(|id| caller.merging == Merging::Allowed && !is_anonymous(*id, counts));
        let Some(anchor) = known.or_else(|| named().next()) else { return Ok(()) };
        match owners().find(|(_, owner)| *owner != anchor && !may_join(anchor, *owner)) {
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
    /// A token reads all that is its customer's. So a merge on the word of who cannot vouch for it leaves
    /// tokens only to who was found by something proven; and who is found by a trusted source through
    /// something that was never proven may have claimed it to be found.
    pub fn losing_tokens(
        &self,
        caller: &Caller<'_>,
        claims: &[Claim],
        owned: &BTreeMap<IdentityKey, Owned>,
    ) -> Vec<CustomerId> {
        let found = |id| {
            claims
                .iter()
                .filter_map(|claim| owned.get(&claim.key).map(|owned| (claim.key.kind(), owned)))
                .filter(move |(_, owned)| self.of(owned) == id)
        };
        let is_proven = |id| found(id).any(|(_, owned)| owned.verified);
        let is_itself = |id| self.own == Some(id) || found(id).any(|(kind, _)| !is_of_somebody(kind));
        let ids = self.ids();
        match (caller.trust, caller.merging) {
            (Trust::Trusted, _) => ids.into_iter().filter(|id| !is_proven(*id) && !is_itself(*id)).collect(),
            (Trust::Untrusted, Merging::Allowed) if ids.len() > 1 => {
                ids.into_iter().filter(|id| !is_proven(*id)).collect()
            }
            (Trust::Untrusted, _) => Vec::new(),
        }
    }
}

/// Whether nobody has signed in to any of a customer's browsers and devices.
fn is_anonymous(id: CustomerId, counts: &IdentityCounts) -> bool {
    !counts.keys().any(|(of, kind)| *of == id && is_of_somebody(*kind))
}
