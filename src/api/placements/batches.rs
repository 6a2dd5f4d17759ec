//! How links to placements are loaded.

use std::collections::HashMap;

use entities::ids::PlacementId;

use crate::api::reads::Reads;
use crate::domain::placements::store;
use crate::graph::{Batch, Want};
use crate::kernel::error::Result;

/// Which placement has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlacementById(pub PlacementId);

impl Batch<PlacementById> for Reads {
    type Arguments = ();
    type Value = store::Placement;

    async fn load(
        &self,
        keys: &[PlacementById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<PlacementById, store::Placement>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (PlacementById(id), row)).collect())
    }
}
