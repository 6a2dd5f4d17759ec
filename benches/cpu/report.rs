//! The table.

use crate::measure::{Cost, Round};
use crate::operations::Operation;

/// One operation on one database: the medians of its rounds.
pub struct Line {
    database: &'static str,
    title: &'static str,
    ours: Cost,
    reference: Cost,
    /// Least, median, most.
    ratio: [f64; 3],
}

impl Line {
    pub fn new(database: &'static str, operation: &Operation, rounds: &[Round]) -> Self {
        let ratios = sorted(rounds.iter().map(|round| round.ours.total() / round.reference.total()));
        Self {
            database,
            title: operation.title,
            ours: median_cost(rounds.iter().map(|round| round.ours)),
            reference: median_cost(rounds.iter().map(|round| round.reference)),
            ratio: [ratios[0], median(&ratios), ratios[ratios.len() - 1]],
        }
    }
}

/// Prints the table in Markdown, to be pasted.
#[expect(clippy::print_stdout, reason = "the table is what this program is run for")]
pub fn print(lines: &[Line]) {
    println!("\n| database | operation | ratio | least – most | ours: server + database | by hand |");
    println!("|---|---|---|---|---|---|");
    for line in lines {
        let [least, median, most] = line.ratio;
        println!(
            "| {} | {} | **{median:.2}** | {least:.2} – {most:.2} | {} | {} |",
            line.database,
            line.title,
            words(line.ours),
            words(line.reference),
        );
    }
}

fn words(cost: Cost) -> String {
    format!("{:.0} + {:.0} µs", cost.server, cost.database)
}

fn median_cost(costs: impl Iterator<Item = Cost> + Clone) -> Cost {
    Cost {
        server: median(&sorted(costs.clone().map(|cost| cost.server))),
        database: median(&sorted(costs.map(|cost| cost.database))),
    }
}

fn sorted(figures: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
