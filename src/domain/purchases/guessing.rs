//! How many codes somebody may try. A code that is shared is a word, and words are guessed: so every code that is put
//! into a cart counts, good or not, for who puts it there: a customer, on all devices together, or a touchpoint, for all
//! customers that it names. All replicas count together.

use std::collections::BTreeSet;

use entities::code_entry::{Column, Entity};
use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use entities::{cart_code, code_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::{Db, overdue};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::purchases::cart::open::Opened;
use crate::domain::purchases::selling::Selling;
use crate::kernel::error::Result;

/// Codes that a customer may try in a while.
const MOST: i64 = 20;
/// Codes that may be entered in a while at a touchpoint, where one customer comes after the other.
const MOST_AT_TOUCHPOINT: i64 = 1_000;
/// The while: a quarter of an hour.
const WHILE: i64 = 900_000;

/// What is there counts on for the while, then begins anew. Two who count for one touchpoint at once both do.
const COUNTED: &str = r#"ON CONFLICT ("principal") DO UPDATE SET
    "entered" = excluded."entered" + CASE WHEN "code_entries"."began_at" > excluded."began_at" - 900000
        THEN "code_entries"."entered" ELSE 0 END,
    "began_at" = CASE WHEN "code_entries"."began_at" > excluded."began_at" - 900000
        THEN "code_entries"."began_at" ELSE excluded."began_at" END"#;

/// Who enters codes.
enum Entering<'o> {
    /// A customer, by all its rows: those from before a merge count on.
    Customer(CustomerId, &'o [CustomerId]),
    /// A touchpoint, by its id.
    Touchpoint(String),
}

/// Counts the codes that are new in a cart, and refuses more than may be tried. Staff and servers of the brand do not
/// guess, nor does who stands at a till.
pub async fn check(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    opened: &Opened,
    codes: &[String],
) -> Result<(), Rejection> {
    let caller = &selling.caller;
    if codes.is_empty() || selling.seller.is_staffed() {
        return Ok(());
    }
    let entered = new_codes(transaction, opened, codes).await?;
    if entered == 0 {
        return Ok(());
    }
    let entering = match selling.place.touchpoint.filter(|_| caller.own.is_none()) {
        Some(touchpoint) => Entering::Touchpoint(touchpoint.to_string()),
        None => Entering::Customer(opened.customer, &opened.members),
    };
    count(transaction, &entering, entered, caller.now).await?;
    let since = Timestamp(caller.now.millis() - WHILE);
    let of_who = match &entering {
        Entering::Customer(_, members) => {
            is_any_id(transaction, "customer_id", members.iter().map(|id| id.uuid()))
        }
        Entering::Touchpoint(id) => Column::Principal.eq(id),
    };
    let rows: Vec<code_entry::Model> =
        Entity::find().filter(of_who).filter(Column::BeganAt.gt(since)).all(transaction).await?;
    let most = match entering {
        Entering::Customer(..) => MOST,
        Entering::Touchpoint(_) => MOST_AT_TOUCHPOINT,
    };
    if rows.iter().map(|row| row.entered).sum::<i64>() <= most {
        return Ok(());
    }
    let began_at = rows.iter().map(|row| row.began_at).min().unwrap_or(caller.now);
    let message = format!("{most} codes were tried within a quarter of an hour; try again later.");
    let retry_at = Timestamp(began_at.millis() + WHILE);
    Err(Refusal::new(Reason::RateLimited, "codes", message).retry_at(retry_at).into())
}

/// Counts so many more; who counts for the same at the same time waits. What is refused then is not counted.
async fn count(
    transaction: &impl ConnectionTrait,
    entering: &Entering<'_>,
    entered: i64,
    now: Timestamp,
) -> Result<()> {
    let (principal, customer) = match entering {
        Entering::Customer(id, _) => (id.to_string(), Some(id.uuid())),
        Entering::Touchpoint(id) => (id.clone(), None),
    };
    ColumnarInsert::into("code_entries", 1)
        .texts("principal", [principal].into_iter())
        .optional_uuids("customer_id", [customer].into_iter())
        .integers("entered", [entered].into_iter())
        .integers("began_at", [now.millis()].into_iter())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_on_is_counted_for_the_while() {
        assert_eq!(COUNTED.matches(&format!("- {WHILE}")).count(), 2);
    }
}
