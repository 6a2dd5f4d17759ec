//! A simulation as a table for people.

use std::fmt::{Display, Formatter, Result};

use entities::timestamp::Timestamp;
use serde_json::json;

use crate::domain::offers::simulation::Simulation;
use crate::domain::offers::simulation::replay::{Limit, Stop, Total};

/// What was found, and of what time the purchases are.
pub struct Report<'s> {
    pub simulation: &'s Simulation,
    pub since: Timestamp,
}

impl Display for Report<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let Simulation { customers, sample, looked_at, is_complete, .. } = self.simulation;
        write!(out, "{looked_at} of {customers} customers looked at")?;
        match is_complete {
            true => writeln!(out, "\n")?,
            false => writeln!(out, ", of {sample} that were drawn\n")?,
        }
        self.write_reach(out)?;
        self.write_reasons(out)?;
        self.write_outranks(out)?;
        self.write_cost(out)
    }
}

impl Report<'_> {
    fn write_reach(&self, out: &mut Formatter<'_>) -> Result {
        let (reach, part) = (&self.simulation.reach, self.simulation.part());
        let rows = [
            ("reached", reach.reached),
            ("outranked", reach.outranked),
            ("held out", reach.held_out),
            ("excluded", reach.excluded),
        ];
        writeln!(
            out,
            "{:<12}{:>9}{:>9}{:>18}{:>10}{:>20}",
            "", "looked at", "share", "95 % of samples", "of all", "95 % of samples"
        )?;
        for (name, customers) in rows {
            let estimate = part.estimate(customers);
            let percent = |share: f64| share * 100.0;
            let share = format!("{:.1} %", percent(estimate.share));
            let shares = format!("{:.1} to {:.1} %", percent(estimate.low), percent(estimate.high));
            let all = format!("{} to {}", estimate.all_low, estimate.all_high);
            writeln!(out, "{name:<12}{customers:>9}{share:>9}{shares:>18}{:>10}{all:>20}", estimate.all)?;
        }
        Ok(())
    }

    fn write_reasons(&self, out: &mut Formatter<'_>) -> Result {
        let reasons = self.simulation.reasons();
        if !reasons.is_empty() {
            writeln!(out, "\nNot reached, because of")?;
        }
        for ((code, expression), customers) in reasons {
            let code = json!(code);
            let (code, expression) = (code.as_str().unwrap_or_default(), expression.unwrap_or_default());
            writeln!(out, "{}", format!("{customers:>21}  {code:<14}{expression}").trim_end())?;
        }
        Ok(())
    }

    fn write_outranks(&self, out: &mut Formatter<'_>) -> Result {
        let outranks = self.simulation.outranks();
        if !outranks.is_empty() {
            writeln!(out, "\nShown instead of")?;
        }
        for outranked in outranks {
            let (customers, key, decisions) =
                (outranked.customers, &outranked.offer.key, outranked.decisions);
            writeln!(out, "{customers:>21}  {key}, in {decisions} decisions")?;
        }
        Ok(())
    }

    fn write_cost(&self, out: &mut Formatter<'_>) -> Result {
        let cost = &self.simulation.cost;
        writeln!(out, "\nPurchases of those reached since {}", self.since)?;
        writeln!(out, "{:>21}  made", cost.purchases)?;
        writeln!(out, "{:>21}  redeem it", cost.redemptions)?;
        if cost.unknown > 0 {
            writeln!(out, "{:>21}  unknown: what was bought is not recorded", cost.unknown)?;
        }
        for Total { redemptions, off, off_of_all, revenue, revenue_of_all } in &cost.totals {
            let (code, off, paid) = (off.currency.code(), off.amount(), revenue.amount());
            let (all_off, all_paid) = (off_of_all.amount(), revenue_of_all.amount());
            writeln!(
                out,
                "{redemptions:>21}  {off} {code} off of {paid} {code}; of all, about {all_off} off of {all_paid}"
            )?;
        }
        for Stop { limit, first_at, purchases } in &cost.stops {
            let limit = match limit {
                Limit::PerCustomer => "limit of a customer",
                Limit::PerPeriod => "limit of a customer in the period",
                Limit::Total => "budget of redemptions",
                Limit::Amount => "budget of money",
            };
            writeln!(out, "{purchases:>21}  stopped by the {limit}, the first on {first_at}")?;
        }
        Ok(())
    }
}
