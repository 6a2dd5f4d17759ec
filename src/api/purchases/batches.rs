//! How links to purchases, and to what belongs to them, are loaded.

use std::collections::HashMap;

use entities::ids::{CustomerId, PurchaseId, RedemptionId};

use crate::api::purchases::inputs::PurchaseListArguments;
use crate::api::purchases::types::Purchase;
use crate::api::reads::{Reads, with_totals};
use crate::domain::purchases::{rows, store};
use crate::graph::{Batch, Input, Want};
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::page::Page;

/// Which purchase has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PurchaseById(pub PurchaseId);

/// Which purchase has this number?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PurchaseByNumber(pub String);

/// What did this customer buy?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PurchasesOf(pub CustomerId);

/// Which lines has this purchase, whose amounts are in this currency?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf {
    pub purchase: PurchaseId,
    pub currency: Currency,
}

/// Which offers were used in this purchase, and what became of it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RedemptionsOf(pub PurchaseId);

/// Which redemption has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RedemptionById(pub RedemptionId);

impl Batch<PurchaseById> for Reads {
    type Arguments = ();
    type Value = rows::Purchase;

    async fn load(
        &self,
        keys: &[PurchaseById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<PurchaseById, rows::Purchase>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (PurchaseById(id), row)).collect())
    }
}

impl Batch<PurchaseByNumber> for Reads {
    type Arguments = ();
    type Value = rows::Purchase;

    async fn load(
        &self,
        keys: &[PurchaseByNumber],
        want: Want<'_, ()>,
    ) -> Result<HashMap<PurchaseByNumber, rows::Purchase>> {
        let numbers: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = store::by_numbers(&self.db, self.scope(), &numbers, want.columns).await?;
        Ok(rows.into_iter().map(|(number, row)| (PurchaseByNumber(number), row)).collect())
    }
}

impl Batch<PurchasesOf> for Reads {
    type Arguments = Input<PurchaseListArguments>;
    type Value = Page<rows::Purchase>;

    async fn load(
        &self,
        keys: &[PurchasesOf],
        want: Want<'_, Input<PurchaseListArguments>>,
    ) -> Result<HashMap<PurchasesOf, Page<rows::Purchase>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let Input(arguments) = want.arguments;
        let (scope, filter) = (self.scope(), arguments.filter());
        let request = arguments.page.request::<Purchase>()?;
        let order = arguments.sort.order();
        let pages = store::by_customer_ids(&self.db, scope, &ids, &filter, order, &request, want.columns);
        let totals = || store::counts_by_customer_ids(&self.db, scope, &ids, &filter);
        let pages = with_totals(want.columns, pages, totals).await?;
        Ok(pages.into_iter().map(|(id, page)| (PurchasesOf(id), page)).collect())
    }
}

impl Batch<LinesOf> for Reads {
    type Arguments = ();
    type Value = Vec<rows::PurchaseLine>;

    async fn load(&self, keys: &[LinesOf], want: Want<'_, ()>) -> Result<HashMap<LinesOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.purchase).collect();
        let mut lists = store::lines_by_purchase_ids(&self.db, self.scope(), &ids, want.columns).await?;
        let lines = |key: &LinesOf| {
            let mut lines = lists.remove(&key.purchase).unwrap_or_default();
            lines.iter_mut().for_each(|line| line.currency = key.currency);
            (*key, lines)
        };
        Ok(keys.iter().map(lines).collect())
    }
}

impl Batch<RedemptionsOf> for Reads {
    type Arguments = ();
    type Value = Vec<rows::Redemption>;

    async fn load(
        &self,
        keys: &[RedemptionsOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<RedemptionsOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let lists = store::redemptions_by_purchase_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(lists.into_iter().map(|(id, list)| (RedemptionsOf(id), list)).collect())
    }
}

impl Batch<RedemptionById> for Reads {
    type Arguments = ();
    type Value = rows::Redemption;

    async fn load(
        &self,
        keys: &[RedemptionById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<RedemptionById, rows::Redemption>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::redemptions_by_ids(&self.db, self.scope(), &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (RedemptionById(id), row)).collect())
    }
}
