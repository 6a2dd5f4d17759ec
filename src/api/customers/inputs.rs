//! The arguments of fields that give customers, and the inputs of those that change them.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entities::values::IdentityKind as Kind;

use crate::api::enums::{Channel, ConsentPurpose, ConsentStatus, IdentityKind};
use crate::api::inputs::{DateTimeRange, parse_id};
use crate::api::scalars::{Date, JSONObject};
use crate::db::read::Order;
use crate::domain::customers::consents::ConsentChange;
use crate::domain::customers::devices::NewDevice;
use crate::domain::customers::identify::Claim;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::Profile;
use crate::domain::customers::store;
use crate::graph::PageArguments;
use crate::graph::scalars::DateTime;
use crate::kernel::error::{Error, Result};

/// Which customer is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerBy {
    /// By id: `cus_…`.
    Id(ID),
    /// By something that identifies it.
    Identity(CustomerIdentityInput),
}

/// Something that identifies a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerIdentityInput {
    /// What kind of thing it is.
    #[graphql(name = "type")]
    pub kind: IdentityKind,
    /// The thing itself, in the form it was recorded in: `ada@example.com`.
    #[graphql(validator(min_length = 1, max_length = 320))]
    pub value: String,
}

#[derive(Clone, Debug, InputObject)]
pub struct CustomerArguments {
    /// Which customer is meant.
    pub by: CustomerBy,
}

/// What a list of customers is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerFilter {
    /// When the customer was first seen.
    pub created_at: Option<DateTimeRange>,
    /// True: the customers that were merged into another instead, each as it was; its `mergedInto` is who it
    /// turned out to be. Without it, or false: only those that are customers of their own.
    pub merged: Option<bool>,
}

/// How a list of customers is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum CustomerSort {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

impl CustomerSort {
    pub fn order(self) -> Order {
        match self {
            Self::CreatedAtDesc => Order::Descending,
            Self::CreatedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerListArguments {
    /// Leaves only customers for which all of this holds.
    pub filter: Option<CustomerFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: CustomerSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl CustomerListArguments {
    pub fn filter(&self) -> store::CustomerFilter {
        let filter = self.filter.as_ref();
        store::CustomerFilter {
            created: filter.map(|filter| DateTimeRange::range(&filter.created_at)).unwrap_or_default(),
            merged: filter.and_then(|filter| filter.merged).unwrap_or(false),
        }
    }
}

/// A device that is to be known.
#[derive(Clone, Debug, InputObject)]
pub struct DeviceRegisterInput {
    /// The customer who has signed in to the device; needs the scope `customers:write`. Without it the device gets
    /// a new anonymous customer of its own.
    pub customer_id: Option<ID>,
    /// What kind of place it is; carts are priced by it. One of WEB, MOBILE_APP, SMART_TV and OTHER, unless a token of
    /// staff registers it.
    pub channel: Channel,
    /// Operating system or browser family: `ios`.
    pub platform: String,
    /// What the maker calls it: `iPhone 17`.
    pub model: Option<String>,
    /// The random id that the device already uses in its messages, if it has one; nobody else's. With
    /// `customerId` it may be that customer's already.
    pub anonymous_id: Option<String>,
}

impl DeviceRegisterInput {
    pub fn device(self) -> Result<NewDevice> {
        let anonymous_id = anonymous("input.anonymousId", self.anonymous_id)?;
        let customer = self.customer_id.map(|id| parse_id("input.customerId", &id)).transpose()?;
        Ok(NewDevice {
            customer,
            channel: self.channel.into(),
            platform: self.platform,
            model: self.model,
            anonymous_id,
        })
    }
}

fn anonymous(path: &str, id: Option<String>) -> Result<Option<IdentityKey>> {
    id.map(|id| key(path, Kind::AnonymousId, &id)).transpose()
}

/// Reads an identity; the error names the argument.
fn key(path: &str, kind: Kind, value: &str) -> Result<IdentityKey> {
    IdentityKey::try_new(kind, value).map_err(|wrong| Error::invalid(path, format!("The value {wrong}.")))
}

/// Something by which a customer is known from now on.
#[derive(Clone, Debug, InputObject)]
pub struct IdentityClaimInput {
    /// What kind of thing it is.
    #[graphql(name = "type")]
    pub kind: IdentityKind,
    /// The thing itself: `ada@example.com`.
    pub value: String,
    /// True when you have seen proof that it is the customer's. Only staff is believed.
    #[graphql(default)]
    pub verified: bool,
}

/// Who somebody is, and what is known of them. Null says nothing: it never erases.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerIdentifyInput {
    /// The customer, if you know it: `cus_…`. A customer may leave it out and means itself.
    pub customer_id: Option<ID>,
    /// The random id of the browser or app that the customer uses: what happened there before is the
    /// customer's from now on.
    pub anonymous_id: Option<String>,
    /// All that identifies the customer, at most 20.
    #[graphql(default, validator(max_items = 20))]
    pub identities: Vec<IdentityClaimInput>,
    #[graphql(flatten)]
    pub profile: ProfileInput,
}

impl CustomerIdentifyInput {
    pub fn claims(&self) -> Result<Vec<Claim>> {
        let mut claims = Vec::with_capacity(self.identities.len() + 1);
        if let Some(key) = anonymous("input.anonymousId", self.anonymous_id.clone())? {
            claims.push(Claim { key, verified: false, path: "anonymousId".to_owned() });
        }
        for (at, claim) in self.identities.iter().enumerate() {
            let path = format!("identities.{at}.value");
            let key = key(&format!("input.{path}"), claim.kind.into(), &claim.value)?;
            claims.push(Claim { key, verified: claim.verified, path });
        }
        Ok(claims)
    }
}

/// What is known of a customer. Null says nothing: it never erases.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ProfileInput {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The address to write to. To recognise the customer by it, name it among the identities.
    pub email: Option<String>,
    /// The number to call.
    pub phone: Option<String>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Language and region, BCP 47: `de-AT`.
    pub locale: Option<String>,
    /// Anything else, added key by key to what is there; a key with null is removed. At most 300 keys and
    /// 32 KB in all.
    pub traits: Option<JSONObject>,
}

impl From<ProfileInput> for Profile {
    fn from(input: ProfileInput) -> Self {
        Self {
            first_name: input.first_name,
            last_name: input.last_name,
            email: input.email,
            phone: input.phone,
            birth_date: input.birth_date.map(|day| day.0.to_string()),
            locale: input.locale,
            traits: input.traits.map(|traits| traits.0).unwrap_or_default(),
        }
    }
}

/// What of a customer changes. Null says nothing: it never erases.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerUpdateInput {
    /// The customer: `cus_…`. A customer may leave it out and means itself.
    pub customer_id: Option<ID>,
    #[graphql(flatten)]
    pub profile: ProfileInput,
}

/// Two customers that turned out to be one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerMergeInput {
    /// The customer that goes on: `cus_…`.
    pub survivor_id: ID,
    /// The customer that turned out to be the other: `cus_…`.
    pub merged_id: ID,
    /// Why they are one, for those who read the log, in 1 to 500 characters.
    pub reason: String,
}

/// A customer that was merged into another and should not have been.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerUnmergeInput {
    /// The customer that is to be itself again: `cus_…`.
    pub customer_id: ID,
}

/// What a customer says about the use of its data.
#[derive(Clone, Debug, InputObject)]
pub struct ConsentsUpdateInput {
    /// The customer: `cus_…`. A customer may leave it out and means itself.
    pub customer_id: Option<ID>,
    /// What it says, each purpose once; what is not named stays as it is.
    #[graphql(validator(min_items = 1, max_items = 4))]
    pub consents: Vec<ConsentInput>,
}

/// What a customer says about one purpose.
#[derive(Clone, Debug, InputObject)]
pub struct ConsentInput {
    /// What the data may be used for.
    pub purpose: ConsentPurpose,
    /// What the customer says.
    pub status: ConsentStatus,
    /// Where it was said: `web banner`.
    pub source: String,
    /// Until when a grant counts; null for as long as it is not changed.
    pub expires_at: Option<DateTime>,
}

impl From<ConsentInput> for ConsentChange {
    fn from(input: ConsentInput) -> Self {
        Self {
            purpose: input.purpose.into(),
            status: input.status.into(),
            source: input.source,
            expires_at: input.expires_at.map(|time| time.0),
        }
    }
}
