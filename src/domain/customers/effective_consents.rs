//! What counts of what was said about the use of somebody's data: the one law of it, for what is stored, what is
//! read and what segments see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use entities::consent;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus};

use crate::domain::customers::rows::Consent;

/// What was said about one purpose, on one row of a person.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    purpose: ConsentPurpose,
    status: ConsentStatus,
    at: Timestamp,
    expires_at: Option<Timestamp>,
    customer_id: CustomerId,
}

impl Said {
    /// When it stops to count by time alone. A refusal lasts until something else is said; a grant may end by itself.
    pub fn ends_at(self) -> Option<Timestamp> {
        self.expires_at.filter(|_| self.status == ConsentStatus::Granted)
    }

    fn counts(self, now: Timestamp) -> bool {
        self.ends_at().is_none_or(|end| end > now)
    }

    fn weight(self) -> (bool, Timestamp, Reverse<CustomerId>) {
        (self.status != ConsentStatus::Granted, self.at, Reverse(self.customer_id))
    }
}

/// What counts of one person's consents, one a purpose, sorted by it. Of the rows that count, the most restrictive:
/// a refusal beats a grant, whenever either was given. Of equals it is what was said last, else the first customer's.
pub fn effective<R>(rows: impl IntoIterator<Item = R>, now: Timestamp) -> BTreeMap<ConsentPurpose, R>
where
    for<'r> &'r R: Into<Said>,
{
    let mut effective: BTreeMap<ConsentPurpose, R> = BTreeMap::new();
    for row in rows {
        let said: Said = (&row).into();
        let other = effective.get(&said.purpose).map(|other| -> Said { other.into() });
        if said.counts(now) && other.is_none_or(|other| other.weight() < said.weight()) {
            effective.insert(said.purpose, row);
        }
    }
    effective
}

impl From<&consent::Model> for Said {
    fn from(row: &consent::Model) -> Self {
        let &consent::Model { purpose, status, updated_at: at, expires_at, customer_id, .. } = row;
        Self { purpose, status, at, expires_at, customer_id }
    }
}

impl From<&Consent> for Said {
    fn from(row: &Consent) -> Self {
        let &Consent { purpose, status, updated_at: at, expires_at, customer_id, .. } = row;
        Self { purpose, status, at, expires_at, customer_id }
    }
}

/// The columns of a [`Consent`] that the law reads.
pub const COLUMNS: [&str; 5] = ["customer_id", "purpose", "status", "updated_at", "expires_at"];

#[cfg(test)]
mod tests {
    use entities::values::ConsentPurpose::{Analytics, Marketing};
    use entities::values::ConsentStatus::{Denied, Granted, Revoked};

    use super::*;

    const NOW: Timestamp = Timestamp(100);

    type Short = (ConsentPurpose, ConsentStatus, i64, Option<i64>);

    fn kept(list: &[Short]) -> Vec<Short> {
        let consent = |&(purpose, status, time, end): &Short| Consent {
            purpose,
            status,
            updated_at: Timestamp(time),
            expires_at: end.map(Timestamp),
            ..Consent::default()
        };
        effective(list.iter().map(consent), NOW)
            .into_values()
            .map(|row| {
                (row.purpose, row.status, row.updated_at.millis(), row.expires_at.map(Timestamp::millis))
            })
            .collect()
    }

    #[test]
    fn a_refusal_beats_a_grant_of_any_time() {
        for refusal in [Denied, Revoked] {
            let refused = (Analytics, refusal, 1, None);
            assert_eq!(
                kept(&[(Analytics, Granted, 2, None), refused, (Analytics, Granted, 3, None)]),
                [refused]
            );
            assert_eq!(kept(&[refused, (Analytics, Granted, 2, None)]), [refused]);
        }
    }

    #[test]
    fn of_equals_the_latest_counts_and_purposes_stay_apart() {
        let list = [
            (Marketing, Revoked, 1, None),
            (Analytics, Granted, 1, None),
            (Analytics, Granted, 3, None),
            (Analytics, Granted, 2, None),
            (Marketing, Denied, 2, None),
        ];
        assert_eq!(kept(&list), [(Analytics, Granted, 3, None), (Marketing, Denied, 2, None)]);
        assert_eq!(kept(&[]), []);
    }

    #[test]
    fn a_grant_ends_by_itself_and_a_refusal_does_not() {
        assert_eq!(kept(&[(Analytics, Granted, 1, Some(100))]), []);
        let until = (Analytics, Granted, 1, Some(101));
        assert_eq!(kept(&[until]), [until]);
        assert_eq!(kept(&[(Analytics, Granted, 2, Some(99)), until]), [until]);
        let refused = (Analytics, Denied, 1, Some(99));
        assert_eq!(kept(&[refused, (Analytics, Granted, 2, None)]), [refused]);
    }
}
