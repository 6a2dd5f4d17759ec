//! Objects that lie within the row and have its columns.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{ChildPlan, Loaded, child_rows};
use crate::graph::level::Level;
use crate::graph::output::{Bubble, Output};
use crate::graph::run::Run;
use crate::graph::selection::Selection;
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;

struct WithinPlan<T, S: Shape, F> {
    get: Arc<F>,
    selection: Selection<S::Type>,
    parent: PhantomData<fn() -> T>,
}

struct Within<'p, S: Shape, F> {
    get: &'p F,
    level: Level<'p, S::Type>,
    /// The index of each parent's first child row in the level.
    firsts: Vec<usize>,
}

pub(in crate::graph) fn within<T, S, F>(
    get: Arc<F>,
    selection: Selection<S::Type>,
) -> Box<dyn ChildPlan<T::Row, T::Reader>>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    F: Fn(&T::Row) -> &S::Value + Send + Sync + 'static,
{
    Box::new(WithinPlan::<T, S, F> { get, selection, parent: PhantomData })
}

impl<T, S, F> ChildPlan<T::Row, T::Reader> for WithinPlan<T, S, F>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    F: Fn(&T::Row) -> &S::Value + Send + Sync + 'static,
{
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r T::Row],
        run: &'r Run<'r, T::Reader>,
    ) -> BoxFuture<'r, Box<dyn Loaded<T::Row> + 'p>> {
        Box::pin(async move {
            let (children, firsts) = child_rows::<S>(rows.iter().map(|row| (self.get)(row)));
            let level = self.selection.run(&children, run).await;
            Box::new(Within::<S, F> { get: &*self.get, level, firsts }) as Box<dyn Loaded<T::Row> + 'p>
        })
    }
}

impl<R, S, F> Loaded<R> for Within<'_, S, F>
where
    S: Shape,
    F: Fn(&R) -> &S::Value + Send + Sync,
{
    fn write(&self, row: &R, index: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        S::write((self.get)(row), &self.level, self.firsts[index], out)
    }
}
