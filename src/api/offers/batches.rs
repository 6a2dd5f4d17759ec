//! How links to offers are loaded.

use std::collections::HashMap;

use entities::ids::OfferId;

use crate::api::reads::Reads;
use crate::domain::offers::store;
use crate::graph::{Batch, Want};
use crate::kernel::error::Result;

/// Which offer has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OfferById(pub OfferId);

/// Which offer has this key?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfferByKey(pub String);

impl Batch<OfferById> for Reads {
    type Arguments = ();
    type Value = store::Offer;

    async fn load(&self, keys: &[OfferById], want: Want<'_, ()>) -> Result<HashMap<OfferById, store::Offer>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, self.offer_scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (OfferById(id), row)).collect())
    }
}

impl Batch<OfferByKey> for Reads {
    type Arguments = ();
    type Value = store::Offer;

    async fn load(
        &self,
        keys: &[OfferByKey],
        want: Want<'_, ()>,
    ) -> Result<HashMap<OfferByKey, store::Offer>> {
        let keys: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = store::by_keys(&self.db, self.offer_scope(), &keys, want.columns).await?;
        Ok(rows.into_iter().map(|(key, row)| (OfferByKey(key), row)).collect())
    }
}
