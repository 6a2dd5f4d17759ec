//! What customers are recognised by, in the one form it is stored and looked up in.

use entities::values::{IdentityKind, TextEnum};

/// What a customer is recognised by, normalised so that equal things are equal texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey {
    kind: IdentityKind,
    value: String,
}

/// The longest text an identity may be: it is the key of an index.
const MAX_IDENTITY: usize = 500;

impl IdentityKey {
    /// Normalises; the error says what would be right.
    pub fn try_new(kind: IdentityKind, text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_IDENTITY {
            return Err(format!("must have 1 to {MAX_IDENTITY} bytes, it has {}", text.len()));
        }
        let value = match kind {
            IdentityKind::Email => email(text)?,
            IdentityKind::Phone => phone(text)?,
            _ => text.to_owned(),
        };
        Ok(Self { kind, value })
    }

    /// One that the database holds, normalised when it came in.
    pub fn stored(kind: IdentityKind, value: String) -> Self {
        Self { kind, value }
    }

    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    pub fn value(&self) -> &str {
        &self.value
    }

    pub fn into_value(self) -> String {
        self.value
    }
}

/// Whether an identity of this kind names a person rather than a browser or device.
pub fn is_of_somebody(kind: IdentityKind) -> bool {
    !matches!(kind, IdentityKind::AnonymousId | IdentityKind::Device)
}

impl std::fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.text(), self.value)
    }
}

fn email(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_lowercase())
        }
        _ => Err(format!("is `{text}`; an e-mail address such as ada@example.com is wanted")),
    }
}

fn phone(text: &str) -> Result<String, String> {
    let value: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    let digits = value.strip_prefix('+').unwrap_or_default();
    if (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(value);
    }
    Err(format!("is `{text}`; a number with its country code, such as +43 1 234567, is wanted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_are_equal_texts() {
        let of = |kind, text| IdentityKey::try_new(kind, text);
        assert_eq!(of(IdentityKind::Email, " Ada@Example.COM "), of(IdentityKind::Email, "ada@example.com"));
        assert_eq!(of(IdentityKind::Phone, "+43 (1) 234-567"), of(IdentityKind::Phone, "+431234567"));
        assert_ne!(of(IdentityKind::UserId, "Ada"), of(IdentityKind::UserId, "ada"));
    }

    #[test]
    fn what_identifies_nobody_is_refused() {
        for (kind, text) in [
            (IdentityKind::Email, "ada"),
            (IdentityKind::Email, "@example.com"),
            (IdentityKind::Email, "a da@example.com"),
            (IdentityKind::Phone, "01 234567"),
            (IdentityKind::Phone, "+43 one"),
            (IdentityKind::UserId, "  "),
        ] {
            assert!(IdentityKey::try_new(kind, text).is_err(), "{text}");
        }
        assert!(IdentityKey::try_new(IdentityKind::UserId, &"x".repeat(501)).is_err());
    }
}
