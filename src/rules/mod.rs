//! Rules: conditions and numbers that people write in CEL (Common Expression Language), over facts of one
//! customer or one behavior. Compile once, judge often; pure, no I/O.
//!
//! ```
//! use encircle::rules::{Expect, Facts, Rule, Vocabulary};
//!
//! let vocabulary = Vocabulary::new().open("traits").keys("attributes", ["visits_90d"]).value("now");
//! let rule = Rule::compile("attributes.visits_90d >= 3 && traits.plan == 'gold'", &vocabulary, Expect::Condition)?;
//! let traits = serde_json::json!({ "plan": "gold" });
//! let attributes = serde_json::json!({ "visits_90d": 4 });
//! let facts = Facts::new().with("traits", &traits).with("attributes", &attributes);
//! assert!(rule.judge(&facts).holds);
//! # Ok::<(), encircle::rules::RuleError>(())
//! ```
//!
//! # What a rule means
//!
//! CEL, with these differences, all of which serve one end: data is often incomplete, and a rule about what is
//! not there should be false rather than fail.
//!
//! - **A missing key reads as null**, at any depth, and so does a list index past the end. `has(traits.plan)`
//!   alone tells a missing key from one that is null.
//! - **Null compares as nothing**: `==` and `!=` take it as a value (`traits.plan != "gold"` holds without a
//!   plan), `<`, `<=`, `>`, `>=` are false with it, nothing is `in` it, and `exists` and `all` see an empty list.
//! - **Null is contagious** in arithmetic and functions: `size(null)` and `null + 1` are null.
//! - **A condition that is null does not hold**: in `&&`, `||`, `!`, `?:` and as the whole.
//! - **Numbers are numbers**: whole and decimal ones compare and reckon with each other (`1 + 0.5`). Whole by
//!   whole stays whole: `5 / 2` is 2.
//! - `+` adds numbers, times and durations. It joins neither texts nor lists.
//! - `duration` takes `"P7D"`, `"PT12H"` (ISO 8601, without years and months) beside CEL's `"168h"`.
//! - `now` is what the caller gives as such; a rule asks no clock.
//! - **Kinds that never meet are refused** when a rule is compiled, where the vocabulary knows the kind of a name:
//!   `attributes.visits_90d >= "3"` is a number against a text. Names of no known kind fail when they are judged.
//! - `&&` and `||` forgive a failing side when the other decides, as in CEL.
//!
//! Left out: `map`, `matches`, bytes, unsigned numbers, map and message literals, optional syntax.
//!
//! # Bounds
//!
//! Text of [`MAX_SOURCE`] bytes, brackets [`MAX_BRACKETS`] deep, [`MAX_CHAIN`] operators in a row (all checked
//! before the parser sees it), [`MAX_NODES`] nodes, a tree [`MAX_DEPTH`] deep, no loop within a loop, loops only
//! over named or written lists. So a compiled rule grows no value, and its work is known before it runs: nodes ×
//! size of what it reads, plus, in loops, elements × nodes × size. Past [`MAX_WORK`] it fails without running.

mod check;
mod compile;
mod error;
mod facts;
mod failure;
mod functions;
mod kinds;
mod lower;
mod operators;
mod outline;
mod path;
mod rule;
mod set;
mod simple;
mod vocabulary;

pub use check::{MAX_DEPTH, MAX_NODES};
pub use compile::Expect;
pub use error::RuleError;
pub use facts::{Fact, Facts};
pub use kinds::Kind;
pub use outline::{MAX_BRACKETS, MAX_CHAIN, MAX_SOURCE};
pub use path::Path;
pub use rule::{Clause, MAX_WORK, Rule, Verdict};
pub use set::{MAX_WORK_OF_SET, RuleNo, RuleSet, Session, Truth};
pub use vocabulary::{Vocabulary, nearest};

#[cfg(test)]
mod bound_tests;
#[cfg(test)]
mod meaning_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod set_tests;
