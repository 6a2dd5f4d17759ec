//! What is taken of offers' budgets, kept beside the redemptions that take it, in their transactions.
//!
//! An amount counts when it is in the currency of the offer's limit. Who takes shares the lock on definitions, so that
//! no offer gets another currency meanwhile; when one does, its redemptions are summed up anew.

use std::collections::BTreeMap;

use entities::ids::{Id, OfferId};
use entities::values::RedemptionStatus;
use entities::{offer, offer_budget, redemption};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::domain::offers::live::Budget;
use crate::kernel::error::Result;

/// What redemptions take: how many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub times: i64,
    pub minor: i64,
}

const ADDED: &str = r#"ON CONFLICT ("offer_id") DO UPDATE SET
    "taken" = "offer_budgets"."taken" + excluded."taken",
    "taken_minor" = "offer_budgets"."taken_minor" + excluded."taken_minor""#;
/// The same, as long as the limits of the offer are kept.
const ADDED_WITHIN: &str = r#"ON CONFLICT ("offer_id") DO UPDATE SET
    "taken" = "offer_budgets"."taken" + excluded."taken",
    "taken_minor" = "offer_budgets"."taken_minor" + excluded."taken_minor"
    WHERE EXISTS (SELECT 1 FROM "offers" AS o WHERE o."id" = excluded."offer_id"
        AND (o."limit_total" IS NULL OR "offer_budgets"."taken" + excluded."taken" <= o."limit_total")
        AND (o."limit_minor" IS NULL
            OR "offer_budgets"."taken_minor" + excluded."taken_minor" <= o."limit_minor"))"#;
const REPLACED: &str = r#"ON CONFLICT ("offer_id") DO UPDATE SET
    "taken" = excluded."taken", "taken_minor" = excluded."taken_minor""#;

/// An offer's limits: times, amount, and the amount's currency.
type Limits = (Option<i64>, Option<i64>, Option<String>);

/// Adds what these redemptions, held or redeemed, take of their offers; whether one of the budgets is spent by it. The
/// transaction shares the definitions.
pub async fn take(connection: &impl ConnectionTrait, redemptions: &[redemption::Model]) -> Result<bool> {
    let limits = limits(connection, redemptions).await?;
    let taken = taken(&limits, redemptions);
    write(connection, &taken, ADDED).await?;
    Ok(spends(&steps(connection, &limits, &taken).await?))
}

/// The same, unless there is not so much of one of them: then the transaction is to be rolled back.
pub async fn take_within(
    connection: &impl ConnectionTrait,
    redemptions: &[redemption::Model],
) -> Result<Option<bool>> {
    let limits = limits(connection, redemptions).await?;
    let taken = taken(&limits, redemptions);
    // The first to take of a budget finds no row whose limits could be kept.
    let is_more = |limit: Option<i64>, taken: i64| limit.is_some_and(|limit| taken > limit);
    let exceeds = |(id, taken): (&OfferId, &Taken)| {
        limits
            .get(id)
            .is_none_or(|(times, minor, _)| is_more(*times, taken.times) || is_more(*minor, taken.minor))
    };
    if taken.iter().any(exceeds) || write(connection, &taken, ADDED_WITHIN).await? != taken.len() as u64 {
        return Ok(None);
    }
    Ok(Some(spends(&steps(connection, &limits, &taken).await?)))
}

/// What of an offer is given back.
pub type Returned = BTreeMap<OfferId, Vec<(Taken, String)>>;

/// Takes off what is given back: amounts count in the currency of the limit, as when they were taken. Whether a budget
/// that was spent is there again.
pub async fn give_back(connection: &impl ConnectionTrait, returned: &Returned) -> Result<bool> {
    let limits = limits_of(connection, returned.keys().copied()).await?;
    let sum = |(id, parts): (&OfferId, &Vec<(Taken, String)>)| {
        let currency = limits.get(id).and_then(|(_, _, currency)| currency.as_ref());
        let minor = parts.iter().filter(|(_, code)| currency == Some(code)).map(|(taken, _)| taken.minor);
        let times = parts.iter().map(|(taken, _)| taken.times);
        (*id, Taken { times: -times.sum::<i64>(), minor: -minor.sum::<i64>() })
    };
    let sums: BTreeMap<OfferId, Taken> = returned.iter().map(sum).collect();
    write(connection, &sums, ADDED).await?;
    let steps = steps(connection, &limits, &sums).await?;
    Ok(steps.iter().any(|step| step.was_spent && !step.is_spent))
}

async fn limits(
    connection: &impl ConnectionTrait,
    redemptions: &[redemption::Model],
) -> Result<BTreeMap<OfferId, Limits>> {
    limits_of(connection, redemptions.iter().map(|row| row.offer_id)).await
}

async fn limits_of(
    connection: &impl ConnectionTrait,
    offers: impl Iterator<Item = OfferId>,
) -> Result<BTreeMap<OfferId, Limits>> {
    let offers: BTreeMap<OfferId, ()> = offers.map(|id| (id, ())).collect();
    if offers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let limited = offer::Entity::find()
        .select_only()
        .column(offer::Column::Id)
        .column(offer::Column::LimitTotal)
        .column(offer::Column::LimitMinor)
        .column(offer::Column::LimitCurrency)
        .filter(is_any_id(connection, "id", offers.keys().map(|id| id.uuid())))
        .into_tuple::<(OfferId, Option<i64>, Option<i64>, Option<String>)>()
        .all(connection)
        .await?;
    Ok(limited.into_iter().map(|(id, times, minor, currency)| (id, (times, minor, currency))).collect())
}

fn taken(limits: &BTreeMap<OfferId, Limits>, redemptions: &[redemption::Model]) -> BTreeMap<OfferId, Taken> {
    let mut taken: BTreeMap<OfferId, Taken> = BTreeMap::new();
    for row in redemptions.iter().filter(|row| takes(row.status)) {
        let currency = limits.get(&row.offer_id).and_then(|(_, _, currency)| currency.as_ref());
        let counts = currency == Some(&row.currency);
        let taken = taken.entry(row.offer_id).or_default();
        taken.times += 1;
        taken.minor = taken.minor.saturating_add(if counts { row.amount_minor } else { 0 });
    }
    taken
}

/// What a change made of a budget.
struct Step {
    was_spent: bool,
    is_spent: bool,
}

/// Whether what was taken just now was the last of a budget.
fn spends(steps: &[Step]) -> bool {
    steps.iter().any(|step| !step.was_spent && step.is_spent)
}

/// What these changes, which are written, made of the budgets that have a limit.
async fn steps(
    connection: &impl ConnectionTrait,
    limits: &BTreeMap<OfferId, Limits>,
    added: &BTreeMap<OfferId, Taken>,
) -> Result<Vec<Step>> {
    let limited = added
        .keys()
        .filter(|id| matches!(limits.get(id), Some((times, minor, _)) if times.is_some() || minor.is_some()));
    let limited: Vec<_> = limited.map(|id| id.uuid()).collect();
    if limited.is_empty() {
        return Ok(Vec::new());
    }
    let budgets = offer_budget::Entity::find()
        .filter(is_any_id(connection, "offer_id", limited.into_iter()))
        .all(connection)
        .await?;
    let step = |budget: offer_budget::Model| {
        let ((times, minor, _), added) = (&limits[&budget.offer_id], added[&budget.offer_id]);
        let limit = Budget { count: *times, minor: *minor };
        Step {
            was_spent: limit.is_spent(budget.taken - added.times, budget.taken_minor - added.minor),
            is_spent: limit.is_spent(budget.taken, budget.taken_minor),
        }
    };
    Ok(budgets.into_iter().map(step).collect())
}

/// Sums up anew what is taken of an offer whose limit is in another currency from now on.
pub async fn recount(
    connection: &impl ConnectionTrait,
    offer: OfferId,
    currency: Option<&str>,
) -> Result<()> {
    let taking = [RedemptionStatus::Held, RedemptionStatus::Redeemed];
    let in_currency = Expr::col(redemption::Column::Currency).eq(currency.unwrap_or_default());
    let left = Expr::col(redemption::Column::AmountMinor).sub(Expr::col(redemption::Column::ReturnedMinor));
    let minor = Expr::case(in_currency, left).finally(0_i64);
    // Sums of whole numbers are decimals in PostgreSQL.
    let minor = Func::cast_as(Func::coalesce([minor.sum(), Expr::val(0_i64)]), Alias::new("bigint"));
    let sums = redemption::Entity::find()
        .select_only()
        .expr(Expr::col(redemption::Column::Id).count())
        .expr(minor)
        .filter(redemption::Column::OfferId.eq(offer))
        .filter(redemption::Column::Status.is_in(taking))
        .into_tuple::<(i64, i64)>()
        .one(connection)
        .await?;
    let (times, minor) = sums.unwrap_or_default();
    write(connection, &BTreeMap::from([(offer, Taken { times, minor })]), REPLACED).await?;
    Ok(())
}

fn takes(status: RedemptionStatus) -> bool {
    matches!(status, RedemptionStatus::Held | RedemptionStatus::Redeemed)
}

/// In the order of ids, so that two writers never wait for each other in a circle.
async fn write(
    connection: &impl ConnectionTrait,
    taken: &BTreeMap<OfferId, Taken>,
    conflict: &'static str,
) -> Result<u64> {
    ColumnarInsert::into("offer_budgets", taken.len())
        .uuids("offer_id", taken.keys().map(|id| id.uuid()))
        .integers("taken", taken.values().map(|taken| taken.times))
        .integers("taken_minor", taken.values().map(|taken| taken.minor))
        .on_conflict(conflict)
        .run(connection)
        .await
}
