//! What is known of customers, as rules read it. The number of statements depends on what the rules read, not on
//! the number of customers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus, IdentityKind, TextEnum};
use serde_json::Value;

use crate::db::Db;
use crate::db::read::{Order, Row, Select};
use crate::domain::attributes::read::{self, Attribute};
use crate::domain::customers::effective_consents::{Said, effective};
use crate::domain::customers::merging::MERGING;
use crate::domain::customers::rows::{Consent, Customer, CustomerIdentity};
use crate::domain::segments::catalogue::Needs;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;
use crate::rules::{Fact, Facts};

/// What is known of one customer. Of customers that were merged: what they say of themselves is the survivor's,
/// all else is that of all of them.
#[derive(Debug)]
pub struct Profile {
    customer: Arc<Customer>,
    traits: Value,
    attributes: Vec<Attribute>,
    consents: BTreeMap<ConsentPurpose, Consent>,
    /// Until when the first of the consents counts, also of those that do not decide now.
    consents_change_at: Option<Timestamp>,
    identities: Vec<CustomerIdentity>,
}

/// Reads what the rules need of each of these customers that the scope has.
pub async fn read(
    db: &Db,
    scope: CustomerScope,
    needs: &Needs,
    customers: &[CustomerId],
    now: Timestamp,
) -> Result<HashMap<CustomerId, Profile>> {
    let (rows, mut parts) = futures_util::try_join!(
        read_customers(db, scope, needs, customers),
        Parts::read(db, scope, needs, customers, customers, now),
    )?;
    Ok(rows.into_iter().map(|row| (row.id, parts.profile(Arc::new(row)))).collect())
}

/// The same of customers whose rows are known, with their traits; of `others` the attributes alone.
pub async fn read_known(
    db: &Db,
    scope: CustomerScope,
    needs: &Needs,
    rows: Vec<Arc<Customer>>,
    others: &[CustomerId],
    now: Timestamp,
) -> Result<Known> {
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    let all: Vec<CustomerId> = ids.iter().chain(others).copied().collect();
    let mut parts = Parts::read(db, scope, needs, &all, &ids, now).await?;
    let profiles = rows.into_iter().map(|row| (row.id, Arc::new(parts.profile(row)))).collect();
    Ok(Known { profiles, attributes: parts.attributes })
}

/// What is known of several customers.
#[derive(Debug, Default)]
pub struct Known {
    pub profiles: HashMap<CustomerId, Arc<Profile>>,
    /// Of those of whom nothing else was asked.
    pub attributes: HashMap<CustomerId, Vec<Attribute>>,
}

impl Known {
    /// The attributes that were read of a customer, maybe more than one asker wanted.
    pub fn attributes_of(&self, id: CustomerId) -> &[Attribute] {
        let own = || self.attributes.get(&id).map_or(&[][..], Vec::as_slice);
        self.profiles.get(&id).map_or_else(own, |profile| &profile.attributes)
    }
}

/// What profiles are made from beside the customers' rows.
struct Parts {
    attributes: HashMap<CustomerId, Vec<Attribute>>,
    consents: HashMap<CustomerId, Vec<Consent>>,
    identities: HashMap<CustomerId, Vec<CustomerIdentity>>,
    now: Timestamp,
}

impl Parts {
    /// Attributes of all, the rest of those who are to have a profile.
    async fn read(
        db: &Db,
        scope: CustomerScope,
        needs: &Needs,
        all: &[CustomerId],
        profiles: &[CustomerId],
        now: Timestamp,
    ) -> Result<Self> {
        let (attributes, consents, identities) = futures_util::try_join!(
            read::read(db, scope, &needs.attributes, all, now),
            read_consents(db, scope, profiles),
            read_identities(db, scope, needs, profiles),
        )?;
        Ok(Self { attributes, consents, identities, now })
    }

    fn profile(&mut self, customer: Arc<Customer>) -> Profile {
        let id = &customer.id;
        let (said, now) = (self.consents.remove(id).unwrap_or_default(), self.now);
        let consents_change_at =
            said.iter().filter_map(|row| Said::from(row).ends_at()).filter(|end| *end > now).min();
        Profile {
            traits: customer.traits.parse().unwrap_or_default(),
            attributes: self.attributes.remove(id).unwrap_or_default(),
            identities: self.identities.remove(id).unwrap_or_default(),
            customer,
            consents: effective(said, now),
            consents_change_at,
        }
    }
}

async fn read_customers(
    db: &Db,
    scope: CustomerScope,
    needs: &Needs,
    customers: &[CustomerId],
) -> Result<Vec<Customer>> {
    let names: &[&str] = if needs.traits { &["traits"] } else { &[] };
    let columns = ["id", "created_at", "locale", "merged_into"].iter().chain(names);
    let columns = columns.fold(Columns::NONE, |all, name| all | Customer::column(name));
    Select::of(columns).scope("id", scope, MERGING).any("id", customers).rows(db).await
}

/// All that was said about consent. It is always read: a refusal keeps a customer out.
async fn read_consents(
    db: &Db,
    scope: CustomerScope,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<Consent>>> {
    Select::<Consent>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .order("purpose", Order::Ascending)
        .expanding(MERGING)
        .by_parent(db, "customer_id", customers)
        .await
}

/// Those that are more than claimed: what somebody says of itself opens no offers.
async fn read_identities(
    db: &Db,
    scope: CustomerScope,
    needs: &Needs,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<CustomerIdentity>>> {
    if !needs.identities {
        return Ok(HashMap::new());
    }
    let columns = CustomerIdentity::column("kind") | CustomerIdentity::column("value");
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .eq("claimed", false)
        .order("created_at", Order::Ascending)
        .expanding(MERGING)
        .by_parent(db, "customer_id", customers)
        .await
}

impl Profile {
    /// Whom this customer was merged into, if it is no customer of its own any more.
    pub fn merged_into(&self) -> Option<CustomerId> {
        self.customer.merged_into
    }

    pub fn refuses(&self, purpose: ConsentPurpose) -> bool {
        self.status(purpose).is_some_and(|status| status != ConsentStatus::Granted)
    }

    fn status(&self, purpose: ConsentPurpose) -> Option<ConsentStatus> {
        self.consents.get(&purpose).map(|consent| consent.status)
    }

    pub fn id(&self) -> CustomerId {
        self.customer.id
    }

    pub fn created_at(&self) -> Timestamp {
        self.customer.created_at
    }

    /// What the customer said, by purpose.
    pub fn consents(&self) -> HashMap<ConsentPurpose, ConsentStatus> {
        self.consents.iter().map(|(purpose, consent)| (*purpose, consent.status)).collect()
    }

    /// When something of it that is needed will be different by time alone.
    pub fn changes_at(&self, needs: &Needs) -> Option<Timestamp> {
        let is_needed = |attribute: &&Attribute| {
            needs.attributes.iter().any(|definition| definition.id == attribute.definition.id)
        };
        let attributes = self.attributes.iter().filter(is_needed);
        let attributes = attributes.filter_map(|attribute| attribute.value.as_ref()?.changes_at);
        attributes.chain(self.consents_change_at).min()
    }

    /// The same as a rule sees it.
    pub fn facts(&self, now: Timestamp) -> Facts<'_> {
        let attributes: BTreeMap<String, Fact<'_>> = self
            .attributes
            .iter()
            .map(|attribute| {
                let fact = match &attribute.value {
                    Some(value) => Fact::Json(&value.value),
                    None => Fact::Null,
                };
                (attribute.definition.key.clone(), fact)
            })
            .collect();
        let consents: BTreeMap<String, Fact<'_>> = ConsentPurpose::ALL
            .iter()
            .map(|purpose| (purpose.text().to_owned(), self.status(*purpose).map(ConsentStatus::text).into()))
            .collect();
        Facts::new()
            .with("traits", &self.traits)
            .with("attributes", attributes)
            .with("consents", consents)
            .with("identities", self.identities())
            .with("createdAt", self.customer.created_at)
            .with("locale", self.customer.locale.as_deref())
            .with("now", now)
    }

    fn identities(&self) -> BTreeMap<String, Fact<'_>> {
        let values = |kind: &IdentityKind| {
            let own = self.identities.iter().filter(|identity| identity.kind == *kind);
            Fact::List(own.map(|identity| identity.value.as_str().into()).collect())
        };
        let kinds = IdentityKind::ALL.iter();
        let held = kinds.filter(|kind| self.identities.iter().any(|identity| identity.kind == **kind));
        held.map(|kind| (kind.text().to_owned(), values(kind))).collect()
    }
}
