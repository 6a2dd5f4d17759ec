//! Time zones by their IANA names; who writes another name is told the nearest.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, de};

/// Below this, two names have nothing in common.
const ALIKE: f64 = 0.8;

/// The zone of a name, or what to write instead.
pub fn parse(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| match nearest(name) {
        Some(near) => format!("`{name}` is no time zone; its IANA name is wanted, perhaps `{near}`"),
        None => format!("`{name}` is no time zone; an IANA name such as `Europe/Vienna` is wanted"),
    })
}

/// The zone most like a name, whole or by its city.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let likeness = |zone: &str| {
        let zone = zone.to_lowercase();
        let city = zone.rsplit('/').next().unwrap_or_default();
        strsim::jaro_winkler(&name, &zone).max(strsim::jaro_winkler(&name, city))
    };
    let scored = TZ_VARIANTS.iter().map(|zone| (likeness(zone.name()), zone.name()));
    let (score, best) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (score >= ALIKE).then_some(best)
}

/// A zone in a settings or map file.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// The same where there may be none.
pub fn deserialize_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tz>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    name.map(|name| parse(&name).map_err(de::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_answered_with_the_nearest() {
        assert_eq!(parse("Europe/Vienna"), Ok(Tz::Europe__Vienna));
        for (name, near) in [
            ("Europe/Wien", "Europe/Vienna"),
            ("europe/vienna", "Europe/Vienna"),
            ("Vienna", "Europe/Vienna"),
            ("America/NewYork", "America/New_York"),
            ("Asia/Tokio", "Asia/Tokyo"),
        ] {
            let reason = parse(name).expect_err("it is none");
            assert!(reason.contains(&format!("perhaps `{near}`")), "{reason}");
        }
        let reason = parse("Mars/Olympus").expect_err("it is none");
        assert!(reason.contains("IANA"), "{reason}");
    }
}
