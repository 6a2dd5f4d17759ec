//! A leaf computed from the row and arguments.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{ChildPlan, Failed, Loaded};
use crate::graph::arguments::{Arguments, GivenArguments};
use crate::graph::leaf::Leaf;
use crate::graph::output::{Bubble, Output};
use crate::graph::run::Run;
use crate::graph::selection::Merged;

struct ComputedPlan<A, L, F> {
    get: Arc<F>,
    arguments: GivenArguments,
    types: PhantomData<fn() -> (A, L)>,
}

struct Computed<'p, A, L, F> {
    get: &'p F,
    arguments: A,
    leaf: PhantomData<fn() -> L>,
}

pub(in crate::graph) fn computed<R, Rd, A, L, F>(
    get: Arc<F>,
    merged: &Merged<'_>,
) -> Box<dyn ChildPlan<R, Rd>>
where
    R: Send + Sync + 'static,
    Rd: Send + Sync + 'static,
    A: Arguments,
    L: Leaf + 'static,
    F: Fn(&R, &A) -> L + Send + Sync + 'static,
{
    Box::new(ComputedPlan { get, arguments: GivenArguments::of(merged.field()), types: PhantomData })
}

impl<R, Rd, A, L, F> ChildPlan<R, Rd> for ComputedPlan<A, L, F>
where
    R: Send + Sync + 'static,
    Rd: Send + Sync + 'static,
    A: Arguments,
    L: Leaf + 'static,
    F: Fn(&R, &A) -> L + Send + Sync + 'static,
{
    fn run<'p: 'r, 'r>(
        &'p self,
        _: &'r [&'r R],
        run: &'r Run<'r, Rd>,
    ) -> BoxFuture<'r, Box<dyn Loaded<R> + 'p>> {
        let loaded: Box<dyn Loaded<R> + 'p> = match self.arguments.coerce(run.variables) {
            Ok(arguments) => Box::new(Computed { get: &*self.get, arguments, leaf: PhantomData }),
            Err(error) => Box::new(Failed(error)),
        };
        Box::pin(async move { loaded })
    }
}

impl<R, A, L, F> Loaded<R> for Computed<'_, A, L, F>
where
    A: Send + Sync,
    L: Leaf,
    F: Fn(&R, &A) -> L + Send + Sync,
{
    fn write(&self, row: &R, _: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        (self.get)(row, &self.arguments).complete(out)
    }
}
