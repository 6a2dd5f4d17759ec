//! Objects made from the row without loading anything.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::owned::Owned;
use super::{ChildPlan, Loaded, child_rows};
use crate::graph::run::Run;
use crate::graph::selection::Selection;
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;

struct EmbeddedPlan<T, S: Shape, F> {
    get: Arc<F>,
    selection: Selection<S::Type>,
    parent: PhantomData<fn() -> T>,
}

pub(in crate::graph) fn embedded<T, S, F>(
    get: Arc<F>,
    selection: Selection<S::Type>,
) -> Box<dyn ChildPlan<T::Row, T::Reader>>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    F: Fn(&T::Row) -> S::Value + Send + Sync + 'static,
{
    Box::new(EmbeddedPlan::<T, S, F> { get, selection, parent: PhantomData })
}

impl<T, S, F> ChildPlan<T::Row, T::Reader> for EmbeddedPlan<T, S, F>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    F: Fn(&T::Row) -> S::Value + Send + Sync + 'static,
{
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r T::Row],
        run: &'r Run<'r, T::Reader>,
    ) -> BoxFuture<'r, Box<dyn Loaded<T::Row> + 'p>> {
        Box::pin(async move {
            let values: Vec<S::Value> = rows.iter().map(|row| (self.get)(row)).collect();
            let of_parent = (0..rows.len()).map(Some).collect();
            let (children, firsts) = child_rows::<S>(values.iter());
            let level = self.selection.run(&children, run).await;
            drop(children);
            let owned = Owned::<S> { level, values, firsts, of_parent, nullable: false };
            Box::new(owned) as Box<dyn Loaded<T::Row> + 'p>
        })
    }
}
