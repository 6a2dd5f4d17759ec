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

impl From<Refusal> for Vec<RequestError> {
    fn from(refusal: Refusal) -> Self {
        let locations = refusal.location.map(|(line, column)| Pos { line, column }).into_iter().collect();
        vec![RequestError { code: refusal.code, message: refusal.message, locations }]
    }
}
