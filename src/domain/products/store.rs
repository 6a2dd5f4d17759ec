//! Reads products. They are nobody's data: every viewer may read them.

use std::collections::HashMap;

use entities::ids::ProductId;
use entities::timestamp::Timestamp;
use entities::values::ProductKind;

use crate::db::Db;
use crate::db::read::{Column, Json, Order, Param, Row, Select};
use crate::domain::time_range::TimeRange;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageRequest};

/// Something that can be bought.
#[derive(Clone, Debug, Default)]
pub struct Product {
    pub id: ProductId,
    pub sku: String,
    pub name: String,
    pub kind: ProductKind,
    pub price_minor: i64,
    pub currency: Currency,
    pub stock_total: Option<i64>,
    pub stock_taken: i64,
    pub part_of: Option<ProductId>,
    pub attributes: Json,
    pub starts_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub access_days: Option<i64>,
    /// The time by which its list is sorted: `starts_at` or `created_at`. Not a column.
    pub sort_key: Timestamp,
    /// Which of the two it is.
    pub sorted_by: SortKey,
}

impl Row for Product {
    const TABLE: &'static str = "products";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("sku", |row, cell| cell.read(&mut row.sku)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("kind", |row, cell| cell.read(&mut row.kind)),
        Column::new("price_minor", |row, cell| cell.read(&mut row.price_minor)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("stock_total", |row, cell| cell.read(&mut row.stock_total)),
        Column::new("stock_taken", |row, cell| cell.read(&mut row.stock_taken)),
        Column::new("part_of", |row, cell| cell.read(&mut row.part_of)),
        Column::new("attributes", |row, cell| cell.read(&mut row.attributes)),
        Column::new("starts_at", |row, cell| cell.read(&mut row.starts_at)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("access_days", |row, cell| cell.read(&mut row.access_days)),
    ];
}

/// What a list of products is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ProductFilter {
    pub kinds: Option<Vec<ProductKind>>,
    pub skus: Option<Vec<String>>,
    pub starts: TimeRange,
}

/// What a list of products is sorted by. By start, those that do not take place at a time are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    #[default]
    Created,
    Starts,
}

impl SortKey {
    fn column(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Starts => "starts_at",
        }
    }

    fn mark(self, page: &mut Page<Product>) {
        for row in &mut page.rows {
            row.sorted_by = self;
            row.sort_key = match self {
                Self::Created => row.created_at,
                Self::Starts => row.starts_at.unwrap_or_default(),
            };
        }
    }
}

fn listed(filter: &ProductFilter, key: SortKey, columns: Columns) -> Select<Product> {
    let mut select = Select::of(columns);
    if let Some(kinds) = &filter.kinds {
        select = select.any_of("kind", Param::values(kinds));
    }
    if let Some(skus) = &filter.skus {
        select = select.any_of("sku", skus.clone());
    }
    if key == SortKey::Starts {
        select = select.not_null("starts_at");
    }
    filter.starts.narrow(select, "starts_at")
}

pub async fn by_ids(db: &Db, ids: &[ProductId], columns: Columns) -> Result<HashMap<ProductId, Product>> {
    let rows = Select::<Product>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn by_skus(db: &Db, skus: &[String], columns: Columns) -> Result<HashMap<String, Product>> {
    let rows = Select::<Product>::of(columns).with("sku").any_of("sku", skus.to_vec()).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.sku.clone(), row)).collect())
}

pub async fn page(
    db: &Db,
    filter: &ProductFilter,
    (key, order): (SortKey, Order),
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Product>> {
    let mut page = listed(filter, key, columns).order(key.column(), order).page(db, request).await?;
    key.mark(&mut page);
    Ok(page)
}

pub async fn count(db: &Db, filter: &ProductFilter, key: SortKey) -> Result<u64> {
    listed(filter, key, Columns::NONE).count(db).await
}

/// A page of what is part of each product: the showings of a film.
pub async fn parts_by_product_ids(
    db: &Db,
    ids: &[ProductId],
    filter: &ProductFilter,
    (key, order): (SortKey, Order),
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<ProductId, Page<Product>>> {
    let select = listed(filter, key, columns).order(key.column(), order);
    let mut pages = select.per_parent(db, "part_of", ids, request).await?;
    pages.values_mut().for_each(|page| key.mark(page));
    Ok(pages)
}

pub async fn part_counts_by_product_ids(
    db: &Db,
    ids: &[ProductId],
    filter: &ProductFilter,
    key: SortKey,
) -> Result<HashMap<ProductId, u64>> {
    listed(filter, key, Columns::NONE).counts(db, "part_of", ids).await
}
