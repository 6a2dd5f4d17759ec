//! What became of a purchase after it was made, recorded as something that the customer did.

use entities::ids::Id;
use entities::timestamp::Timestamp;
use entities::{product, purchase, purchase_line};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::db::columnar::is_any_id;
use crate::domain::ingest::service::Ingest;
use crate::domain::purchases::order::{self, COMPLETED, Item, Order};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// Who tells it, and when.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub ids: &'a Ids,
    pub now: Timestamp,
    /// Absent when whoever imports purchases brings what customers did apart.
    pub ingest: Option<&'a Ingest>,
}

/// What became of it.
pub(super) struct Story<'a> {
    pub name: &'static str,
    /// Tells it from others: it is recorded once.
    pub message_id: String,
    pub total_minor: i64,
    pub coupons: Vec<String>,
    /// So many of these lines.
    pub pieces: Vec<(&'a purchase_line::Model, i64)>,
}

impl Teller<'_> {
    pub async fn tell(
        &self,
        transaction: &DatabaseTransaction,
        row: &purchase::Model,
        story: Story<'_>,
    ) -> Result<()> {
        let Some(ingest) = self.ingest else { return Ok(()) };
        let lines: Vec<_> = story.pieces.iter().map(|(line, _)| (*line).clone()).collect();
        let products = products(transaction, &lines).await?;
        let item = |(line, quantity): &(&purchase_line::Model, i64)| {
            let product = products.iter().find(|product| product.id == line.product_id);
            let product = product.ok_or_else(|| Error::internal(format!("{} is gone", line.product_id)))?;
            let (sku, name) = (product.sku.clone(), product.name.clone());
            Ok(Item { sku, name, unit_minor: line.unit_minor, quantity: *quantity })
        };
        let order = Order {
            name: story.name,
            message_id: story.message_id,
            customer: row.customer_id,
            number: row.number.clone(),
            channel: row.channel,
            touchpoint: row.touchpoint_id,
            currency: Currency::parse(&row.currency).unwrap_or_default(),
            total_minor: story.total_minor,
            discount_minor: if story.name == COMPLETED { row.discount_minor } else { 0 },
            coupons: story.coupons,
            items: story.pieces.iter().map(item).collect::<Result<_>>()?,
            occurred_at: self.now,
        };
        order::record(transaction, ingest, self.now, &[order]).await
    }
}

/// The products of these lines.
pub(super) async fn products(
    transaction: &impl ConnectionTrait,
    lines: &[purchase_line::Model],
) -> Result<Vec<product::Model>> {
    let ids = lines.iter().map(|line| line.product_id.uuid());
    Ok(product::Entity::find().filter(is_any_id(transaction, "id", ids)).all(transaction).await?)
}
