//! How links to touchpoints are loaded.

use std::collections::HashMap;

use entities::ids::TouchpointId;

use crate::api::reads::Reads;
use crate::domain::touchpoints::store;
use crate::graph::{Batch, Want};
use crate::kernel::error::Result;

/// Which touchpoint has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TouchpointById(pub TouchpointId);

impl Batch<TouchpointById> for Reads {
    type Arguments = ();
    type Value = store::Touchpoint;

    async fn load(
        &self,
        keys: &[TouchpointById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<TouchpointById, store::Touchpoint>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (TouchpointById(id), row)).collect())
    }
}
