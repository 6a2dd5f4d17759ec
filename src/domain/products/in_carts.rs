//! In whose carts a product lies: they are told when it costs another amount, or there are more of it or fewer.

use entities::cart_line::{Column, Entity};
use entities::ids::{CustomerId, Id, ProductId};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::db::outbox;
use crate::kernel::error::Result;

/// Of so many customers each is told; of more, everybody who watches anything looks again.
const MOST: u64 = 1_000;

/// Writes down that the carts with these products change with this transaction.
pub async fn announce(transaction: &impl ConnectionTrait, products: &[ProductId]) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let customers: Vec<CustomerId> = Entity::find()
        .select_only()
        .column(Column::CustomerId)
        .distinct()
        .filter(is_any_id(transaction, "product_id", products.iter().map(|id| id.uuid())))
        .limit(MOST + 1)
        .into_tuple()
        .all(transaction)
        .await?;
    match customers.len() as u64 > MOST {
        true => outbox::announce_everything(transaction).await,
        false => outbox::announce(transaction, customers).await,
    }
}
