//! Whom an event is about, and what it says of them.

use chrono::NaiveDate;
use entities::values::IdentityKind;
use serde_json::{Map, Value};

use crate::domain::customers::blocked::blocked;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::Profile;

/// The longest text of a profile's own field, in bytes; longer ones stay among the traits.
const MAX_TEXT: usize = 500;

/// An identity, unless the text is what programs write for nobody.
pub fn identity(kind: IdentityKind, name: &str, text: Option<String>) -> Result<Option<IdentityKey>, String> {
    let Some(text) = text else { return Ok(None) };
    let key = IdentityKey::try_new(kind, &text).map_err(|reason| format!("`{name}` {reason}"))?;
    Ok(Some(key).filter(|key| blocked(key).is_none()))
}

/// The profile that traits describe, and the identities among them. What has no field of its own, or does not
/// look as its field must, stays a trait.
pub fn profile(mut traits: Map<String, Value>, locale: Option<&Value>) -> (Profile, Vec<IdentityKey>) {
    let mut keys = Vec::new();
    let mut contact = |kind, name: &str| {
        let text = traits.get(name)?.as_str()?;
        let key = IdentityKey::try_new(kind, text).ok().filter(|key| blocked(key).is_none())?;
        traits.remove(name);
        keys.push(key.clone());
        Some(key.into_value())
    };
    let email = contact(IdentityKind::Email, "email");
    let phone = contact(IdentityKind::Phone, "phone");
    let birth_date = traits.get("birthday").and_then(Value::as_str).and_then(day);
    if birth_date.is_some() {
        traits.remove("birthday");
    }
    let mut text = |name: &str| {
        let text = traits.get(name)?.as_str().filter(|text| fits(text))?.to_owned();
        traits.remove(name);
        Some(text)
    };
    let (first_name, last_name) = (text("firstName"), text("lastName"));
    let locale = locale.and_then(Value::as_str).filter(|text| fits(text)).map(str::to_owned);
    (Profile { first_name, last_name, email, phone, birth_date, locale, traits }, keys)
}

fn fits(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_TEXT
}

/// The day of a date or of an instant.
fn day(text: &str) -> Option<String> {
    let date = match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(instant) => instant.date_naive(),
        Err(_) => text.parse::<NaiveDate>().ok()?,
    };
    Some(date.to_string())
}
