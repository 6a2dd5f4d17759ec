//! Reads offers. Those that are live and on schedule are everybody's to read, the others the staff's.

use std::collections::HashMap;

use entities::ids::{OfferId, ProductId};
use entities::offer::Model;
use entities::timestamp::Timestamp;
use entities::values::{BenefitKind, BenefitScope, CodeKind, ConsentPurpose, OfferStatus, Stacking};

use crate::db::Db;
use crate::db::read::{Column, Json, Order, Param, Row, Select};
use crate::domain::offers::parts::Benefit;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageRequest};

/// Something the brand offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    pub id: OfferId,
    pub key: String,
    pub name: String,
    pub status: OfferStatus,
    pub placements: Json,
    pub channels: Json,
    pub content: Json,
    pub eligibility: String,
    pub rank: Option<String>,
    pub priority: i32,
    pub benefit_kind: Option<BenefitKind>,
    pub benefit_basis_points: Option<i32>,
    pub benefit_minor: Option<i64>,
    pub benefit_currency: Option<Currency>,
    pub benefit_product_id: Option<ProductId>,
    pub consent: Option<ConsentPurpose>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub starts_on: Option<String>,
    pub ends_on: Option<String>,
    pub weekdays: Json,
    pub from_minute: Option<i32>,
    pub until_minute: Option<i32>,
    pub limit_total: Option<i64>,
    pub limit_minor: Option<i64>,
    pub limit_currency: Option<Currency>,
    pub limit_per_customer: Option<i64>,
    pub limit_per_period: Option<i64>,
    pub limit_period: Option<String>,
    pub limit_shown: Option<i64>,
    pub limit_shown_period: Option<String>,
    pub dismissal_period: Option<String>,
    pub code_kind: Option<CodeKind>,
    pub code: Option<String>,
    pub experiment: Option<String>,
    pub holdout_basis_points: i32,
    pub allocations: Json,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub stacking: Stacking,
    pub benefit_scope: BenefitScope,
    pub benefit_products: Json,
}

impl Row for Offer {
    const TABLE: &'static str = "offers";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("key", |row, cell| cell.read(&mut row.key)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("status", |row, cell| cell.read(&mut row.status)),
        Column::new("placements", |row, cell| cell.read(&mut row.placements)),
        Column::new("channels", |row, cell| cell.read(&mut row.channels)),
        Column::new("content", |row, cell| cell.read(&mut row.content)),
        Column::new("eligibility", |row, cell| cell.read(&mut row.eligibility)),
        Column::new("rank", |row, cell| cell.read(&mut row.rank)),
        Column::new("priority", |row, cell| cell.read(&mut row.priority)),
        Column::new("benefit_kind", |row, cell| cell.read(&mut row.benefit_kind)),
        Column::new("benefit_basis_points", |row, cell| cell.read(&mut row.benefit_basis_points)),
        Column::new("benefit_minor", |row, cell| cell.read(&mut row.benefit_minor)),
        Column::new("benefit_currency", |row, cell| cell.read(&mut row.benefit_currency)),
        Column::new("benefit_product_id", |row, cell| cell.read(&mut row.benefit_product_id)),
        Column::new("consent", |row, cell| cell.read(&mut row.consent)),
        Column::new("starts_at", |row, cell| cell.read(&mut row.starts_at)),
        Column::new("ends_at", |row, cell| cell.read(&mut row.ends_at)),
        Column::new("starts_on", |row, cell| cell.read(&mut row.starts_on)),
        Column::new("ends_on", |row, cell| cell.read(&mut row.ends_on)),
        Column::new("weekdays", |row, cell| cell.read(&mut row.weekdays)),
        Column::new("from_minute", |row, cell| cell.read(&mut row.from_minute)),
        Column::new("until_minute", |row, cell| cell.read(&mut row.until_minute)),
        Column::new("limit_total", |row, cell| cell.read(&mut row.limit_total)),
        Column::new("limit_minor", |row, cell| cell.read(&mut row.limit_minor)),
        Column::new("limit_currency", |row, cell| cell.read(&mut row.limit_currency)),
        Column::new("limit_per_customer", |row, cell| cell.read(&mut row.limit_per_customer)),
        Column::new("limit_per_period", |row, cell| cell.read(&mut row.limit_per_period)),
        Column::new("limit_period", |row, cell| cell.read(&mut row.limit_period)),
        Column::new("limit_shown", |row, cell| cell.read(&mut row.limit_shown)),
        Column::new("limit_shown_period", |row, cell| cell.read(&mut row.limit_shown_period)),
        Column::new("dismissal_period", |row, cell| cell.read(&mut row.dismissal_period)),
        Column::new("code_kind", |row, cell| cell.read(&mut row.code_kind)),
        Column::new("code", |row, cell| cell.read(&mut row.code)),
        Column::new("experiment", |row, cell| cell.read(&mut row.experiment)),
        Column::new("holdout_basis_points", |row, cell| cell.read(&mut row.holdout_basis_points)),
        Column::new("allocations", |row, cell| cell.read(&mut row.allocations)),
        Column::new("version", |row, cell| cell.read(&mut row.version)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
        Column::new("stacking", |row, cell| cell.read(&mut row.stacking)),
        Column::new("benefit_scope", |row, cell| cell.read(&mut row.benefit_scope)),
        Column::new("benefit_products", |row, cell| cell.read(&mut row.benefit_products)),
    ];
}

impl Offer {
    /// What it gives; none when it only informs.
    pub fn benefit(&self) -> Option<Benefit> {
        let amount = self.benefit_minor.zip(self.benefit_currency);
        Benefit::of_columns(self.benefit_kind?, self.benefit_basis_points, amount, self.benefit_product_id)
    }
}

impl From<Model> for Offer {
    fn from(row: Model) -> Self {
        let json = |value: &serde_json::Value| Json::from_text(value.to_string());
        let currency = |code: Option<String>| code.and_then(|code| Currency::parse(&code));
        Self {
            id: row.id,
            key: row.key,
            name: row.name,
            status: row.status,
            placements: json(&row.placements),
            channels: json(&row.channels),
            content: json(&row.content),
            eligibility: row.eligibility,
            rank: row.rank,
            priority: row.priority,
            benefit_kind: row.benefit_kind,
            benefit_basis_points: row.benefit_basis_points,
            benefit_minor: row.benefit_minor,
            benefit_currency: currency(row.benefit_currency),
            benefit_product_id: row.benefit_product_id,
            consent: row.consent,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            weekdays: json(&row.weekdays),
            from_minute: row.from_minute,
            until_minute: row.until_minute,
            limit_total: row.limit_total,
            limit_minor: row.limit_minor,
            limit_currency: currency(row.limit_currency),
            limit_per_customer: row.limit_per_customer,
            limit_per_period: row.limit_per_period,
            limit_period: row.limit_period,
            limit_shown: row.limit_shown,
            limit_shown_period: row.limit_shown_period,
            dismissal_period: row.dismissal_period,
            code_kind: row.code_kind,
            code: row.code,
            experiment: row.experiment,
            holdout_basis_points: row.holdout_basis_points,
            allocations: json(&row.allocations),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            stacking: row.stacking,
            benefit_scope: row.benefit_scope,
            benefit_products: json(&row.benefit_products),
        }
    }
}

/// Which offers the viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferScope {
    /// Those that are live and whose schedule has this instant in it.
    LiveAt(Timestamp),
    All,
}

fn visible(scope: OfferScope, columns: Columns) -> Select<Offer> {
    let select = Select::of(columns);
    match scope {
        OfferScope::LiveAt(now) => select
            .eq("status", Param::value(OfferStatus::Live))
            .le_or_null("starts_at", now)
            .gt_or_null("ends_at", now),
        OfferScope::All => select,
    }
}

fn listed(scope: OfferScope, statuses: Option<&[OfferStatus]>, columns: Columns) -> Select<Offer> {
    let select = visible(scope, columns);
    match statuses {
        Some(statuses) => select.any_of("status", Param::values(statuses)),
        None => select,
    }
}

pub async fn by_ids(
    db: &Db,
    scope: OfferScope,
    ids: &[OfferId],
    columns: Columns,
) -> Result<HashMap<OfferId, Offer>> {
    let rows = visible(scope, columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn by_keys(
    db: &Db,
    scope: OfferScope,
    keys: &[String],
    columns: Columns,
) -> Result<HashMap<String, Offer>> {
    let rows = visible(scope, columns).with("key").any_of("key", keys.to_vec()).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

pub async fn page(
    db: &Db,
    scope: OfferScope,
    statuses: Option<&[OfferStatus]>,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Offer>> {
    listed(scope, statuses, columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db, scope: OfferScope, statuses: Option<&[OfferStatus]>) -> Result<u64> {
    listed(scope, statuses, Columns::NONE).count(db).await
}
