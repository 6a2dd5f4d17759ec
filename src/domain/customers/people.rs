//! The customers of one transaction by their identities: those of the database and those about to be made.

mod writing;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{IdentityKind, TextEnum};
use entities::{customer, customer_identity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::columnar::is_any_text;
use crate::domain::customers::claimed::{ClaimedIdentity, Takeover};
use crate::domain::customers::counts::{Counted, IdentityCounts, has_any, identity_counts};
use crate::domain::customers::family;
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::import::{CustomerRef, Profile, apply};
use crate::domain::customers::limits;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// A customer that some identities named.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Found {
    pub id: CustomerId,
    pub is_new: bool,
    pub gained_identity: bool,
}

/// The customers of one transaction by their identities: those of the database and those about to be made.
pub(in crate::domain) struct People {
    owners: HashMap<IdentityKey, CustomerId>,
    /// Identities that only a browser or device has said: they name nobody.
    claimed: HashMap<IdentityKey, ClaimedIdentity>,
    /// What the owners that were merged have become.
    canonical: HashMap<CustomerId, CustomerId>,
    /// Rows named by their ids that nothing may be recorded for any more.
    erased: HashSet<CustomerId>,
    /// How many identities of each kind the owners have who may be given more, all their rows counted.
    counts: IdentityCounts,
    new_customers: BTreeMap<CustomerId, customer::Model>,
    new_identities: BTreeMap<IdentityKey, (CustomerId, Timestamp)>,
    takeovers: Vec<Takeover>,
}

impl People {
    /// Reads who owns these identities.
    pub async fn load(
        connection: &impl ConnectionTrait,
        keys: impl Iterator<Item = &IdentityKey>,
    ) -> Result<Self> {
        let mut by_kind: BTreeMap<IdentityKind, Vec<&str>> = BTreeMap::new();
        for key in keys {
            by_kind.entry(key.kind()).or_default().push(key.value());
        }
        let (mut owners, mut claimed) = (HashMap::new(), HashMap::new());
        for (kind, mut values) in by_kind {
            values.sort_unstable();
            values.dedup();
            let values = values.into_iter().map(str::to_owned);
            let query = customer_identity::Entity::find()
                .filter(customer_identity::Column::Kind.eq(kind))
                .filter(is_any_text(connection, "value", values));
            for row in query.all(connection).await? {
                let (key, customer) = (IdentityKey::stored(row.kind, row.value), row.customer_id);
                if row.claimed {
                    claimed.insert(key, ClaimedIdentity { identity: row.id, customer });
                } else {
                    owners.insert(key, customer);
                }
            }
        }
        let claimants = claimed.values().map(|claimed: &ClaimedIdentity| claimed.customer);
        let held = family::hold(connection, owners.values().copied().chain(claimants)).await?;
        if held.values().any(|held| held.is_erased) {
            return Err(Error::Contended("a customer was erased meanwhile".to_owned()));
        }
        Ok(Self {
            owners,
            claimed,
            canonical: held.into_iter().map(|(id, held)| (id, held.canonical)).collect(),
            erased: HashSet::new(),
            counts: IdentityCounts::new(),
            new_customers: BTreeMap::new(),
            new_identities: BTreeMap::new(),
            takeovers: Vec::new(),
        })
    }

    /// Learns of rows that are named by their ids.
    pub async fn follow(
        &mut self,
        connection: &impl ConnectionTrait,
        mut ids: Vec<CustomerId>,
    ) -> Result<()> {
        ids.retain(|id| !self.canonical.contains_key(id));
        for (id, held) in family::hold(connection, ids).await? {
            self.canonical.insert(id, held.canonical);
            if held.is_erased {
                self.erased.insert(id);
            }
        }
        Ok(())
    }

    /// The same for names that stand together, so that `find_or_add` may give one to the owner of another.
    pub async fn load_together(
        connection: &impl ConnectionTrait,
        names: Vec<&[IdentityKey]>,
    ) -> Result<Self> {
        let all: Vec<&IdentityKey> = names.iter().copied().flatten().collect();
        let mut people = Self::load(connection, all.into_iter()).await?;
        let gaining = people.gaining(&names);
        if !gaining.is_empty() {
            people.counts = identity_counts(connection, &gaining, Counted::Confirmed).await?;
        }
        Ok(people)
    }

    /// Who would be given names by those that stand beside them.
    fn gaining(&self, names: &[&[IdentityKey]]) -> Vec<CustomerId> {
        let gains = |keys: &&&[IdentityKey]| keys.iter().any(|key| !self.owners.contains_key(key));
        let owners = names.iter().filter(gains).flat_map(|keys| keys.iter());
        let people: BTreeSet<CustomerId> = owners.filter_map(|key| self.person(key)).collect();
        people.into_iter().collect()
    }

    /// The customer these identities name, if they name one: the first's own row, whatever it was merged
    /// into. Identities of two customers that are not one are refused.
    fn owner(&self, keys: &[IdentityKey]) -> Result<Option<CustomerId>, String> {
        let mut owners = keys.iter().filter_map(|key| self.owners.get(key).map(|owner| (key, *owner)));
        let Some((key, owner)) = owners.next() else { return Ok(None) };
        match owners.find(|(_, other)| self.person_of(*other) != self.person_of(owner)) {
            Some((other, _)) => Err(format!("{key} and {other} belong to two customers; merge them first")),
            None => Ok(Some(owner)),
        }
    }

    /// Who an identity names, whatever their row was merged into.
    pub fn person(&self, key: &IdentityKey) -> Option<CustomerId> {
        self.owners.get(key).map(|owner| self.person_of(*owner))
    }

    /// Who has claimed an identity that names nobody yet.
    pub fn claimant(&self, key: &IdentityKey) -> Option<CustomerId> {
        self.claimed.get(key).map(|claimed| self.person_of(claimed.customer))
    }

    /// The one person that all these identities name; what is only claimed counts beside a name of its claimant.
    pub fn one_person(&self, keys: &[IdentityKey]) -> Option<CustomerId> {
        let person = keys.iter().find_map(|key| self.person(key));
        let is_theirs = |key| person == self.person(key).or_else(|| self.claimant(key));
        person.filter(|_| keys.iter().all(is_theirs))
    }

    /// The customer these identities name; the first to name nobody makes one, with `new_id`. Identities that were
    /// nobody's, or only claimed, become the customer's: who names them together is believed. Identities of two
    /// customers are refused.
    pub fn find_or_add(
        &mut self,
        new_id: CustomerId,
        seen_at: Timestamp,
        keys: &[IdentityKey],
    ) -> Result<Found, String> {
        let keys = &*self.leading(keys);
        let owner = self.owner(keys)?;
        let id = owner.unwrap_or(new_id);
        let is_new = owner.is_none();
        let person = self.person_of(id);
        let new: BTreeSet<&IdentityKey> = keys.iter().filter(|key| !self.owners.contains_key(key)).collect();
        if !is_new && new.is_empty() {
            return Ok(Found { id, is_new, gained_identity: false });
        }
        self.check_limits(person, &new)?;
        if is_new {
            self.new_customers.insert(id, customer::Model::bare(id, seen_at));
        }
        for key in new {
            *self.counts.entry((person, key.kind())).or_default() += 1;
            self.owners.insert(key.clone(), id);
            match self.claimed.remove(key) {
                None => drop(self.new_identities.insert(key.clone(), (id, seen_at))),
                Some(from) => {
                    let takeover = Takeover { from, to: id, at: seen_at, verified: false, claimed: false };
                    self.takeovers.push(takeover);
                }
            }
        }
        Ok(Found { id, is_new, gained_identity: true })
    }

    /// Whether anything but a browser or device names a person who would be given a name.
    pub(super) fn is_known(&self, person: CustomerId) -> bool {
        has_any(&self.counts, person, is_of_somebody)
    }

    fn check_limits(&self, person: CustomerId, new: &BTreeSet<&IdentityKey>) -> Result<(), String> {
        for kind in IdentityKind::ALL {
            let gained = new.iter().filter(|key| key.kind() == *kind).count();
            let (limit, has) = (limits::identities(*kind), self.counts.get(&(person, *kind)));
            if gained > 0 && has.copied().unwrap_or_default() + gained > limit {
                let kind = kind.text();
                return Err(format!(
                    "its customer would have more than {limit} of {kind}, which is the most"
                ));
            }
        }
        Ok(())
    }

    /// Who this row's customer is, whatever it was merged into.
    pub fn person_of(&self, row: CustomerId) -> CustomerId {
        self.canonical.get(&row).copied().unwrap_or(row)
    }

    /// Whether a row that is named by its id is nobody's: there is none, or its customer was erased. Rows that were
    /// not followed are not known.
    pub fn is_nobody(&self, customer: &CustomerRef) -> bool {
        let is_gone = |id: CustomerId| self.erased.contains(&id) || !self.canonical.contains_key(&id);
        customer.known().is_some_and(is_gone)
    }

    /// The customer a behavior or purchase would be for, when that needs nobody to be made.
    pub fn find(&self, customer: &CustomerRef) -> Result<Option<CustomerId>, String> {
        match customer {
            CustomerRef::Known(id) if self.erased.contains(id) => Err("its customer was erased".to_owned()),
            CustomerRef::Known(id) => Ok(Some(*id)),
            CustomerRef::Identified(keys) => self.owner(&self.leading(keys)),
            CustomerRef::Unproven(keys) => self.owner(self.proven(keys)),
        }
    }

    /// The customer a behavior or purchase that is to be recorded is for, made when there is none.
    pub fn resolve(
        &mut self,
        ids: &Ids,
        customer: &CustomerRef,
        seen_at: Timestamp,
    ) -> Result<CustomerId, String> {
        match customer {
            CustomerRef::Known(id) => Ok(*id),
            CustomerRef::Identified(keys) => {
                self.find_or_add(ids.next(seen_at), seen_at, keys).map(|found| found.id)
            }
            CustomerRef::Unproven(keys) => {
                let keys = self.proven(keys);
                self.find_or_add(ids.next(seen_at), seen_at, keys).map(|found| found.id)
            }
        }
    }

    /// Describes a customer about to be made; whether that said anything new.
    pub fn describe(&mut self, id: CustomerId, profile: Profile, now: Timestamp) -> bool {
        self.new_customers.get_mut(&id).is_some_and(|row| {
            row.described_at = Some(now);
            apply(row, profile)
        })
    }

    /// How many customers `store` will make.
    pub fn added(&self) -> usize {
        self.new_customers.len()
    }
}
