//! The use cases of those who write offers: create, update, publish, pause, end, archive. One writer at a time,
//! and who was overtaken is told.

use entities::ids::OfferId;
use entities::offer::{Column, Entity, Model};
use entities::timestamp::Timestamp;
use entities::values::{OfferStatus, TextEnum};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use crate::db::{Db, catalogue};
use crate::domain::customers::rejection::Reason;
use crate::domain::offers::checks::{check, is_over};
use crate::domain::offers::faults::{Faults, Refused};
use crate::domain::offers::lifecycle::{Step, is_open};
use crate::domain::offers::looking::{look_at, look_at_new};
use crate::domain::offers::parts::Parts;
use crate::domain::offers::{budget, vocabulary};
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// The most offers there may be besides those in the archive.
const MAX_OFFERS: u64 = 20_000;
/// The most that are live at once: each decision looks through them.
const MAX_LIVE: u64 = 5_000;

/// Writes a new offer, which is a draft.
pub async fn create(db: &Db, ids: &Ids, now: Timestamp, key: &str, parts: Parts) -> Result<OfferId, Refused> {
    let row = drafted(ids.next(now), now, key, parts);
    let id = row.id;
    let mut faults = Faults::default();
    let done = db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            look_at_new(transaction, &row, &mut faults).await?;
            if count(transaction, Column::Status.ne(OfferStatus::Archived)).await? >= MAX_OFFERS {
                let message = format!("there are {MAX_OFFERS} offers, which is the most; archive some");
                faults.add(Reason::LimitReached, "", message);
            }
            faults.check()?;
            Entity::insert(row.into_active_model().reset_all()).exec_without_returning(transaction).await?;
            Ok(id)
        })
        .await;
    faults.settle(done)
}

/// Changes parts of an offer, of the version that its writer has read.
pub async fn update(
    db: &Db,
    now: Timestamp,
    id: OfferId,
    version: i32,
    parts: Parts,
) -> Result<OfferId, Refused> {
    let mut faults = Faults::default();
    let done = db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            let known = read_open(transaction, id, version, &mut faults).await?;
            let mut row = known.clone();
            parts.apply(&mut row, now);
            look_at(transaction, &row, Some(&known), &mut faults).await?;
            faults.check()?;
            if row.limit_currency != known.limit_currency {
                budget::recount(transaction, id, row.limit_currency.as_deref()).await?;
            }
            write(transaction, row).await
        })
        .await;
    faults.settle(done)
}

/// Takes an offer to another place in its life.
pub async fn step(
    db: &Db,
    now: Timestamp,
    id: OfferId,
    version: Option<i32>,
    step: Step,
) -> Result<OfferId, Refused> {
    let mut faults = Faults::default();
    let done = db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            let mut row = read(transaction, id, version, &mut faults).await?;
            row.status = match step.take(row.status) {
                Ok(status) => status,
                Err(message) => return faults.stop(Reason::Conflict, "id", message),
            };
            row.updated_at = now;
            if step == Step::Publish {
                can_be_live(transaction, &row, now, &mut faults).await?;
            }
            faults.check()?;
            write(transaction, row).await
        })
        .await;
    faults.settle(done)
}

async fn can_be_live(
    connection: &impl ConnectionTrait,
    row: &Model,
    now: Timestamp,
    faults: &mut Faults,
) -> Result<()> {
    // What it speaks of may have gone since it was written.
    check(row, &vocabulary::load(connection).await?, faults);
    may_be_live(connection, row, now, faults).await
}

async fn may_be_live(
    connection: &impl ConnectionTrait,
    row: &Model,
    now: Timestamp,
    faults: &mut Faults,
) -> Result<()> {
    if is_over(row, now) {
        let message = "by its schedule it is over already; give it a later end, or none";
        faults.add(Reason::Conflict, "", message);
    }
    if count(connection, Column::Status.eq(OfferStatus::Live)).await? >= MAX_LIVE {
        let message = format!("{MAX_LIVE} offers are live, which is the most; end or pause some");
        faults.add(Reason::LimitReached, "", message);
    }
    Ok(())
}

/// An offer that is to be tried: one that is not written yet, or one that is there, with changes.
#[derive(Clone, Debug)]
pub enum Draft {
    New { key: String, parts: Parts },
    Changed { id: OfferId, version: i32, parts: Parts },
}

/// The row that a draft would be if it were written and published, with all that is wrong with it. Nothing is
/// written.
pub async fn tried(
    connection: &impl ConnectionTrait,
    ids: &Ids,
    now: Timestamp,
    draft: Draft,
    faults: &mut Faults,
) -> Result<Model> {
    let row = match draft {
        Draft::New { key, parts } => {
            let row = drafted(ids.next(now), now, &key, parts);
            look_at_new(connection, &row, faults).await?;
            row
        }
        Draft::Changed { id, version, parts } => {
            let known = read_open(connection, id, version, faults).await?;
            let mut row = known.clone();
            parts.apply(&mut row, now);
            look_at(connection, &row, Some(&known), faults).await?;
            row
        }
    };
    if row.status != OfferStatus::Live {
        may_be_live(connection, &row, now, faults).await?;
    }
    if row.placements.as_array().is_none_or(Vec::is_empty) {
        faults.invalid("placements", "it is shown nowhere; give it a placement");
    }
    faults.check()?;
    Ok(Model { status: OfferStatus::Live, ..row })
}

fn drafted(id: OfferId, now: Timestamp, key: &str, parts: Parts) -> Model {
    let mut row = Model::draft(id, key, now);
    parts.apply(&mut row, now);
    row
}

/// The offer as it is, if it is the version that was read and may be changed.
async fn read_open(
    connection: &impl ConnectionTrait,
    id: OfferId,
    version: i32,
    faults: &mut Faults,
) -> Result<Model> {
    let known = read(connection, id, Some(version), faults).await?;
    if is_open(known.status) {
        return Ok(known);
    }
    let message = format!("the offer is {}; it stays as it was", known.status.text());
    faults.stop(Reason::Conflict, "id", message)
}

/// The offer as it is, if it is the version that was read.
async fn read(
    connection: &impl ConnectionTrait,
    id: OfferId,
    version: Option<i32>,
    faults: &mut Faults,
) -> Result<Model> {
    let Some(row) = Entity::find_by_id(id).one(connection).await? else {
        return faults.stop(Reason::NotFound, "id", format!("there is no offer `{id}`"));
    };
    match version {
        Some(read) if read != row.version => {
            let message = format!(
                "the offer was changed meanwhile: its version is {}, not {read}; read it again",
                row.version
            );
            faults.stop(Reason::Conflict, "version", message)
        }
        _ => Ok(row),
    }
}

async fn write(connection: &impl ConnectionTrait, row: Model) -> Result<OfferId> {
    let id = row.id;
    let row = Model { version: row.version.wrapping_add(1), ..row };
    Entity::update(row.into_active_model().reset_all()).exec(connection).await?;
    Ok(id)
}

async fn count(
    connection: &impl ConnectionTrait,
    which: impl sea_orm::sea_query::IntoCondition,
) -> Result<u64> {
    Ok(Entity::find().filter(which).count(connection).await?)
}
