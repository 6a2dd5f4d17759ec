//! The values that a level made or loaded for its rows, and which row has which.

use super::Loaded;
use crate::graph::level::Level;
use crate::graph::output::{Bubble, Output};
use crate::graph::shape::Shape;
use crate::kernel::error::Error;

/// The values of a level's children and which parent has which.
pub(super) struct Owned<'p, S: Shape> {
    pub level: Level<'p, S::Type>,
    pub values: Vec<S::Value>,
    pub firsts: Vec<usize>,
    /// The index of each parent's value; none when its key was not answered.
    pub of_parent: Vec<Option<usize>>,
    pub nullable: bool,
}

impl<R, S: Shape> Loaded<R> for Owned<'_, S> {
    fn write(&self, _: &R, index: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        match self.of_parent[index] {
            Some(value) => S::write(&self.values[value], &self.level, self.firsts[value], out),
            None if self.nullable => Err(Bubble),
            None => Err(out.fail(&Error::internal("a batch left a key without the answer it must have"))),
        }
    }
}
