//! What was found wrong, within bounds: a document may be wrong in a hundred thousand places.

use async_graphql::Pos;

use crate::graph::request::{MAX_RESPONSE_ERRORS, RequestError, VALIDATION_FAILED};

/// The first faults, and how many there are.
#[derive(Debug, Default)]
pub struct Faults {
    pub listed: Vec<RequestError>,
    pub total: usize,
}

impl Faults {
    pub fn add(&mut self, at: Pos, message: impl FnOnce() -> String) {
        self.total += 1;
        if self.listed.len() < MAX_RESPONSE_ERRORS {
            self.listed.push(RequestError::new(VALIDATION_FAILED, message()).at(at));
        }
    }
}
