//! Writing those that are about to be made.

use std::collections::BTreeSet;

use entities::customer_identity;
use entities::ids::{CustomerId, CustomerIdentityId};
use entities::timestamp::Timestamp;
use sea_orm::ConnectionTrait;

use super::People;
use crate::db::bulk::insert_all;
use crate::db::outbox;
use crate::domain::customers::{claimed, judgement};
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

impl People {
    /// Writes the new customers and identities. Another writer who took one of the identities meanwhile
    /// makes it a conflict: the transaction is then to be run again.
    pub async fn store(self, connection: &impl ConnectionTrait, ids: &Ids, now: Timestamp) -> Result<()> {
        let touched = self.write(connection, ids, now).await?;
        outbox::announce(connection, touched).await
    }

    /// The same, but who changed by it is for the caller to announce, together with what else it changes.
    pub async fn write(
        self,
        connection: &impl ConnectionTrait,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<BTreeSet<CustomerId>> {
        let named = self.new_identities.values().map(|(customer, _)| *customer);
        let given = self.takeovers.iter().map(|takeover| takeover.to);
        let mut touched: BTreeSet<CustomerId> =
            self.new_customers.keys().copied().chain(named).chain(given).collect();
        insert_all(connection, self.new_customers.into_values().collect()).await?;
        let identities: Vec<_> = self
            .new_identities
            .into_iter()
            .map(|(key, (customer_id, created_at))| customer_identity::Model {
                id: ids.next::<CustomerIdentityId>(created_at),
                customer_id,
                kind: key.kind(),
                value: key.into_value(),
                verified: false,
                claimed: false,
                created_at,
            })
            .collect();
        insert_all(connection, identities).await?;
        touched.extend(claimed::take_over(connection, self.takeovers).await?);
        judgement::mark(connection, now, touched.iter().copied()).await?;
        Ok(touched)
    }
}
