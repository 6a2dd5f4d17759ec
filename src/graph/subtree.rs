//! One subtree of the answer: where it stands in the request, and what became of it.

use std::collections::HashMap;

use async_graphql::parser::types::{Field, FragmentDefinition};
use async_graphql::registry::Registry;
use async_graphql::{Name, PathSegment, Positioned, ServerError, Variables};

use crate::graph::failure::to_server_error;
use crate::graph::output::{FieldError, Step};
use crate::graph::selection::{Compiler, Selection};
use crate::graph::types::{GraphType, Reader};

/// The field over a subtree, and what of the request its plan and its arguments refer to.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub(super) field: &'a Positioned<Field>,
    pub(super) variables: &'a Variables,
    pub(super) fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub(super) registry: &'a Registry,
}

impl Place<'_> {
    pub(super) fn key(&self) -> &Name {
        &self.field.node.response_key().node
    }

    pub(super) fn compile<T: GraphType>(&self) -> Selection<T> {
        let mut compiler = Compiler::new(self.fragments, self.registry, self.key().clone());
        compiler.selection(&[&self.field.node.selection_set.node])
    }

    /// The error of a field below, with its path from the root of the answer.
    pub(super) fn error<Rd: Reader>(
        &self,
        error: FieldError,
        above: &[PathSegment],
        reader: &Rd,
    ) -> ServerError {
        let position = error.position.unwrap_or(self.field.pos);
        let mut server_error = to_server_error(&error.error, position, reader);
        server_error.path = above.to_vec();
        server_error.path.extend(error.path.into_iter().map(|step| match step {
            Step::Key(key) => PathSegment::Field(key.to_string()),
            Step::Index(index) => PathSegment::Index(index),
        }));
        server_error
    }
}

/// The finished JSON of a subtree, and its errors.
#[derive(Debug)]
pub struct Subtree {
    pub(super) json: Vec<u8>,
    pub(super) errors: Vec<ServerError>,
    /// The subtree is null where it may not be; its last error says why.
    pub(super) bubbled: bool,
}
