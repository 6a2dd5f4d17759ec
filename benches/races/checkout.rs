//! A checkout as a good client sends it: again with the same key until it is done, or can never be.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde_json::Value;

use crate::client::{Client, code};

/// How long to wait before a checkout is sent again that may be done by then.
const PAUSE: Duration = Duration::from_millis(50);

/// What was answered.
#[derive(Default)]
pub struct Tally {
    pub answers: usize,
    /// How often nobody answered.
    pub lost: usize,
    pub refusals: BTreeMap<String, usize>,
}

/// The purchase; else the code of what is wrong with it for ever.
pub type Outcome = Result<String, String>;

/// Checks out at this server first.
pub fn check_out(client: &Client<'_>, first: usize, input: &Value, tally: &mut Tally) -> Outcome {
    loop {
        let answer = client.send(first, "cartCheckout", "purchase { id }", input);
        tally.answers += 1;
        tally.lost += answer.sent - 1;
        let Some(refusal) = code(&answer.payload) else {
            return Ok(answer.payload["purchase"]["id"].as_str().expect("an id").to_owned());
        };
        *tally.refusals.entry(refusal.to_owned()).or_default() += 1;
        match refusal {
            "NOT_FOUND" | "OUT_OF_STOCK" => return Err(refusal.to_owned()),
            // The last: others of the customer wait to be paid.
            "IN_FLIGHT" | "STALE" | "OFFER_EXHAUSTED" | "OFFER_CAPPED" | "CODE_USED" | "LIMIT_REACHED" => {
                std::thread::sleep(PAUSE);
            }
            _ => panic!("{}", answer.payload),
        }
    }
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.lost += other.lost;
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} checkouts answered, {} sent again because nobody answered", self.answers, self.lost)?;
        self.refusals.iter().try_for_each(|(code, count)| write!(f, "; {code} {count}"))
    }
}
