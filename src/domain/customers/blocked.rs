//! Values that identify nobody: what programs send when they have nothing to send.

use entities::values::IdentityKind;

use crate::domain::customers::identity::IdentityKey;

/// Texts that stand for nobody, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "(none)",
    "(not set)",
    "(null)",
    "-1",
    "<null>",
    "[object object]",
    "anonymous",
    "default",
    "deleted",
    "empty",
    "false",
    "guest",
    "missing",
    "n/a",
    "nan",
    "nil",
    "no value",
    "none",
    "not set",
    "not_set",
    "null",
    "object object",
    "true",
    "undefined",
    "unknown",
    "unset",
    "void",
];

/// So many of one character are not a number that somebody was given.
const REPEATS: usize = 6;

/// Why a value cannot be anybody's, if it cannot.
pub fn blocked(key: &IdentityKey) -> Option<String> {
    let value = key.value().to_lowercase();
    let parts: Vec<&str> = match key.kind() {
        IdentityKind::Email => value.split('@').collect(),
        _ => vec![&value],
    };
    let wrong = std::iter::once(value.as_str())
        .find_map(reason)
        .or_else(|| parts.iter().map(|part| reason(part)).collect::<Option<Vec<_>>>()?.pop())?;
    Some(format!("`{}` identifies nobody: {wrong}. Leave the identity out.", key.value()))
}

fn reason(text: &str) -> Option<&'static str> {
    if PLACEHOLDERS.contains(&text.trim()) {
        return Some("it is what programs write for nothing");
    }
    let mut signs = text.chars().filter(|letter| letter.is_alphanumeric());
    let Some(first) = signs.next() else {
        return Some("it has neither a letter nor a digit");
    };
    let mut count = 1;
    for sign in signs {
        if sign != first {
            return None;
        }
        count += 1;
    }
    match first {
        // A lone zero, too: shops export it for guests, and all of them would become one customer.
        '0' => Some("zeros are what shops and programs write for guests"),
        _ => (count >= REPEATS).then_some("it is one character over and over"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_nobody_is_told_from_what_stands_for_somebody() {
        let is_blocked = |kind, text: &str| blocked(&IdentityKey::stored(kind, text.to_owned())).is_some();
        for text in [
            "null",
            "NULL",
            "Undefined",
            "none",
            "guest",
            "anonymous",
            "0",
            "0000",
            "00000000-0000-0000-0000-000000000000",
            "xxxxxxxx",
            "---",
            "unknown",
            "NaN",
            "[object Object]",
            "",
        ] {
            assert!(is_blocked(IdentityKind::UserId, text), "{text}");
        }
        for text in ["7", "11", "4711", "u-1", "guest-4711", "nullify", "Ada", "10000000"] {
            assert!(!is_blocked(IdentityKind::UserId, text), "{text}");
        }
        assert!(is_blocked(IdentityKind::Email, "null@undefined"));
        assert!(!is_blocked(IdentityKind::Email, "guest@example.com"));
        assert!(is_blocked(IdentityKind::Phone, "+00000000"));
    }
}
