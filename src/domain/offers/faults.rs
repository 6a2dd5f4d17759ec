//! What is wrong with what somebody wants: all of it at once, so that a form can show it where it belongs.

use crate::domain::customers::rejection::{Reason, Refusal};
use crate::kernel::error::{Error, Result};

/// Why nothing was done: what the caller can mend, or a failure.
#[derive(Clone, Debug)]
pub enum Refused {
    Faults(Vec<Refusal>),
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What was found wrong so far. Paths begin in the input: `schedule.endsAt`.
#[derive(Debug, Default)]
pub struct Faults(Vec<Refusal>);

impl Faults {
    /// A value is not what it must be.
    pub fn invalid(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(Reason::Invalid, path, message);
    }

    pub fn add(&mut self, reason: Reason, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Refusal::new(reason, path, message));
    }

    /// Takes over what is wrong with a part of the input, which stands at a path.
    pub fn add_within(&mut self, path: &str, other: Self) {
        let within = |refusal: Refusal| {
            let path = match refusal.path.as_str() {
                "" => path.to_owned(),
                below => format!("{path}.{below}"),
            };
            Refusal { path, ..refusal }
        };
        self.0.extend(other.0.into_iter().map(within));
    }

    /// Notes a fault and ends what is being done.
    pub fn stop<T>(&mut self, reason: Reason, path: &str, message: impl Into<String>) -> Result<T> {
        let message = message.into();
        self.add(reason, path, message.clone());
        Err(Error::invalid(path, message))
    }

    /// Ends what is being done, when there is anything: within a transaction, nothing of it stays.
    pub fn check(&self) -> Result<()> {
        match self.0.first() {
            Some(first) => Err(Error::invalid(first.path.clone(), first.message.clone())),
            None => Ok(()),
        }
    }

    /// What became of it: faults say more than the error that ended it.
    pub fn settle<T>(self, done: Result<T>) -> Result<T, Refused> {
        match done {
            Err(_) if !self.0.is_empty() => Err(Refused::Faults(self.0)),
            done => Ok(done?),
        }
    }
}
