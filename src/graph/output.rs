//! The response as it is written: one buffer of JSON and the errors met on the way.
//!
//! A value that may not be null and is, *bubbles*: its writer gives up, and the nearest place that may be
//! null cuts the buffer back to where it began and writes `null`. Errors get their path from the inside
//! out, as the writers return, so that a path costs nothing where nothing fails.

use async_graphql::{Name, Pos};

use crate::kernel::error::Error;
use crate::kernel::viewer::Scope;

/// A null reached a place that may not be null. The error behind it is already noted.
#[derive(Clone, Copy, Debug)]
pub struct Bubble;

/// One step of an error's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(Name),
    Index(usize),
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// An error of a field, with the path from the root of the subtree to the field.
#[derive(Clone, Debug)]
pub struct FieldError {
    pub error: Error,
    pub position: Option<Pos>,
    /// Innermost step first while writing; outermost first once taken by [`Output::finish`].
    pub path: Vec<Step>,
}

/// The buffer and its errors.
pub struct Output<'r> {
    json: Vec<u8>,
    errors: Vec<FieldError>,
    max_errors: usize,
    left_out: usize,
    lacks: bool,
    holds: &'r (dyn Fn(Scope) -> bool + Sync),
}

impl<'r> Output<'r> {
    /// Starts empty. Of more than `max_errors` errors the rest is left out: a failed link has one a parent.
    pub fn new(max_errors: usize, holds: &'r (dyn Fn(Scope) -> bool + Sync)) -> Self {
        Self {
            json: Vec::with_capacity(1024),
            errors: Vec::new(),
            max_errors,
            left_out: 0,
            lacks: false,
            holds,
        }
    }

    /// Whether the viewer holds a scope.
    pub fn holds(&self, scope: Scope) -> bool {
        (self.holds)(scope)
    }

    pub fn byte(&mut self, byte: u8) {
        self.json.push(byte);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.json.extend_from_slice(bytes);
    }

    /// The buffer, for leaves to write to.
    pub fn json(&mut self) -> &mut Vec<u8> {
        &mut self.json
    }

    /// The place where the next byte goes.
    pub fn mark(&self) -> usize {
        self.json.len()
    }

    /// Cuts back to a mark and writes `null` there.
    pub fn null_from(&mut self, mark: usize) {
        self.json.truncate(mark);
        self.json.extend_from_slice(b"null");
    }

    /// How many errors are noted: what follows belongs to what is written next.
    pub fn errors(&self) -> usize {
        self.errors.len()
    }

    /// Notes an error at the place being written and gives up on it.
    pub fn fail(&mut self, error: &Error) -> Bubble {
        self.lacks |= error.is_passing();
        if self.errors.len() < self.max_errors {
            self.errors.push(FieldError { error: error.clone(), position: None, path: Vec::new() });
        } else {
            self.left_out += 1;
        }
        Bubble
    }

    /// Adds a step to the path of every error noted since there were `since` of them.
    pub fn locate(&mut self, since: usize, step: impl Fn() -> Step, position: Option<Pos>) {
        for error in &mut self.errors[since..] {
            error.path.push(step());
            error.position = error.position.or(position);
        }
    }

    /// Whether something is not there that may be there in a moment.
    pub fn lacks(&self) -> bool {
        self.lacks
    }

    /// The finished JSON, the errors with their paths the right way round, and how many were left out.
    pub fn finish(mut self) -> (Vec<u8>, Vec<FieldError>, usize) {
        for error in &mut self.errors {
            error.path.reverse();
        }
        (self.json, self.errors, self.left_out)
    }
}
