//! The customers that one request names, and who may join them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entities::ids::CustomerId;
use entities::values::{IdentityKind, TextEnum};
use sea_orm::ConnectionTrait;

use crate::domain::customers::caller::{Caller, Merging, Trust};
use crate::domain::customers::counts::{IdentityCounts, has_any};
use crate::domain::customers::identify::Claim;
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::merge::merge_over_limit;
use crate::domain::customers::named::Owned;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, limits};
use crate::kernel::error::Error;

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

    /// Makes sure that all rows are still whose they were before the people were locked.
    pub async fn check_unmoved(&self, transaction: &impl ConnectionTrait) -> Result<(), Rejection> {
        let now = family::canonical(transaction, self.canonical.keys().copied()).await?;
        if now == self.canonical {
            return Ok(());
        }
        Err(Error::Contended("who is merged with whom changed meanwhile".to_owned()).into())
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
        let named = Candidates { own: self.own, counts, caller };
        let owners: Vec<_> = claims
            .iter()
            .filter_map(|claim| owned.get(&claim.key).map(|owned| (claim, owned, self.of(owned))))
            .collect();
        let Some(anchor) = named.anchor(claims, &owners) else {
            return owners.first().map_or(Ok(()), |(claim, ..)| Err(taken(claim)));
        };
        if let Some(browser) = named.misleading(anchor, claims, &owners) {
            return Err(taken(browser));
        }
        match owners.iter().find(|owner| owner.2 != anchor && !named.joins(anchor, &owners, owner)) {
            Some((claim, ..)) => Err(taken(claim)),
            None => Ok(()),
        }
    }

    /// Refuses more identities of a kind than a person may have.
    pub fn check_limits(
        &self,
        caller: &Caller<'_>,
        counts: &IdentityCounts,
        added: &[&Claim],
    ) -> Result<(), Refusal> {
        let ids = self.ids();
        let limit = match caller.is_public() {
            true => limits::unproven_identities,
            false => limits::identities,
        };
        for kind in IdentityKind::ALL.iter().copied() {
            let of_each = ids.iter().filter_map(|id| counts.get(&(*id, kind)).copied());
            let (sides, had) = (of_each.clone().count(), of_each.sum::<usize>());
            let mut new = added.iter().filter(|claim| claim.key.kind() == kind);
            let (total, limit) = (had + new.clone().count(), limit(kind));
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
                return Err(Refusal::new(Reason::LimitReached, "", merge_over_limit(kind, total, limit)));
            }
        }
        Ok(())
    }
}

fn taken(claim: &Claim) -> Refusal {
    Refusal::new(Reason::IdentityTaken, &claim.path, "This identity is another customer's.")
}

/// A claim of somebody's identity, with the person.
type Owner<'c> = (&'c Claim, &'c Owned, CustomerId);

/// Who is meant, of several people that a request names, and who of the others may join them.
struct Candidates<'a> {
    own: Option<CustomerId>,
    counts: &'a IdentityCounts,
    caller: &'a Caller<'a>,
}

impl Candidates<'_> {
    /// Who is meant. What anybody can type into a page says so only when nothing else is named.
    fn anchor(&self, claims: &[Claim], owners: &[Owner<'_>]) -> Option<CustomerId> {
        let is_only_weak = self.own.is_none() && claims.iter().all(|claim| self.is_weak(claim));
        let counting = owners.iter().filter(|(claim, ..)| is_only_weak || !self.is_weak(claim));
        let (persons, browsers): (Vec<&Owner<'_>>, Vec<&Owner<'_>>) =
            counting.partition(|(claim, ..)| is_of_somebody(claim.key.kind()));
        let people = persons.into_iter().chain(browsers).map(|owner| owner.2);
        let people: Vec<_> = self.own.into_iter().chain(people).collect();
        let known =
            people.iter().find(|id| self.caller.merging == Merging::Allowed && !self.is_anonymous(**id));
        known.or(people.first()).copied()
    }

    /// A browser that leads to somebody known, named beside an address or card that is nobody's: who signs in there by
    /// that may be another. A new account is that of who is known.
    fn misleading<'c>(
        &self,
        anchor: CustomerId,
        claims: &[Claim],
        owners: &[Owner<'c>],
    ) -> Option<&'c Claim> {
        if self.caller.trust == Trust::Untrusted || self.own == Some(anchor) || self.is_anonymous(anchor) {
            return None;
        }
        let is_person = |claim: &Claim| is_of_somebody(claim.key.kind());
        let is_firm = |(claim, owned, id): &Owner<'_>| *id == anchor && !owned.claimed && is_person(claim);
        let is_new = |claim: &&Claim| {
            let owned = owners.iter().find(|owner| owner.0.key == claim.key);
            is_person(claim)
                && claim.key.kind() != IdentityKind::UserId
                && owned.is_none_or(|(_, owned, _)| owned.claimed)
        };
        if owners.iter().any(is_firm) || !claims.iter().any(|claim| is_new(&claim)) {
            return None;
        }
        owners.iter().find(|(claim, _, id)| *id == anchor && !is_person(claim)).map(|(claim, ..)| *claim)
    }

    fn joins(&self, anchor: CustomerId, owners: &[Owner<'_>], (claim, _, owner): &Owner<'_>) -> bool {
        match (self.caller.merging, self.caller.trust) {
            (Merging::Refused, _) => false,
            // Two people that are known are one only if both are named as such: a browser that somebody has signed
            // in to is not the next one's, who signs in there.
            (Merging::Allowed, Trust::Trusted) => {
                let is_named = |id| {
                    let names = |owner: &Owner<'_>| owner.2 == id && is_of_somebody(owner.0.key.kind());
                    self.own == Some(id) || owners.iter().any(names)
                };
                (is_named(anchor) && is_named(*owner))
                    || self.is_anonymous(anchor)
                    || self.is_anonymous(*owner)
            }
            // And a device's token would read what is the other's: it is not joined on anybody's word.
            (Merging::Allowed, Trust::Untrusted) => {
                let has_account = owners.iter().any(|(claim, owned, id)| {
                    *id == anchor && !owned.claimed && claim.key.kind() == IdentityKind::UserId
                });
                let may_read = self.has_device(*owner) || (self.has_device(anchor) && !has_account);
                let is_free = self.is_anonymous(anchor) || self.is_anonymous(*owner);
                !self.is_weak(claim) && !may_read && is_free
            }
        }
    }

    /// Whether a claim joins nobody, being of what anybody can type into a page: once somebody signs in to the
    /// browser, it would lead them to whom it belongs to.
    fn is_weak(&self, claim: &Claim) -> bool {
        let kind = claim.key.kind();
        self.caller.is_public() && is_of_somebody(kind) && kind != IdentityKind::UserId
    }

    fn has_device(&self, id: CustomerId) -> bool {
        self.counts.contains_key(&(id, IdentityKind::Device))
    }

    /// Whether nobody has signed in to any of a customer's browsers and devices.
    fn is_anonymous(&self, id: CustomerId) -> bool {
        !has_any(self.counts, id, is_of_somebody)
    }
}
