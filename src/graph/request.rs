//! What a request asks, and how it is refused before anything is executed.

use async_graphql::Pos;
use serde_json::{Map, Value};

use crate::graph::limits::Refusal;

/// A GraphQL request as it arrives.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
}

/// Which of GraphQL's three kinds an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

/// Why a request is refused. Nothing of it was executed.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestError {
    pub code: &'static str,
    pub message: String,
    pub locations: Vec<Pos>,
}

pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";

impl RequestError {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new() }
    }

    pub fn at(mut self, position: Pos) -> Self {
        self.locations.push(position);
        self
    }
}

/// The most errors an answer carries: the first ones say what to mend.
pub const MAX_RESPONSE_ERRORS: usize = 20;

/// As many errors as an answer carries. Of more than that, of which `listed` need not be all, the last one
/// says how many the others are.
pub(super) fn within_bounds(mut listed: Vec<RequestError>, total: usize) -> Vec<RequestError> {
    if total <= MAX_RESPONSE_ERRORS {
        return listed;
    }
    listed.truncate(MAX_RESPONSE_ERRORS - 1);
    let code = listed.last().map_or(VALIDATION_FAILED, |error| error.code);
    let rest = not_listed(total - listed.len());
    listed.push(RequestError::new(code, rest));
    listed
}

/// The message that stands for errors that are left out.
pub(super) fn not_listed(count: usize) -> String {
    format!("{count} more errors are not listed: mend the ones above first.")
}

impl From<Refusal> for Vec<RequestError> {
    fn from(refusal: Refusal) -> Self {
        let locations = refusal.location.map(|(line, column)| Pos { line, column }).into_iter().collect();
        vec![RequestError { code: refusal.code, message: refusal.message, locations }]
    }
}
