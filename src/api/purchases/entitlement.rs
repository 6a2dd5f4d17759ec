//! The field table of entitlements, and how they are loaded.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::InputObject;
use entities::ids::{CustomerId, EntitlementId};

use crate::api::customers::batches::CustomerById;
use crate::api::customers::types::Customer;
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::purchases::batches::PurchaseById;
use crate::api::purchases::types::Purchase;
use crate::api::reads::{Reads, with_totals};
use crate::db::read::Row;
use crate::domain::purchases::rows;
use crate::domain::purchases::store;
use crate::graph::{Batch, FieldTable, GraphType, Identifier, Input, PageArguments, Paged, Want};
use crate::kernel::error::Result;
use crate::kernel::page::{Cursor, Page};

/// What may this customer use?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntitlementsOf(pub CustomerId);

/// Which entitlement has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntitlementById(pub EntitlementId);

/// What a list of entitlements is narrowed to.
#[derive(Clone, Debug, Default, InputObject)]
pub struct EntitlementFilter {
    /// Of `true` those that may be used at this moment by the server's clock, of `false` those that may not: expired, taken
    /// away, or not begun. Without it both are there; then look at `active` of each.
    pub active: Option<bool>,
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct EntitlementListArguments {
    /// Leaves only entitlements for which all of this holds.
    pub filter: Option<EntitlementFilter>,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl Batch<EntitlementsOf> for Reads {
    type Arguments = Input<EntitlementListArguments>;
    type Value = Page<rows::Entitlement>;

    async fn load(
        &self,
        keys: &[EntitlementsOf],
        want: Want<'_, Input<EntitlementListArguments>>,
    ) -> Result<HashMap<EntitlementsOf, Page<rows::Entitlement>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let Input(arguments) = want.arguments;
        let (scope, now) = (self.scope(), self.clock.now());
        let request = arguments.page.request::<Entitlement>()?;
        let is_active = arguments.filter.as_ref().and_then(|filter| filter.active);
        let filter = store::EntitlementFilter { is_active, now };
        let pages =
            store::entitlements_by_customer_ids(&self.db, scope, &ids, &filter, &request, want.columns);
        let totals = || store::entitlement_counts_by_customer_ids(&self.db, scope, &ids, &filter);
        let mut pages = with_totals(want.columns, pages, totals).await?;
        pages.values_mut().flat_map(|page| &mut page.rows).for_each(|row| row.read_at = now);
        Ok(pages.into_iter().map(|(id, page)| (EntitlementsOf(id), page)).collect())
    }
}

impl Batch<EntitlementById> for Reads {
    type Arguments = ();
    type Value = rows::Entitlement;

    async fn load(
        &self,
        keys: &[EntitlementById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<EntitlementById, rows::Entitlement>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::entitlements_by_ids(&self.db, self.scope(), &ids, want.columns).await?;
        let read_at = self.clock.now();
        let read = |(id, row)| (EntitlementById(id), rows::Entitlement { read_at, ..row });
        Ok(rows.into_iter().map(read).collect())
    }
}

/// A digital product that a customer may use.
pub struct Entitlement;

impl GraphType for Entitlement {
    type Row = rows::Entitlement;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Entitlement".into()
    }

    fn description() -> Cow<'static, str> {
        "A digital product that a customer paid for and may use on every device. It counts from `grantedAt` until \
         `expiresAt`, unless `revokedAt` says that it was refunded. A line of a purchase gives one, however many of it \
         were bought: of a line of 2 of which 1 is refunded it stays as it is, and is taken away when the last one is \
         refunded."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Entitlement::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The entitlement's id: `ent_…`.", &["id"], |row| Identifier(row.id));
        t.link::<Customer, _>("customer", "Who may use it.", &["customer_id"], |row| {
            CustomerById(row.customer_id)
        });
        t.link::<Product, _>("product", "What may be used.", &["product_id"], |row| {
            ProductById(row.product_id)
        });
        t.link::<Purchase, _>("purchase", "By which purchase.", &["purchase_id"], |row| {
            PurchaseById(row.purchase_id)
        });
        t.calc(
            "active",
            "Whether it may be used at this moment, by the server's clock: show it as playable. It ends at `expiresAt` by \
             itself.",
            &["granted_at", "expires_at", "revoked_at"],
            rows::Entitlement::is_active,
        );
        t.leaf("grantedAt", "When it was paid for.", &["granted_at"], |row| &row.granted_at);
        t.leaf("expiresAt", "Until when it may be used; null for ever.", &["expires_at"], |row| {
            &row.expires_at
        });
        t.leaf(
            "revokedAt",
            "When it was taken away because it was refunded; null as long as it was not.",
            &["revoked_at"],
            |row| &row.revoked_at,
        );
    }
}

impl Paged for Entitlement {
    const CURSOR_KIND: u8 = b'e';

    fn cursor(row: &rows::Entitlement) -> Cursor {
        Cursor { key: row.granted_at.millis(), id: row.id.0 }
    }
}
