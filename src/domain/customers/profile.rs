//! Changing what is known of a customer.

use entities::customer;
use entities::ids::CustomerId;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use serde_json::Value;

use crate::domain::customers::caller::Caller;
use crate::domain::customers::import::{Profile, apply};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, judgement, limits};

/// Refuses what a profile cannot be, by itself.
pub fn check(profile: &Profile) -> Result<(), Refusal> {
    for (path, text) in [
        ("firstName", &profile.first_name),
        ("lastName", &profile.last_name),
        ("email", &profile.email),
        ("phone", &profile.phone),
        ("locale", &profile.locale),
    ] {
        if let Some(text) = text {
            limits::check_text(path, text)?;
        }
    }
    match profile.birth_date.as_deref().map(str::parse::<chrono::NaiveDate>) {
        Some(Err(_)) => {
            Err(Refusal::new(Reason::Invalid, "birthDate", "A day such as 1990-04-23 is wanted."))
        }
        _ => limits::check_traits(&profile.traits),
    }
}

/// Changes a customer's profile; the canonical customer.
pub async fn update(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    customer: Option<CustomerId>,
    profile: Profile,
) -> Result<CustomerId, Rejection> {
    check(&profile)?;
    let canonical = caller.must_mean(transaction, customer).await?;
    let row = family::lock_living(transaction, [canonical]).await?.pop();
    let row = row.ok_or_else(|| Refusal::no_customer("customerId"))?;
    caller.still_means(transaction, customer, canonical).await?;
    let described = described(row, caller, profile)?;
    let changed = described.changed;
    store(transaction, described).await?;
    if changed {
        judgement::due(transaction, caller.now, [canonical]).await?;
    }
    Ok(canonical)
}

/// The row with a profile added, and whether that changed anything.
pub(super) struct Described {
    pub row: customer::Model,
    pub changed: bool,
    /// It was said again what was known, later than before.
    pub confirmed: bool,
}

/// Adds a profile to a row. What was said earlier than what is known of the customer, such as at an SDK's late
/// retry, adds only what is missing.
pub(super) fn described(
    mut row: customer::Model,
    caller: &Caller<'_>,
    profile: Profile,
) -> Result<Described, Refusal> {
    let is_late = row.described_at.is_some_and(|known| caller.said_at < known);
    let says_something = !profile.is_empty();
    let profile = match () {
        () if caller.completes || is_late => missing(&row, profile),
        () if caller.is_public() => without_addresses_known(&row, profile),
        () => profile,
    };
    let changed = apply(&mut row, profile);
    let is_newer = says_something && row.described_at.is_none_or(|known| known < caller.said_at);
    if is_newer {
        row.described_at = Some(caller.said_at);
    }
    if let (true, Value::Object(traits)) = (changed, &row.traits) {
        limits::check_traits(traits)?;
        row.updated_at = caller.now;
    }
    Ok(Described { row, changed, confirmed: is_newer && !changed })
}

/// Writes what changed.
pub(super) async fn store(transaction: &impl ConnectionTrait, described: Described) -> Result<(), Rejection> {
    if !described.changed && !described.confirmed {
        return Ok(());
    }
    let row = described.row.into_active_model().reset_all();
    // A merge is not a profile's to change.
    let row = customer::ActiveModel { merged_into: sea_orm::NotSet, ..row };
    row.update(transaction).await?;
    Ok(())
}

/// Where the brand writes to is not for a page to say anew: anybody could have its mail sent elsewhere.
fn without_addresses_known(row: &customer::Model, mut profile: Profile) -> Profile {
    if row.email.is_some() {
        profile.email = None;
    }
    if row.phone.is_some() {
        profile.phone = None;
    }
    profile
}

/// What of a profile is not known yet.
fn missing(row: &customer::Model, mut profile: Profile) -> Profile {
    for (known, said) in [
        (&row.first_name, &mut profile.first_name),
        (&row.last_name, &mut profile.last_name),
        (&row.email, &mut profile.email),
        (&row.phone, &mut profile.phone),
        (&row.birth_date, &mut profile.birth_date),
        (&row.locale, &mut profile.locale),
    ] {
        if known.is_some() {
            *said = None;
        }
    }
    if let Value::Object(traits) = &row.traits {
        profile.traits.retain(|key, _| !traits.contains_key(key));
    }
    profile
}
