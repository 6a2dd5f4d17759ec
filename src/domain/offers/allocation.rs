//! Experiments: the variants of an offer, and the weights by which customers are spread over them.
//!
//! Weights change, and nobody's variant does: each change is another allocation, and a customer falls under the
//! one that was in force when the customer was created. The first one takes all who were there before it; another is
//! in force a minute after it was made, when all replicas know of it.

use entities::offer::Model;
use entities::timestamp::Timestamp;
use entities::values::OfferStatus;
use sea_orm::JsonValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Within this time, in milliseconds, every replica knows of a change, however busy it is and however wrong its clock.
const KNOWN_BY_ALL: i64 = 60_000;

/// How customers are spread over variants from a time on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Milliseconds since 1970.
    pub from: i64,
    pub variants: Vec<Variant>,
}

/// One way in which an offer is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub key: String,
    /// Its share is the weight by the sum of all weights.
    pub weight: u32,
    /// What it shows, in the form of an offer's content; the offer's own without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Map<String, Value>>,
}

/// What is tried with an offer.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The name that decides who is in which bucket; offers with the same name share theirs.
    pub name: Option<String>,
    /// The share of customers who are never shown the offer, in hundredths of a percent.
    pub holdout_basis_points: i32,
    pub variants: Vec<Variant>,
}

/// The allocations of a row, oldest first.
pub fn allocations(json: &JsonValue) -> Vec<Allocation> {
    Vec::deserialize(json).unwrap_or_default()
}

/// Gives an offer another experiment, or none.
pub fn assign(row: &mut Model, experiment: Option<Experiment>, now: Timestamp) {
    let Some(experiment) = experiment else {
        row.experiment = None;
        row.holdout_basis_points = 0;
        row.allocations = Value::Array(Vec::new());
        return;
    };
    row.experiment =
        Some(experiment.name.unwrap_or_else(|| row.experiment.take().unwrap_or(row.key.clone())));
    row.holdout_basis_points = experiment.holdout_basis_points;
    let was_shown = row.status != OfferStatus::Draft;
    let before = if was_shown { allocations(&row.allocations) } else { Vec::new() };
    row.allocations = serde_json::json!(after(before, experiment.variants, now));
}

/// The allocations when these are the variants from now on.
fn after(mut allocations: Vec<Allocation>, variants: Vec<Variant>, now: Timestamp) -> Vec<Allocation> {
    // What a variant shows is mended for those too who have it of old.
    for old in allocations.iter_mut().flat_map(|allocation| &mut allocation.variants) {
        if let Some(new) = variants.iter().find(|new| new.key == old.key) {
            old.content.clone_from(&new.content);
        }
    }
    let spread = |variants: &[Variant]| -> Vec<(String, u32)> {
        variants.iter().map(|variant| (variant.key.clone(), variant.weight)).collect()
    };
    let current = allocations.last().map(|newest| spread(&newest.variants)).unwrap_or_default();
    if current != spread(&variants) {
        // Those who come now see what was before: every replica has to know of the change first.
        let from = if allocations.is_empty() { now.millis() } else { now.millis() + KNOWN_BY_ALL };
        allocations.push(Allocation { from, variants });
    }
    allocations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variant(key: &str, weight: u32, title: &str) -> Variant {
        let Value::Object(content) = json!({ "default": { "title": title } }) else { unreachable!() };
        Variant { key: key.to_owned(), weight, content: Some(content) }
    }

    #[test]
    fn other_weights_are_another_allocation_and_other_words_are_not() {
        let first = after(Vec::new(), vec![variant("a", 1, "A"), variant("b", 1, "B")], Timestamp(1));
        assert_eq!(first.len(), 1);
        let reworded = after(first, vec![variant("a", 1, "A!"), variant("b", 1, "B")], Timestamp(2));
        assert_eq!((reworded.len(), reworded[0].from), (1, 1));
        assert_eq!(reworded[0].variants[0], variant("a", 1, "A!"));
        let shifted = after(reworded, vec![variant("a", 9, "A?"), variant("c", 1, "C")], Timestamp(3));
        assert_eq!(
            shifted.iter().map(|allocation| allocation.from).collect::<Vec<_>>(),
            [1, 3 + KNOWN_BY_ALL]
        );
        assert_eq!(shifted[0].variants, [variant("a", 1, "A?"), variant("b", 1, "B")]);
        let none = after(shifted, Vec::new(), Timestamp(4));
        assert_eq!((none.len(), none[2].variants.len()), (3, 0));
        assert_eq!(allocations(&json!(none)), none);
        assert_eq!(after(Vec::new(), Vec::new(), Timestamp(1)), []);
    }

    #[test]
    fn a_draft_forgets_what_it_was_going_to_try() {
        let mut row = Model::draft(entities::ids::OfferId::default(), "popcorn", Timestamp(0));
        let experiment = |name: Option<&str>, weight| Experiment {
            name: name.map(str::to_owned),
            holdout_basis_points: 500,
            variants: vec![variant("a", weight, "A"), variant("b", 1, "B")],
        };
        assign(&mut row, Some(experiment(None, 1)), Timestamp(1));
        assign(&mut row, Some(experiment(None, 2)), Timestamp(2));
        assert_eq!((row.experiment.as_deref(), allocations(&row.allocations).len()), (Some("popcorn"), 1));
        assign(&mut row, Some(experiment(Some("size"), 2)), Timestamp(2));
        row.status = OfferStatus::Live;
        assign(&mut row, Some(experiment(None, 3)), Timestamp(3));
        assert_eq!((row.experiment.as_deref(), allocations(&row.allocations).len()), (Some("size"), 2));
        assign(&mut row, None, Timestamp(4));
        assert_eq!((row.experiment, row.holdout_basis_points, row.allocations), (None, 0, json!([])));
    }
}
