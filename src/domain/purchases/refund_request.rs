//! What is asked to be given back of a purchase.

use entities::ids::{PurchaseId, PurchaseLineId};

use crate::domain::customers::rejection::{Reason, Refusal};
use crate::domain::purchases::back::{Pieces, Sale};

/// Lines that a refund names, at most.
const MAX_LINES: usize = 1_000;

/// A refund.
#[derive(Clone, Debug)]
pub struct Refund {
    pub purchase: PurchaseId,
    /// So many of these lines; none: all that is left.
    pieces: Option<Vec<(PurchaseLineId, i64)>>,
}

impl Refund {
    /// How much is asked for is looked at before anything is read or locked.
    pub fn new(purchase: PurchaseId, pieces: Option<Vec<(PurchaseLineId, i64)>>) -> Result<Self, Refusal> {
        let invalid = |path: String, message: String| Err(Refusal::new(Reason::Invalid, path, message));
        let count = pieces.as_ref().map_or(1, Vec::len);
        if !(1..=MAX_LINES).contains(&count) {
            let message = format!("Name 1 to {MAX_LINES} lines, or leave `lines` out for all.");
            return invalid("lines".to_owned(), message);
        }
        let mut numbers = pieces.iter().flatten().map(|(_, number)| *number);
        match numbers.position(|number| number < 1) {
            Some(at) => invalid(format!("lines.{at}.quantity"), "It must be 1 or more.".to_owned()),
            None => Ok(Self { purchase, pieces }),
        }
    }

    /// What is asked for, the same whenever it is asked for.
    pub fn body(&self) -> String {
        let piece = |(line, number): &(PurchaseLineId, i64)| (line.to_string(), *number);
        let pieces: Option<Vec<_>> = self.pieces.as_ref().map(|pieces| pieces.iter().map(piece).collect());
        serde_json::json!([self.purchase.to_string(), pieces]).to_string()
    }

    /// How many of which lines; each must have so many left.
    pub(super) fn pieces_of(&self, sale: &Sale) -> Result<Pieces, Refusal> {
        let rest = sale.rest();
        let Some(asked) = &self.pieces else { return Ok(rest) };
        let mut pieces = Pieces::new();
        for (at, (line, number)) in asked.iter().enumerate() {
            if !sale.lines.iter().any(|row| row.id == *line) {
                let message = format!("The purchase has no line `{line}`.");
                return Err(Refusal::new(Reason::NotFound, format!("lines.{at}.lineId"), message));
            }
            let left = rest.get(line).copied().unwrap_or_default();
            let sum = pieces.get(line).copied().unwrap_or(0_i64).saturating_add(*number);
            if sum > left {
                let message = format!("{left} of this line are left to be refunded.");
                return Err(Refusal::new(Reason::Conflict, format!("lines.{at}.quantity"), message));
            }
            pieces.insert(*line, sum);
        }
        Ok(pieces)
    }
}
