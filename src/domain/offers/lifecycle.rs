//! The life of an offer: from where to where it may go.

use entities::values::{OfferStatus, TextEnum};

/// What is done to an offer as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Publish,
    Pause,
    End,
    Archive,
}

/// One row of the table of steps.
struct Way {
    step: Step,
    /// What it is called in a message: `published`.
    done: &'static str,
    from: &'static [OfferStatus],
    to: OfferStatus,
}

use OfferStatus::{Archived, Draft, Ended, Live, Paused};

const WAYS: [Way; 4] = [
    Way { step: Step::Publish, done: "published", from: &[Draft, Paused], to: Live },
    Way { step: Step::Pause, done: "paused", from: &[Live], to: Paused },
    Way { step: Step::End, done: "ended", from: &[Live, Paused], to: Ended },
    Way { step: Step::Archive, done: "archived", from: &[Draft, Ended], to: Archived },
];

impl Step {
    /// Where the step leads from a status, or why it leads nowhere.
    pub fn take(self, from: OfferStatus) -> Result<OfferStatus, String> {
        let way = WAYS.iter().find(|way| way.step == self);
        let Some(way) = way else { return Err(format!("there is no way from {}", from.text())) };
        if way.from.contains(&from) {
            return Ok(way.to);
        }
        let wanted: Vec<&str> = way.from.iter().map(|status| status.text()).collect();
        let (done, wanted, from) = (way.done, wanted.join(" or "), from.text());
        Err(format!("an offer is {done} when it is {wanted}; this one is {from}"))
    }
}

/// Whether what an offer says may still be changed.
pub fn is_open(status: OfferStatus) -> bool {
    matches!(status, Draft | Live | Paused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_where_they_should_and_nowhere_else() {
        let steps = [Step::Publish, Step::Pause, Step::End, Step::Archive];
        // Where each step leads from each status, in the order of the statuses.
        let table = [
            (Draft, [Some(Live), None, None, Some(Archived)]),
            (Live, [None, Some(Paused), Some(Ended), None]),
            (Paused, [Some(Live), None, Some(Ended), None]),
            (Ended, [None, None, None, Some(Archived)]),
            (Archived, [None, None, None, None]),
        ];
        assert_eq!(table.map(|(from, _)| from).as_slice(), OfferStatus::ALL);
        for (from, to) in table {
            for (step, to) in steps.into_iter().zip(to) {
                assert_eq!(step.take(from).ok(), to, "{step:?} from {from:?}");
            }
        }
        let message = Step::Pause.take(Draft).expect_err("a draft is not shown");
        assert_eq!(message, "an offer is paused when it is LIVE; this one is DRAFT");
    }
}
