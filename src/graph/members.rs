//! Members of interfaces and unions: the rows of a level are sorted by member, and each member's rows run
//! as a level of their own.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use async_graphql::registry::Registry;
use futures_util::future::BoxFuture;

use crate::graph::level::ObjectLevel;
use crate::graph::output::{Bubble, Output};
use crate::graph::registration;
use crate::graph::run::Run;
use crate::graph::selection::{Compiler, ObjectPlan};
use crate::graph::types::GraphType;
use crate::kernel::columns::Columns;

/// A member of the interface or union `T`.
pub(super) trait Member<T: GraphType>: Send + Sync {
    fn name(&self) -> Cow<'static, str>;
    fn register(&self, registry: &mut Registry);
    fn compile(
        &self,
        sets: &[&SelectionSet],
        compiler: &mut Compiler<'_>,
    ) -> Box<dyn MemberPlan<T::Row, T::Reader>>;
}

/// What to write of rows that are of one member.
pub(super) trait MemberPlan<R, Rd>: Send + Sync {
    fn name(&self) -> Cow<'static, str>;
    fn columns(&self) -> Columns;
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r R],
        run: &'r Run<'r, Rd>,
    ) -> BoxFuture<'r, Box<dyn MemberLevel<R> + 'p>>;
}

/// The rows of one member, loaded.
pub(super) trait MemberLevel<R>: Send + Sync {
    /// Writes row `index` if it is of this member.
    fn write(&self, row: &R, index: usize, out: &mut Output<'_>) -> Option<Result<(), Bubble>>;
}

/// The member `M`, recognised by a function.
pub(super) struct Picked<M, F> {
    pick: Arc<F>,
    member: std::marker::PhantomData<fn() -> M>,
}

impl<M, F> Picked<M, F> {
    pub fn new(pick: F) -> Self {
        Self { pick: Arc::new(pick), member: std::marker::PhantomData }
    }
}

impl<T, M, F> Member<T> for Picked<M, F>
where
    T: GraphType,
    M: GraphType<Reader = T::Reader>,
    F: Fn(&T::Row) -> Option<&M::Row> + Send + Sync + 'static,
{
    fn name(&self) -> Cow<'static, str> {
        M::name()
    }

    fn register(&self, registry: &mut Registry) {
        registration::register::<M>(registry);
    }

    fn compile(
        &self,
        sets: &[&SelectionSet],
        compiler: &mut Compiler<'_>,
    ) -> Box<dyn MemberPlan<T::Row, T::Reader>> {
        Box::new(PickedPlan::<M, F> { pick: Arc::clone(&self.pick), plan: compiler.object(sets) })
    }
}

struct PickedPlan<M: GraphType, F> {
    pick: Arc<F>,
    plan: ObjectPlan<M>,
}

struct PickedLevel<'p, M: GraphType, F> {
    pick: &'p F,
    level: ObjectLevel<'p, M>,
    /// For each row of the whole level its index among the member's rows.
    indexes: Vec<usize>,
}

impl<R, M, F> MemberPlan<R, M::Reader> for PickedPlan<M, F>
where
    R: Send + Sync + 'static,
    M: GraphType,
    F: Fn(&R) -> Option<&M::Row> + Send + Sync + 'static,
{
    fn name(&self) -> Cow<'static, str> {
        M::name()
    }

    fn columns(&self) -> Columns {
        self.plan.columns
    }

    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r R],
        run: &'r Run<'r, M::Reader>,
    ) -> BoxFuture<'r, Box<dyn MemberLevel<R> + 'p>> {
        Box::pin(async move {
            let mut picked = Vec::new();
            let mut indexes = Vec::with_capacity(rows.len());
            for row in rows {
                indexes.push(picked.len());
                picked.extend((self.pick)(row));
            }
            let level = self.plan.run(&picked, run).await;
            Box::new(PickedLevel { pick: &*self.pick, level, indexes }) as Box<dyn MemberLevel<R> + 'p>
        })
    }
}

impl<R, M, F> MemberLevel<R> for PickedLevel<'_, M, F>
where
    M: GraphType,
    F: Fn(&R) -> Option<&M::Row> + Send + Sync,
{
    fn write(&self, row: &R, index: usize, out: &mut Output<'_>) -> Option<Result<(), Bubble>> {
        (self.pick)(row).map(|row| self.level.write(row, self.indexes[index], out))
    }
}
