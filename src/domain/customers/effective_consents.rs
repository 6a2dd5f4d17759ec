//! What a customer consented to when several rows speak for it, because it was merged.

use entities::timestamp::Timestamp;
use entities::values::ConsentStatus;

use crate::domain::customers::rows::Consent;

/// Leaves one consent a purpose: a refusal beats a grant, whenever either was given; between two of the same
/// kind the latest counts. The list is sorted by purpose.
pub fn keep_most_restrictive(consents: &mut Vec<Consent>) {
    consents.dedup_by(|next, kept| {
        if next.purpose != kept.purpose {
            return false;
        }
        if weight(next) > weight(kept) {
            std::mem::swap(next, kept);
        }
        true
    });
}

fn weight(consent: &Consent) -> (bool, Timestamp) {
    (consent.status != ConsentStatus::Granted, consent.updated_at)
}

#[cfg(test)]
mod tests {
    use entities::values::ConsentPurpose::{self, Analytics, Marketing};
    use entities::values::ConsentStatus::{Denied, Granted, Revoked};

    use super::*;

    fn kept(list: &[(ConsentPurpose, ConsentStatus, i64)]) -> Vec<(ConsentPurpose, ConsentStatus, i64)> {
        let consent = |&(purpose, status, time): &_| Consent {
            purpose,
            status,
            updated_at: Timestamp(time),
            ..Consent::default()
        };
        let mut consents = list.iter().map(consent).collect();
        keep_most_restrictive(&mut consents);
        consents.iter().map(|row| (row.purpose, row.status, row.updated_at.millis())).collect()
    }

    #[test]
    fn a_refusal_beats_a_grant_of_any_time() {
        for refusal in [Denied, Revoked] {
            let refused = (Analytics, refusal, 1);
            assert_eq!(kept(&[(Analytics, Granted, 2), refused, (Analytics, Granted, 3)]), [refused]);
            assert_eq!(kept(&[refused, (Analytics, Granted, 2)]), [refused]);
        }
    }

    #[test]
    fn of_equals_the_latest_counts_and_purposes_stay_apart() {
        let list = [
            (Analytics, Granted, 1),
            (Analytics, Granted, 3),
            (Analytics, Granted, 2),
            (Marketing, Revoked, 1),
            (Marketing, Denied, 2),
        ];
        assert_eq!(kept(&list), [(Analytics, Granted, 3), (Marketing, Denied, 2)]);
        assert_eq!(kept(&[]), []);
    }
}
