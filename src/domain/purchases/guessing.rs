//! How many codes a customer may try. A code that is shared is a word, and words are guessed: so every code that is put
//! into a cart counts, good or not, for all devices of the customer and all replicas together.

use std::collections::BTreeSet;

use entities::code_entry::{Column, Entity};
use entities::ids::Id;
use entities::timestamp::Timestamp;
use entities::{cart_code, code_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::{Db, overdue};
use crate::domain::customers::caller::{Caller, Trust};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::purchases::cart::open::Opened;
use crate::kernel::error::Result;

/// Codes that a customer may try in a while.
const MOST: i64 = 20;
/// The while.
const WHILE: i64 = 15 * 60_000;

const COUNTED: &str = r#"ON CONFLICT ("customer_id") DO UPDATE SET
    "entered" = excluded."entered", "began_at" = excluded."began_at""#;

/// Counts the codes that are new in a cart, and refuses more than may be tried. Nobody else counts for this customer
/// meanwhile: the customer is locked. Servers and staff of the brand do not guess.
pub async fn check(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    opened: &Opened,
    codes: &[String],
) -> Result<(), Rejection> {
    if codes.is_empty() || caller.trust == Trust::Trusted {
        return Ok(());
    }
    let entered = new_codes(transaction, opened, codes).await?;
    if entered == 0 {
        return Ok(());
    }
    let since = Timestamp(caller.now.millis() - WHILE);
    let before: Vec<code_entry::Model> = Entity::find()
        .filter(is_any_id(transaction, "customer_id", opened.members.iter().map(|id| id.uuid())))
        .filter(Column::BeganAt.gt(since))
        .all(transaction)
        .await?;
    let began_at = before.iter().map(|row| row.began_at).min().unwrap_or(caller.now);
    if before.iter().map(|row| row.entered).sum::<i64>() + entered > MOST {
        let message = format!("{MOST} codes were tried within a quarter of an hour; try again later.");
        let retry_at = Timestamp(began_at.millis() + WHILE);
        return Err(Refusal::new(Reason::RateLimited, "codes", message).retry_at(retry_at).into());
    }
    // Rows of the customer from before a merge count on until they are old.
    let own = before.iter().find(|row| row.customer_id == opened.customer);
    ColumnarInsert::into("code_entries", 1)
        .uuids("customer_id", [opened.customer.uuid()].into_iter())
        .integers("entered", [own.map_or(0, |row| row.entered) + entered].into_iter())
        .integers("began_at", [own.map_or(caller.now, |row| row.began_at).millis()].into_iter())
        .on_conflict(COUNTED)
        .run(transaction)
        .await?;
    Ok(())
}

/// How many of the codes the cart does not have yet.
async fn new_codes(transaction: &impl ConnectionTrait, opened: &Opened, codes: &[String]) -> Result<i64> {
    let Some(cart) = opened.carts.first() else { return Ok(codes.len() as i64) };
    let known =
        cart_code::Entity::find().filter(cart_code::Column::CartId.eq(cart.id)).all(transaction).await?;
    let known: BTreeSet<&str> = known.iter().map(|row| row.code.as_str()).collect();
    Ok(codes.iter().filter(|code| !known.contains(code.as_str())).count() as i64)
}

/// Sweeps away what counts no more.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
    overdue::delete::<Entity>(db, Column::BeganAt.lt(Timestamp(now.millis() - WHILE))).await
}
