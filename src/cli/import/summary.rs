//! What a run did, for the person who started it.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::path::PathBuf;
use std::process::ExitCode;

use super::ignored::IgnoredKeys;
use super::noun::{Batch, Outcome};
use crate::kernel::money::{Currency, Money};

/// What became of the rows of a file.
#[derive(Debug, Default)]
pub struct Summary {
    pub source: String,
    pub noun: &'static str,
    pub read: u64,
    pub recorded: u64,
    pub updated: u64,
    pub known: u64,
    pub rejected: u64,
    pub customers_made: u64,
    /// What the purchases recorded come to, in minor units by currency.
    pub totals: BTreeMap<String, i64>,
    /// Columns of the file that nothing asks for.
    pub ignored: Vec<String>,
    /// Keys of its rows that nothing asks for.
    pub ignored_keys: IgnoredKeys,
    /// Where the rows are that did not go in.
    pub rejects: PathBuf,
}

impl Summary {
    pub(super) fn add(&mut self, batch: &Batch) {
        for outcome in &batch.outcomes {
            match outcome {
                Outcome::Recorded => self.recorded += 1,
                Outcome::Updated => self.updated += 1,
                Outcome::Known => self.known += 1,
                // Counted with the rows that could not be read.
                Outcome::Refused(_) => {}
            }
        }
        self.customers_made += batch.customers_made as u64;
        for (currency, minor) in &batch.totals {
            *self.totals.entry(currency.clone()).or_default() += minor;
        }
    }

    /// 0 when every row is in, 1 when some are in the reject file.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.rejected > 0))
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} rows read, source `{}`", self.read, self.source)?;
        write!(f, "{} {} recorded", self.recorded, self.noun)?;
        if self.updated > 0 {
            write!(f, ", {} updated", self.updated)?;
        }
        writeln!(f, ", {} already there, {} rejected", self.known, self.rejected)?;
        if self.noun != "customers" {
            writeln!(f, "{} customers made", self.customers_made)?;
        }
        for (code, minor) in &self.totals {
            let money = Money::new(*minor, Currency::parse(code).unwrap_or_default());
            writeln!(f, "{code} {} recorded in all", money.amount())?;
        }
        if !self.ignored.is_empty() {
            writeln!(f, "columns ignored: {}", self.ignored.join(", "))?;
        }
        if !self.ignored_keys.is_empty() {
            writeln!(f, "keys ignored: {}", self.ignored_keys)?;
        }
        if self.rejected > 0 {
            writeln!(f, "the rejected rows, and why: {}", self.rejects.display())?;
        }
        Ok(())
    }
}
