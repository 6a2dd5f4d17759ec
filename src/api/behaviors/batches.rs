//! How links to behaviors are loaded.

use std::collections::HashMap;

use entities::ids::{BehaviorDefinitionId, BehaviorId, CustomerId, QuarantinedBehaviorId};

use crate::api::behaviors::inputs::BehaviorListArguments;
use crate::api::behaviors::types::Behavior;
use crate::api::reads::{Reads, with_totals};
use crate::domain::behaviors::{rows, store};
use crate::graph::{Batch, Input, Want};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

/// Which behavior has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BehaviorById(pub BehaviorId);

/// What did this customer do?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BehaviorsOf(pub CustomerId);

/// Which definition has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BehaviorDefinitionById(pub BehaviorDefinitionId);

/// Which behavior in quarantine has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuarantinedBehaviorById(pub QuarantinedBehaviorId);

impl Batch<BehaviorDefinitionById> for Reads {
    type Arguments = ();
    type Value = rows::BehaviorDefinition;

    async fn load(
        &self,
        keys: &[BehaviorDefinitionById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<BehaviorDefinitionById, rows::BehaviorDefinition>> {
        if !self.sees_definitions() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = rows::definitions_by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (BehaviorDefinitionById(id), row)).collect())
    }
}

impl Batch<QuarantinedBehaviorById> for Reads {
    type Arguments = ();
    type Value = rows::QuarantinedBehavior;

    async fn load(
        &self,
        keys: &[QuarantinedBehaviorById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<QuarantinedBehaviorById, rows::QuarantinedBehavior>> {
        if !self.sees_quarantine() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = rows::quarantined_by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (QuarantinedBehaviorById(id), row)).collect())
    }
}

impl Batch<BehaviorById> for Reads {
    type Arguments = ();
    type Value = store::Behavior;

    async fn load(
        &self,
        keys: &[BehaviorById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<BehaviorById, store::Behavior>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, self.behavior_scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (BehaviorById(id), row)).collect())
    }
}

impl Batch<BehaviorsOf> for Reads {
    type Arguments = Input<BehaviorListArguments>;
    type Value = Page<store::Behavior>;

    async fn load(
        &self,
        keys: &[BehaviorsOf],
        want: Want<'_, Input<BehaviorListArguments>>,
    ) -> Result<HashMap<BehaviorsOf, Page<store::Behavior>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let Input(arguments) = want.arguments;
        let (scope, filter) = (self.behavior_scope(), arguments.filter());
        let request = arguments.page.request::<Behavior>()?;
        let order = arguments.sort.order();
        let pages = store::by_customer_ids(&self.db, scope, &ids, &filter, order, &request, want.columns);
        let totals = || store::counts_by_customer_ids(&self.db, scope, &ids, &filter);
        let pages = with_totals(want.columns, pages, totals).await?;
        Ok(pages.into_iter().map(|(id, page)| (BehaviorsOf(id), page)).collect())
    }
}
