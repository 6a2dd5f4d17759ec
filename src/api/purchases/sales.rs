//! Who sells, as the services know it: who asks, where, and how far it is trusted with money.

use entities::ids::CustomerId;

use crate::api::callers::CallerName;
use crate::api::payload::graphql_error;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::purchases::selling::{Deed, SalesPlace, Seller, Selling};
use crate::domain::touchpoints::store::{self, Touchpoint};
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Viewer};

impl CallerName {
    /// Who may change carts: a customer its own, touchpoints and staff with the scope anybody's.
    pub async fn selling(reads: &Reads) -> async_graphql::Result<Self> {
        Self::allowed(reads, Scope::PurchasesWrite).await
    }

    /// Who may do this with purchases.
    pub async fn clerk(reads: &Reads, deed: Deed) -> async_graphql::Result<Self> {
        let name = Self::allowed(reads, Scope::PurchasesWrite).await?;
        if name.seller(reads).may(deed) {
            return Ok(name);
        }
        Err(graphql_error(reads, &Error::Forbidden(deed.who_may().to_owned())))
    }

    /// Who asks, where it is about money.
    pub(super) fn seller(&self, reads: &Reads) -> Seller {
        match reads.viewer {
            Viewer::Staff { .. } => Seller::Staff,
            Viewer::Touchpoint(_) => Seller::Touchpoint(self.channel()),
            Viewer::Customer(_) | Viewer::Device { .. } | Viewer::Anonymous => Seller::Customer,
        }
    }
}

impl Reads {
    pub(super) async fn selling<'a>(&'a self, name: &'a CallerName) -> Result<Selling<'a>> {
        Ok(Selling {
            caller: name.caller(self),
            seller: name.seller(self),
            place: self.sales_place().await?,
            holds: self.services.holds,
            most_held: self.services.most_held,
            pending_minutes: self.services.pending_minutes,
        })
    }

    async fn sales_place(&self) -> Result<SalesPlace> {
        let place = self.place(None).await?;
        let mut currency = None;
        if let Some(id) = place.touchpoint {
            let rows = store::by_ids(&self.db, &[id], Touchpoint::column("currency")).await?;
            currency = rows.get(&id).map(|row| row.currency);
        }
        Ok(SalesPlace { channel: place.channel, touchpoint: place.touchpoint, currency })
    }

    /// Whose cart is meant: the customer named, else who asks.
    pub(super) fn meant(&self, named: Option<CustomerId>) -> Option<CustomerId> {
        self.viewer.own().or(named)
    }
}
