//! What is taken of offers' budgets, kept beside the redemptions that take it, in their transactions; who shows an offer
//! whose budget is another by it is told.
//!
//! An amount counts when it is in the currency of the offer's limit. Who takes shares the lock on definitions, so that
//! no offer gets another currency meanwhile; when one does, its redemptions are summed up anew.

use std::collections::{BTreeMap, BTreeSet};

use entities::ids::{Id, OfferId};
use entities::values::RedemptionStatus;
use entities::{offer, offer_budget, redemption};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::outbox;
use crate::db::topic::Topic;
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

/// What may be taken of an offer, and in which currency amounts count.
struct Limit {
    budget: Budget,
    currency: Option<String>,
}

type Limits = BTreeMap<OfferId, Limit>;

/// What became of taking within limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    Done,
    /// It is more than there is of an offer: of this one, if it is certain which.
    TooMuch {
        of: Option<OfferId>,
    },
}

/// Adds what these redemptions, held or redeemed, take of their offers, unless there is not so much of one of them: then
/// the transaction is to be rolled back. The transaction shares the definitions.
pub async fn take_within(
    connection: &impl ConnectionTrait,
    redemptions: &[redemption::Model],
) -> Result<Taking> {
    let limits = limits(connection, redemptions.iter().map(|row| row.offer_id)).await?;
    let taken = taken(&limits, redemptions);
    // The first to take of a budget finds no row whose limits could be kept.
    let is_more = |limit: Option<i64>, taken: i64| limit.is_some_and(|limit| taken > limit);
    let exceeds = |id: &OfferId, times: i64, minor: i64| {
        let limit = limits.get(id);
        limit.is_none_or(|Limit { budget, .. }| is_more(budget.count, times) || is_more(budget.minor, minor))
    };
    if let Some((id, _)) = taken.iter().find(|(id, taken)| exceeds(id, taken.times, taken.minor)) {
        return Ok(Taking::TooMuch { of: Some(*id) });
    }
    if write(connection, &taken, ADDED_WITHIN).await? == taken.len() as u64 {
        announce(connection, &limits, &taken).await?;
        return Ok(Taking::Done);
    }
    // Those of which there was enough are taken of by now, and may be over their limit with as much on top again: if
    // it is one only, it is the one of which there was not.
    let rows = stored(connection, taken.keys().copied()).await?;
    let is_short = |row: &&offer_budget::Model| {
        let more = taken[&row.offer_id];
        exceeds(&row.offer_id, row.taken + more.times, row.taken_minor.saturating_add(more.minor))
    };
    let mut short = rows.iter().filter(is_short).map(|row| row.offer_id);
    let first = short.next();
    Ok(Taking::TooMuch { of: first.filter(|_| short.next().is_none()) })
}

async fn stored(
    connection: &impl ConnectionTrait,
    offers: impl Iterator<Item = OfferId>,
) -> Result<Vec<offer_budget::Model>> {
    let offers: Vec<_> = offers.map(|id| id.uuid()).collect();
    Ok(offer_budget::Entity::find()
        .filter(is_any_id(connection, "offer_id", offers.into_iter()))
        .all(connection)
        .await?)
}

/// What of offers is given back, each time in the currency in which it was taken.
pub type Returned = BTreeMap<OfferId, Vec<(Taken, String)>>;

/// Adds what these redemptions take, whatever the limits, and takes off what is given back: in one statement, so that
/// two who do both do not wait for each other. Amounts count in the currency of the limit.
pub async fn change(
    connection: &impl ConnectionTrait,
    redemptions: &[redemption::Model],
    returned: &Returned,
) -> Result<()> {
    let offers = redemptions.iter().map(|row| row.offer_id).chain(returned.keys().copied());
    let limits = limits(connection, offers).await?;
    let mut changes = taken(&limits, redemptions);
    for (id, parts) in returned {
        let currency = limits.get(id).and_then(|limit| limit.currency.as_ref());
        let change = changes.entry(*id).or_default();
        for (part, code) in parts {
            change.times -= part.times;
            change.minor -= if currency == Some(code) { part.minor } else { 0 };
        }
    }
    write(connection, &changes, ADDED).await?;
    announce(connection, &limits, &changes).await
}

async fn limits(connection: &impl ConnectionTrait, offers: impl Iterator<Item = OfferId>) -> Result<Limits> {
    let offers: BTreeSet<OfferId> = offers.collect();
    if offers.is_empty() {
        return Ok(Limits::new());
    }
    let rows = offer::Entity::find()
        .select_only()
        .columns([offer::Column::Id, offer::Column::LimitTotal])
        .columns([offer::Column::LimitMinor, offer::Column::LimitCurrency])
        .columns([offer::Column::BenefitMinor, offer::Column::BenefitCurrency])
        .filter(is_any_id(connection, "id", offers.iter().map(|id| id.uuid())))
        .into_tuple::<(OfferId, Option<i64>, Option<i64>, Option<String>, Option<i64>, Option<String>)>()
        .all(connection)
        .await?;
    let limit = |(id, total, minor, currency, off, off_currency)| {
        let currency: Option<String> = currency;
        let off_currency: Option<String> = off_currency;
        let budget = Budget::of(total, (minor, currency.as_deref()), (off, off_currency.as_deref()));
        (id, Limit { budget, currency })
    };
    Ok(rows.into_iter().map(limit).collect())
}

fn taken(limits: &Limits, redemptions: &[redemption::Model]) -> BTreeMap<OfferId, Taken> {
    let mut taken: BTreeMap<OfferId, Taken> = BTreeMap::new();
    for row in redemptions.iter().filter(|row| takes(row.status)) {
        let currency = limits.get(&row.offer_id).and_then(|limit| limit.currency.as_ref());
        let counts = currency == Some(&row.currency);
        let taken = taken.entry(row.offer_id).or_default();
        taken.times += 1;
        taken.minor = taken.minor.saturating_add(if counts { row.amount_minor } else { 0 });
    }
    taken
}

/// Lets it be known that budgets with a limit are others by these changes, which are written: what is spent by them, or
/// is there again, concerns everybody; how much is left of an amount concerns the carts that take of it.
async fn announce(
    connection: &impl ConnectionTrait,
    limits: &Limits,
    added: &BTreeMap<OfferId, Taken>,
) -> Result<()> {
    let is_limited = |id: &&OfferId| limits.get(id).is_some_and(|limit| limit.budget.is_limited());
    let limited: Vec<OfferId> = added.keys().filter(is_limited).copied().collect();
    if limited.is_empty() {
        return Ok(());
    }
    let budgets = stored(connection, limited.iter().copied()).await?;
    let turns = |row: &offer_budget::Model| {
        let (limit, added) = (limits[&row.offer_id].budget, added[&row.offer_id]);
        let was_spent = limit.is_spent(row.taken - added.times, row.taken_minor - added.minor);
        was_spent != limit.is_spent(row.taken, row.taken_minor)
    };
    if budgets.iter().any(turns) {
        return outbox::announce_everything(connection).await;
    }
    let amounts = limited.into_iter().filter(|id| limits[id].budget.minor.is_some());
    outbox::announce(connection, amounts.map(Topic::Budget)).await
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
