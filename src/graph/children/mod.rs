//! Fields with something beneath them. Each kind has a file: computed with arguments, embedded in the row,
//! lying within the row, linked by a batch. What they have in common stands here.

mod computed;
mod embedded;
mod linked;
mod owned;
mod within;

use futures_util::future::BoxFuture;

use crate::graph::output::{Bubble, Output};
use crate::graph::run::Run;
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;
use crate::kernel::error::Error;

pub(super) use computed::computed;
pub(super) use embedded::embedded;
pub(super) use linked::linked;
pub(super) use within::within;

/// The plan of a field, seen from its parent row type: the child's type stays inside.
pub(in crate::graph) trait ChildPlan<R, Rd>: Send + Sync {
    /// Loads what the field needs for all rows of the level.
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r R],
        run: &'r Run<'r, Rd>,
    ) -> BoxFuture<'r, Box<dyn Loaded<R> + 'p>>;
}

/// A field loaded for a level.
pub(in crate::graph) trait Loaded<R>: Send + Sync {
    /// Writes the field's value for row `index` of the level.
    fn write(&self, row: &R, index: usize, out: &mut Output<'_>) -> Result<(), Bubble>;
}

/// The field failed for the whole level.
pub(in crate::graph) struct Failed(pub Error);

impl<R> Loaded<R> for Failed {
    fn write(&self, _: &R, _: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        Err(out.fail(&self.0))
    }
}

/// The rows of `values` one behind the other, and where each value's rows begin.
fn child_rows<'v, S: Shape>(
    values: impl Iterator<Item = &'v S::Value>,
) -> (Vec<&'v <S::Type as GraphType>::Row>, Vec<usize>) {
    let (mut rows, mut firsts) = (Vec::new(), Vec::new());
    for value in values {
        firsts.push(rows.len());
        S::rows(value, &mut rows);
    }
    (rows, firsts)
}
