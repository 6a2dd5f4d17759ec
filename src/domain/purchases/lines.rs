//! Writing the lines of purchases: one statement, however many there are.

use entities::ids::Id;
use entities::purchase_line::Model;
use sea_orm::ConnectionTrait;

use crate::db::columnar::ColumnarInsert;
use crate::kernel::error::Result;

/// Writes new lines.
pub async fn write(transaction: &impl ConnectionTrait, lines: &[Model]) -> Result<()> {
    ColumnarInsert::into("purchase_lines", lines.len())
        .uuids("id", lines.iter().map(|line| line.id.uuid()))
        .uuids("customer_id", lines.iter().map(|line| line.customer_id.uuid()))
        .uuids("purchase_id", lines.iter().map(|line| line.purchase_id.uuid()))
        .small_integers("position", lines.iter().map(|line| line.position))
        .uuids("product_id", lines.iter().map(|line| line.product_id.uuid()))
        .integers("quantity", lines.iter().map(|line| line.quantity))
        .integers("unit_minor", lines.iter().map(|line| line.unit_minor))
        .integers("total_minor", lines.iter().map(|line| line.total_minor))
        .integers("stock_taken", lines.iter().map(|line| line.stock_taken))
        .integers("refunded_quantity", lines.iter().map(|line| line.refunded_quantity))
        .integers("refunded_minor", lines.iter().map(|line| line.refunded_minor))
        .run(transaction)
        .await?;
    Ok(())
}
