//! What is known of customers, as rules read it. The number of statements depends on what the rules read, not on
//! the number of customers.

use std::collections::{BTreeMap, HashMap};

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
    customer: Customer,
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
    let (rows, mut attributes, mut consents, mut identities) = futures_util::try_join!(
        read_customers(db, scope, needs, customers),
        read::read(db, scope, &needs.attributes, customers, now),
        read_consents(db, scope, customers),
        read_identities(db, scope, needs, customers),
    )?;
    let profile = |customer: Customer| {
        let id = customer.id;
        let said = consents.remove(&id).unwrap_or_default();
        let consents_change_at =
            said.iter().filter_map(|row| Said::from(row).ends_at()).filter(|end| *end > now).min();
        let profile = Profile {
            traits: customer.traits.parse().unwrap_or_default(),
            attributes: attributes.remove(&id).unwrap_or_default(),
            identities: identities.remove(&id).unwrap_or_default(),
            customer,
            consents: effective(said, now),
            consents_change_at,
        };
        (id, profile)
    };
    Ok(rows.into_iter().map(profile).collect())
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

    /// When something of it will be different by time alone.
    pub fn changes_at(&self) -> Option<Timestamp> {
        let attributes = self.attributes.iter().filter_map(|attribute| attribute.value.as_ref()?.changes_at);
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
