//! Finding out who somebody is: the customers that identities name are found, made or merged, and what is
//! said of them is added. Everything is checked before anything is written, so that a refusal leaves a
//! transaction as it was.

use std::collections::BTreeMap;

use entities::customer;
use entities::customer_identity;
use entities::ids::{CustomerId, CustomerIdentityId};
use entities::values::IdentityKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::bulk::insert_all;
use crate::domain::customers::blocked::blocked;
use crate::domain::customers::caller::{Caller, Trust};
use crate::domain::customers::claimed::{self, Takeover};
use crate::domain::customers::counts::{IdentityCounts, has_any, identity_counts};
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::import::Profile;
use crate::domain::customers::merge::join;
use crate::domain::customers::named::{Named, Owned};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::sides::Sides;
use crate::domain::customers::{family, judgement, profile};
use crate::kernel::error::Error;

/// Something that identifies a customer, as a caller claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub key: IdentityKey,
    /// The caller has seen proof of it. Only a trusted one is believed.
    pub verified: bool,
    /// Where the request says so, for refusals: `identities.0.value`.
    pub path: String,
}

/// What is said of somebody.
#[derive(Clone, Debug, Default)]
pub struct Identify {
    /// The customer it is said of, if the caller knows.
    pub customer: Option<CustomerId>,
    /// May be empty only if the customer is known.
    pub claims: Vec<Claim>,
    pub profile: Profile,
}

/// Who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The canonical customer.
    pub customer: CustomerId,
    pub is_new: bool,
    /// The customers that were merged into it just now.
    pub merged: Vec<CustomerId>,
}

/// Identifies a customer. A conflict means that another writer was quicker: the transaction is to be run again.
pub async fn identify(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    request: Identify,
) -> Result<Identified, Rejection> {
    profile::check(&request.profile)?;
    check_claims(caller, &request.claims)?;
    let customer = caller.subject(transaction, request.customer).await?;
    let named = Named::load(transaction, customer, &request.claims).await?;
    let owned = &named.owned;
    let sides = Sides::load(transaction, customer, owned).await?;
    if sides.ids().is_empty() && request.claims.is_empty() {
        let message = "Name the customer, or at least one identity.";
        return Err(Refusal::new(Reason::Invalid, "identities", message).into());
    }
    let rows = family::lock_canonical(transaction, sides.ids()).await?;
    if rows.iter().any(|row| row.erased_at.is_some()) {
        return Err(Refusal::no_customer("customerId").into());
    }
    if !rows.is_empty() {
        sides.check_unmoved(transaction).await?;
        named.check_still_free(transaction, &request.claims).await?;
    }
    let counts = identity_counts(transaction, &sides.ids(), caller.trust.counted()).await?;
    sides.check_taken(caller, &counts, &request.claims, owned)?;
    let added = added(caller, &counts, &request.claims, owned);
    sides.check_limits(caller, &counts, &added)?;

    let survivor = survivor(&rows, &counts).cloned();
    let is_new = survivor.is_none();
    let row = survivor.unwrap_or_else(|| customer::Model::bare(caller.ids.next(caller.now), caller.now));
    let customer = row.id;
    let described = profile::described(row, caller, request.profile)?;
    let differs = described.changed;
    // Nothing is refused from here on.
    if is_new {
        insert_all(transaction, vec![described.row]).await?;
    } else {
        profile::store(transaction, described).await?;
    }
    let mut merged: Vec<_> = rows.iter().map(|row| row.id).filter(|id| *id != customer).collect();
    merged.sort_unstable();
    for merged in &merged {
        join(transaction, caller, customer, *merged, "identified as one").await?;
    }
    verify(transaction, caller, &request.claims, owned).await?;
    let is_of_persons = request.claims.iter().all(|claim| is_of_somebody(claim.key.kind()));
    let recipient = Recipient {
        customer,
        has_device: counts.keys().any(|(_, kind)| *kind == IdentityKind::Device),
        first: request.claims.first().map(|claim| &claim.key).filter(|_| is_new && is_of_persons),
    };
    give(transaction, caller, &recipient, &named, &added).await?;
    let differs = is_new || differs || !merged.is_empty() || !added.is_empty();
    if differs {
        judgement::due(transaction, caller.now, merged.iter().copied().chain([customer])).await?;
    }
    Ok(Identified { customer, is_new, merged })
}

/// Refuses what identifies nobody, and what a touchpoint of many cannot know.
fn check_claims(caller: &Caller<'_>, claims: &[Claim]) -> Result<(), Refusal> {
    for claim in claims {
        if let Some(reason) = blocked(&claim.key) {
            return Err(Refusal::new(Reason::BlockedValue, &claim.path, reason));
        }
        if caller.shared && !is_of_somebody(claim.key.kind()) {
            let message = "Many people use this touchpoint: what tells it apart tells nobody apart.";
            return Err(Refusal::new(Reason::SharedTouchpoint, &claim.path, message));
        }
    }
    Ok(())
}

/// The claims that nobody has yet, or that only their claimant has said, each once. What an untrusted source says of somebody who is known already
/// is not one of them: a thief's address would lead there.
fn added<'c>(
    caller: &Caller<'_>,
    counts: &IdentityCounts,
    claims: &'c [Claim],
    owned: &BTreeMap<IdentityKey, Owned>,
) -> Vec<&'c Claim> {
    let is_known = counts.keys().any(|(_, kind)| is_of_somebody(*kind));
    let is_doubtful = |kind| caller.is_public() && is_known && is_of_somebody(kind);
    let mut added: BTreeMap<&IdentityKey, &Claim> = BTreeMap::new();
    for claim in claims {
        let is_confirmed = |owned: &Owned| owned.claimed && caller.trust == Trust::Trusted;
        if owned.get(&claim.key).is_none_or(is_confirmed) && !is_doubtful(claim.key.kind()) {
            added.entry(&claim.key).or_insert(claim);
        }
    }
    added.into_values().collect()
}

/// Who goes on: the one with an account, else the one that was first.
fn survivor<'r>(rows: &'r [customer::Model], counts: &IdentityCounts) -> Option<&'r customer::Model> {
    rows.iter().min_by_key(|row| {
        let has_account = counts.contains_key(&(row.id, IdentityKind::UserId));
        let is_known = has_any(counts, row.id, is_of_somebody);
        (!has_account, !is_known, row.created_at, row.id)
    })
}

/// Marks what a trusted caller has seen proof of. Claims among it are given anew, with the mark.
async fn verify(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    claims: &[Claim],
    owned: &BTreeMap<IdentityKey, Owned>,
) -> Result<(), Rejection> {
    let proven: Vec<CustomerIdentityId> = claims
        .iter()
        .filter(|claim| is_verified(caller, claim))
        .filter_map(|claim| owned.get(&claim.key))
        .filter(|owned| !owned.verified && !owned.claimed)
        .map(|owned| owned.identity)
        .collect();
    if !proven.is_empty() {
        customer_identity::Entity::update_many()
            .col_expr(customer_identity::Column::Verified, Expr::value(true))
            .filter(customer_identity::Column::Id.is_in(proven))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// A trusted source knows its own accounts; of other things it says whether it has seen proof.
fn is_verified(caller: &Caller<'_>, claim: &Claim) -> bool {
    caller.trust == Trust::Trusted && (claim.verified || claim.key.kind() == IdentityKind::UserId)
}

/// To whom identities are given.
struct Recipient<'a> {
    customer: CustomerId,
    has_device: bool,
    /// What names a new customer first, if nothing but names of persons is said: there is nobody yet to whom it
    /// could lead.
    first: Option<&'a IdentityKey>,
}

/// Whether what a caller says is but a claim. The word of a device would lead what the brand records to whoever
/// holds the device; that of others to whoever signs in to the browser, or is signed in by another of the names.
/// An account that a page says is more: the brand's own sign-in never joins two of them.
fn is_claim(caller: &Caller<'_>, key: &IdentityKey, recipient: &Recipient<'_>) -> bool {
    if caller.trust == Trust::Trusted || !is_of_somebody(key.kind()) {
        return false;
    }
    let is_account = caller.is_public() && key.kind() == IdentityKind::UserId;
    recipient.has_device || caller.own.is_some() || (!is_account && recipient.first != Some(key))
}

/// Gives a customer the identities it has not had.
async fn give(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    recipient: &Recipient<'_>,
    named: &Named,
    added: &[&Claim],
) -> Result<(), Error> {
    let customer = recipient.customer;
    let (mut new, mut takeovers) = (Vec::new(), Vec::new());
    for claim in added {
        let (verified, claimed) = (is_verified(caller, claim), is_claim(caller, &claim.key, recipient));
        match named.ending(&claim.key) {
            Some(from) => {
                takeovers.push(Takeover { from, to: customer, at: caller.now, verified, claimed });
            }
            None => new.push(customer_identity::Model {
                id: caller.ids.next(caller.now),
                customer_id: customer,
                kind: claim.key.kind(),
                value: claim.key.value().to_owned(),
                verified,
                claimed,
                created_at: caller.now,
            }),
        }
    }
    insert_all(transaction, new).await?;
    let losing = claimed::take_over(transaction, takeovers).await?;
    judgement::due(transaction, caller.now, losing).await
}
