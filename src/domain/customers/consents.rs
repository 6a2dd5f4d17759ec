//! What customers allow: writing it, and what counts of it.

use std::collections::{BTreeMap, HashMap};

use entities::consent;
use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::db::columnar::is_any_id;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{effective_consents, family, judgement, limits};
use crate::kernel::error::Result;

/// What a customer says about one purpose.
#[derive(Clone, Debug)]
pub struct ConsentChange {
    pub purpose: ConsentPurpose,
    pub status: ConsentStatus,
    pub source: String,
    pub expires_at: Option<Timestamp>,
}

/// What counts of one person's consents, by purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective(BTreeMap<ConsentPurpose, consent::Model>);

impl Effective {
    /// The rows of one person's customers, judged at a time.
    pub fn of(rows: impl IntoIterator<Item = consent::Model>, now: Timestamp) -> Self {
        Self(effective_consents::effective(rows, now))
    }

    /// What was said about a purpose; none is neither allowed nor refused.
    pub fn get(&self, purpose: ConsentPurpose) -> Option<&consent::Model> {
        self.0.get(&purpose)
    }

    pub fn into_rows(self) -> impl Iterator<Item = consent::Model> {
        self.0.into_values()
    }

    /// Whether what the person does may be stored for a purpose: unless it was refused.
    pub fn may_record(&self, purpose: ConsentPurpose) -> bool {
        self.get(purpose).is_none_or(|row| row.status == ConsentStatus::Granted)
    }

    /// Whether the person allowed a purpose, in so many words.
    pub fn is_granted(&self, purpose: ConsentPurpose) -> bool {
        self.get(purpose).is_some_and(|row| row.status == ConsentStatus::Granted)
    }
}

/// What counts of the consents of canonical customers, each of whom is in the answer.
pub async fn effective(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    canonical: &[CustomerId],
) -> Result<HashMap<CustomerId, Effective>> {
    let people = family::members(connection, canonical).await?;
    let mut of_each: HashMap<CustomerId, Vec<consent::Model>> =
        canonical.iter().map(|id| (*id, Vec::new())).collect();
    for row in of_rows(connection, people.keys().copied().collect()).await? {
        of_each.entry(people[&row.customer_id]).or_default().push(row);
    }
    Ok(of_each.into_iter().map(|(id, rows)| (id, Effective::of(rows, now))).collect())
}

async fn of_rows(
    connection: &impl ConnectionTrait,
    customers: Vec<CustomerId>,
) -> Result<Vec<consent::Model>> {
    let query = consent::Entity::find()
        .filter(is_any_id(connection, "customer_id", customers.into_iter().map(Id::uuid)))
        .order_by_asc(consent::Column::CustomerId);
    Ok(query.all(connection).await?)
}

/// Records what a person says; it replaces what was said before on any row of theirs. The canonical customer.
pub async fn update(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    customer: Option<CustomerId>,
    changes: Vec<ConsentChange>,
) -> Result<CustomerId, Rejection> {
    check(caller, &changes)?;
    let canonical = caller.must_mean(transaction, customer).await?;
    family::lock_living(transaction, [canonical]).await?;
    caller.still_means(transaction, customer, canonical).await?;
    let members = family::members(transaction, &[canonical]).await?.into_keys().collect();
    let known = of_rows(transaction, members).await?;
    let mut rows = BTreeMap::new();
    for change in &changes {
        // Else what was said on a row that was merged would go on counting against it.
        let said_before = known.iter().filter(|row| row.purpose == change.purpose).map(|row| row.customer_id);
        for customer_id in said_before.chain([canonical]) {
            rows.insert((customer_id, change.purpose), row(caller, customer_id, change));
        }
    }
    if rows.is_empty() {
        return Ok(canonical);
    }
    let overwrite = OnConflict::columns([consent::Column::CustomerId, consent::Column::Purpose])
        .update_columns([
            consent::Column::Status,
            consent::Column::Source,
            consent::Column::UpdatedAt,
            consent::Column::ExpiresAt,
        ])
        .to_owned();
    consent::Entity::insert_many(rows.into_values().map(|row| row.into_active_model().reset_all()))
        .on_conflict(overwrite)
        .exec_without_returning(transaction)
        .await?;
    judgement::due(transaction, caller.now, [canonical]).await?;
    Ok(canonical)
}

fn row(caller: &Caller<'_>, customer_id: CustomerId, change: &ConsentChange) -> consent::Model {
    consent::Model {
        customer_id,
        purpose: change.purpose,
        status: change.status,
        source: change.source.clone(),
        updated_at: caller.now,
        expires_at: change.expires_at,
    }
}

fn check(caller: &Caller<'_>, changes: &[ConsentChange]) -> Result<(), Refusal> {
    for (at, change) in changes.iter().enumerate() {
        limits::check_text(&format!("consents.{at}.source"), &change.source)?;
        let refused = |field, message: &str| {
            Err(Refusal::new(Reason::Invalid, format!("consents.{at}.{field}"), message))
        };
        if changes[..at].iter().any(|other| other.purpose == change.purpose) {
            return refused("purpose", "Each purpose may be named once.");
        }
        match change.expires_at {
            Some(end) if end <= caller.now => return refused("expiresAt", "This time has passed."),
            Some(_) if change.status != ConsentStatus::Granted => {
                return refused("expiresAt", "Only what is granted can end by itself.");
            }
            _ => {}
        }
    }
    Ok(())
}
