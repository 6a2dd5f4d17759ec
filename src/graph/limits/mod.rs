//! What a GraphQL document may ask for, judged before anything is executed: the text before it is parsed,
//! the parsed document before it is validated, the operation with its variables before it runs. Pure
//! functions of their input, each linear in the size of the document.

mod brackets;
pub mod cost;
mod fragments;
pub mod selection;
pub mod text;

pub use cost::{CostModel, CostTable, FieldCost};
pub use selection::SelectionLimits;
pub use text::TextLimits;

/// Why a document was refused, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED` or `QUERY_TOO_COSTLY`.
    pub code: &'static str,
    pub message: String,
    /// Line and column, both from 1.
    pub location: Option<(usize, usize)>,
}

impl Refusal {
    fn syntax(message: impl Into<String>, location: (usize, usize)) -> Self {
        Self { code: "GRAPHQL_PARSE_FAILED", message: message.into(), location: Some(location) }
    }

    fn invalid(message: impl Into<String>, location: (usize, usize)) -> Self {
        Self { code: "GRAPHQL_VALIDATION_FAILED", message: message.into(), location: Some(location) }
    }

    fn too_costly(message: impl Into<String>, location: Option<(usize, usize)>) -> Self {
        Self { code: "QUERY_TOO_COSTLY", message: message.into(), location }
    }
}

/// All limits on documents, as the settings give them.
#[derive(Debug, Clone)]
pub struct DocumentLimits {
    pub text: TextLimits,
    pub selection: SelectionLimits,
    /// The most an operation may cost, in the units of the [`CostTable`].
    pub cost: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { text: TextLimits::default(), selection: SelectionLimits::default(), cost: 10_000 }
    }
}
