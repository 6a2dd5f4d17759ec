//! How links to customers, and to what belongs to them, are loaded.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use entities::ids::{CustomerId, DeviceId};
use entities::values::IdentityKind;

use crate::api::customers::types::Device;
use crate::api::reads::{Reads, with_totals};
use crate::domain::customers::{rows, store};
use crate::graph::{Batch, Input, PageArguments, Want};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

/// Which customer has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomerById(pub CustomerId);

/// A customer of whom a link is to know all that rules may read: the row, with the columns [`Profiled::COLUMNS`].
#[derive(Clone, Debug)]
pub struct Profiled(Arc<rows::Customer>);

impl Profiled {
    pub const COLUMNS: &'static [&'static str] = &["id", "created_at", "locale", "traits", "merged_into"];

    pub fn of(row: &rows::Customer) -> Self {
        Self(Arc::new(row.clone()))
    }

    pub fn id(&self) -> CustomerId {
        self.0.id
    }

    pub fn row(&self) -> Arc<rows::Customer> {
        Arc::clone(&self.0)
    }
}

impl PartialEq for Profiled {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Profiled {}

impl Hash for Profiled {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

/// Whose identity is this?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerByIdentity {
    pub kind: IdentityKind,
    pub value: String,
}

/// Which identities has this customer?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentitiesOf(pub CustomerId);

/// What has this customer consented to?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConsentsOf(pub CustomerId);

/// Which devices has this customer?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DevicesOf(pub CustomerId);

/// Which device has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceById(pub DeviceId);

impl Batch<CustomerById> for Reads {
    type Arguments = ();
    type Value = rows::Customer;

    async fn load(
        &self,
        keys: &[CustomerById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<CustomerById, rows::Customer>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (CustomerById(id), row)).collect())
    }
}

impl Batch<CustomerByIdentity> for Reads {
    type Arguments = ();
    type Value = CustomerId;

    async fn load(
        &self,
        keys: &[CustomerByIdentity],
        _: Want<'_, ()>,
    ) -> Result<HashMap<CustomerByIdentity, CustomerId>> {
        let mut by_kind: HashMap<IdentityKind, Vec<String>> = HashMap::new();
        for key in keys {
            by_kind.entry(key.kind).or_default().push(key.value.clone());
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (kind, values) in by_kind {
            let customers = store::by_identities(&self.db, self.scope(), kind, &values).await?;
            found.extend(customers.into_iter().map(|(value, id)| (CustomerByIdentity { kind, value }, id)));
        }
        Ok(found)
    }
}

impl Batch<IdentitiesOf> for Reads {
    type Arguments = ();
    type Value = Vec<rows::CustomerIdentity>;

    async fn load(
        &self,
        keys: &[IdentitiesOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<IdentitiesOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let lists = store::identities_by_customer_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(lists.into_iter().map(|(id, list)| (IdentitiesOf(id), list)).collect())
    }
}

impl Batch<ConsentsOf> for Reads {
    type Arguments = ();
    type Value = Vec<rows::Consent>;

    async fn load(
        &self,
        keys: &[ConsentsOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ConsentsOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let now = self.clock.now();
        let lists = store::consents_by_customer_ids(&self.db, self.scope(), &ids, want.columns, now).await?;
        Ok(lists.into_iter().map(|(id, list)| (ConsentsOf(id), list)).collect())
    }
}

impl Batch<DevicesOf> for Reads {
    type Arguments = Input<PageArguments>;
    type Value = Page<rows::Device>;

    async fn load(
        &self,
        keys: &[DevicesOf],
        want: Want<'_, Input<PageArguments>>,
    ) -> Result<HashMap<DevicesOf, Page<rows::Device>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let request = want.arguments.0.request::<Device>()?;
        let pages = store::devices_by_customer_ids(&self.db, self.scope(), &ids, &request, want.columns);
        let totals = || store::device_counts_by_customer_ids(&self.db, self.scope(), &ids);
        let pages = with_totals(want.columns, pages, totals).await?;
        Ok(pages.into_iter().map(|(id, page)| (DevicesOf(id), page)).collect())
    }
}

impl Batch<DeviceById> for Reads {
    type Arguments = ();
    type Value = rows::Device;

    async fn load(
        &self,
        keys: &[DeviceById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<DeviceById, rows::Device>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::devices_by_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (DeviceById(id), row)).collect())
    }
}
