//! The identities that one request names, as the database has them.

use std::collections::{BTreeMap, BTreeSet};

use entities::customer_identity::{Column, Entity, Model};
use entities::ids::{CustomerId, CustomerIdentityId};
use entities::values::IdentityKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::customers::claimed::ClaimedIdentity;
use crate::domain::customers::family;
use crate::domain::customers::identify::Claim;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::rejection::Rejection;
use crate::kernel::error::{Error, Result};

/// An identity that is somebody's already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub identity: CustomerIdentityId,
    pub customer: CustomerId,
    pub verified: bool,
    /// Only a browser or device of the customer has said it.
    pub claimed: bool,
}

/// The identities that one request names.
pub(super) struct Named {
    /// Whose they are. A claim is among them if it is of somebody that the request names otherwise.
    pub owned: BTreeMap<IdentityKey, Owned>,
    /// Claims that yield to whom the request names.
    pub yielding: BTreeMap<IdentityKey, Owned>,
}

impl Named {
    pub async fn load(
        transaction: &impl ConnectionTrait,
        customer: Option<CustomerId>,
        claims: &[Claim],
    ) -> Result<Self> {
        let stored = stored(transaction, claims.iter()).await?;
        let (claimed, mut owned): (BTreeMap<_, _>, BTreeMap<_, _>) =
            stored.into_iter().partition(|(_, owned)| owned.claimed);
        if claimed.is_empty() {
            return Ok(Self { owned, yielding: claimed });
        }
        let rows = claimed.values().chain(owned.values()).map(|owned| owned.customer);
        let canonical = family::canonical(transaction, rows.chain(customer)).await?;
        let person = |id| canonical.get(&id).copied();
        let holding: BTreeSet<_> =
            owned.values().map(|owned| owned.customer).chain(customer).filter_map(person).collect();
        let mut yielding = BTreeMap::new();
        for (key, claim) in claimed {
            let holds = person(claim.customer).is_some_and(|claimant| holding.contains(&claimant));
            if holds { &mut owned } else { &mut yielding }.insert(key, claim);
        }
        Ok(Self { owned, yielding })
    }

    /// What was nobody's to keep may have been given away while the locks were waited for; it is then to be seen
    /// whose it is.
    pub async fn check_still_free(
        &self,
        transaction: &impl ConnectionTrait,
        claims: &[Claim],
    ) -> Result<(), Rejection> {
        let free = claims.iter().filter(|claim| !self.owned.contains_key(&claim.key));
        let now = stored(transaction, free).await?;
        match now.into_iter().find(|(key, owned)| self.yielding.get(key) != Some(owned)) {
            Some((key, _)) => Err(Error::Contended(format!("{key} was given away meanwhile")).into()),
            None => Ok(()),
        }
    }

    /// The claim that ends when an identity becomes somebody's.
    pub fn ending(&self, key: &IdentityKey) -> Option<ClaimedIdentity> {
        let claim = self.yielding.get(key).or_else(|| self.owned.get(key).filter(|owned| owned.claimed))?;
        Some(ClaimedIdentity { identity: claim.identity, customer: claim.customer })
    }
}

async fn stored<'c>(
    transaction: &impl ConnectionTrait,
    claims: impl Iterator<Item = &'c Claim>,
) -> Result<BTreeMap<IdentityKey, Owned>> {
    let mut by_kind: BTreeMap<IdentityKind, BTreeSet<&str>> = BTreeMap::new();
    for claim in claims {
        by_kind.entry(claim.key.kind()).or_default().insert(claim.key.value());
    }
    let mut found = BTreeMap::new();
    for (kind, values) in by_kind {
        let query = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::Value.is_in(values));
        for row in query.all(transaction).await? {
            let Model { id: identity, customer_id: customer, kind, value, verified, claimed, .. } = row;
            found.insert(IdentityKey::stored(kind, value), Owned { identity, customer, verified, claimed });
        }
    }
    Ok(found)
}
