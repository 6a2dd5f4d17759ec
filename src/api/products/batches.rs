//! How links to products are loaded.

use std::collections::HashMap;

use entities::ids::ProductId;

use crate::api::products::inputs::ProductListArguments;
use crate::api::products::types::cursor_kind;
use crate::api::reads::{Reads, with_totals};
use crate::domain::products::{prices, store};
use crate::graph::{Batch, Input, Want};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::page::Page;

/// Which product has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProductById(pub ProductId);

/// Which product has this code?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductBySku(pub String);

/// What is part of this product?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartsOf(pub ProductId);

/// What does this product cost besides in its first currency?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PricesOf {
    pub product: ProductId,
    pub first: Money,
}

impl Batch<ProductById> for Reads {
    type Arguments = ();
    type Value = store::Product;

    async fn load(
        &self,
        keys: &[ProductById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ProductById, store::Product>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (ProductById(id), row)).collect())
    }
}

impl Batch<ProductBySku> for Reads {
    type Arguments = ();
    type Value = store::Product;

    async fn load(
        &self,
        keys: &[ProductBySku],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ProductBySku, store::Product>> {
        let skus: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = store::by_skus(&self.db, &skus, want.columns).await?;
        Ok(rows.into_iter().map(|(sku, row)| (ProductBySku(sku), row)).collect())
    }
}

impl Batch<PartsOf> for Reads {
    type Arguments = Input<ProductListArguments>;
    type Value = Page<store::Product>;

    async fn load(
        &self,
        keys: &[PartsOf],
        want: Want<'_, Input<ProductListArguments>>,
    ) -> Result<HashMap<PartsOf, Page<store::Product>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let Input(arguments) = want.arguments;
        let (filter, order) = (arguments.filter(), arguments.sort.order());
        let request = arguments.page.request_of(cursor_kind(order.0))?;
        let pages = store::parts_by_product_ids(&self.db, &ids, &filter, order, &request, want.columns);
        let totals = || store::part_counts_by_product_ids(&self.db, &ids, &filter, order.0);
        let pages = with_totals(want.columns, pages, totals).await?;
        Ok(pages.into_iter().map(|(id, page)| (PartsOf(id), page)).collect())
    }
}

impl Batch<PricesOf> for Reads {
    type Arguments = ();
    type Value = Vec<Money>;

    async fn load(&self, keys: &[PricesOf], _: Want<'_, ()>) -> Result<HashMap<PricesOf, Vec<Money>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.product).collect();
        let mut others = prices::others(&self.db, &ids).await?;
        let all = |key: &PricesOf| {
            let others = others.remove(&key.product).unwrap_or_default();
            (*key, std::iter::once(key.first).chain(others).collect())
        };
        Ok(keys.iter().map(all).collect())
    }
}
