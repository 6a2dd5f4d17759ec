//! Who sells, as the services know it: who asks, where, and by what name a request is known again.

use entities::ids::CustomerId;

use crate::api::callers::CallerName;
use crate::api::payload::graphql_error;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::purchases::idempotency::Principal;
use crate::domain::purchases::selling::{SalesPlace, Selling};
use crate::domain::touchpoints::store::{self, Touchpoint};
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Viewer};

impl CallerName {
    /// Who may change carts: a customer its own, touchpoints and staff with the scope anybody's.
    pub async fn selling(reads: &Reads) -> async_graphql::Result<Self> {
        Self::allowed(reads, Scope::PurchasesWrite).await
    }

    /// Who may change purchases: touchpoints and staff with the scope, not customers.
    pub async fn clerk(reads: &Reads) -> async_graphql::Result<Self> {
        if reads.viewer.own().is_some() {
            let message = "This is for tills and staff; a customer may call off what is not paid yet.";
            return Err(graphql_error(reads, &Error::Forbidden(message.to_owned())));
        }
        Self::allowed(reads, Scope::PurchasesWrite).await
    }
}

impl Reads {
    pub(super) async fn selling<'a>(&'a self, name: &'a CallerName) -> Result<Selling<'a>> {
        Ok(Selling {
            caller: name.caller(self),
            place: self.sales_place().await?,
            holds: self.services.holds,
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

    /// Under whose name the idempotency keys of a request stand.
    pub(super) fn principal(&self) -> Principal {
        match self.viewer {
            Viewer::Customer(own) | Viewer::Device { customer: own, .. } => Principal::Customer(own),
            Viewer::Touchpoint(id) => Principal::Named(id.to_string()),
            Viewer::Staff { token, .. } => Principal::Named(format!("staff-{token}")),
            Viewer::Anonymous => Principal::Named("anonymous".to_owned()),
        }
    }

    /// Whose cart is meant: the customer named, else who asks.
    pub(super) fn meant(&self, named: Option<CustomerId>) -> Option<CustomerId> {
        self.viewer.own().or(named)
    }
}
