//! Fields with something beneath them, and how each kind is run and written: computed with arguments,
//! embedded in the row, lying within the row, linked by a batch.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::graph::arguments::{Arguments, GivenArguments};
use crate::graph::batch::{Batch, Key, Want};
use crate::graph::leaf::Leaf;
use crate::graph::level::Level;
use crate::graph::output::{Bubble, Output};
use crate::graph::run::Run;
use crate::graph::selection::{Compiler, Merged, Selection};
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;
use crate::kernel::error::Error;

/// The plan of a field, seen from its parent row type: the child's type stays inside.
pub(super) trait ChildPlan<R, Rd>: Send + Sync {
    /// Loads what the field needs for all rows of the level.
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r R],
        run: &'r Run<'r, Rd>,
    ) -> BoxFuture<'r, Box<dyn Loaded<R> + 'p>>;
}

/// A field loaded for a level.
pub(super) trait Loaded<R>: Send + Sync {
    /// Writes the field's value for row `index` of the level.
    fn write(&self, row: &R, index: usize, out: &mut Output<'_>) -> Result<(), Bubble>;
}

/// The field failed for the whole level.
pub(super) struct Failed(pub Error);

impl<R> Loaded<R> for Failed {
    fn write(&self, _: &R, _: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        Err(out.fail(&self.0))
    }
}

/// The load failed: so does the field of every parent that had a key.
struct FailedLoad {
    error: Error,
    /// Whether each parent had a key; those without are null as if the load had not failed.
    asked: Vec<bool>,
}

impl<R> Loaded<R> for FailedLoad {
    fn write(&self, _: &R, index: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        Err(if self.asked[index] { out.fail(&self.error) } else { Bubble })
    }
}

// ── a leaf with arguments ────────────────────────────────────────────────────────────────────────────

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

pub(super) fn computed<R, Rd, A, L, F>(get: Arc<F>, merged: &Merged<'_>) -> Box<dyn ChildPlan<R, Rd>>
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

// ── objects that lie within the row ──────────────────────────────────────────────────────────────────

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

pub(super) fn within<T, S, F>(
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

// ── objects that the level owns: embedded and linked ─────────────────────────────────────────────────

/// The values of a level's children and which parent has which.
struct Owned<'p, S: Shape> {
    level: Level<'p, S::Type>,
    values: Vec<S::Value>,
    firsts: Vec<usize>,
    /// The index of each parent's value; none when its key was not answered.
    of_parent: Vec<Option<usize>>,
    nullable: bool,
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

struct EmbeddedPlan<T, S: Shape, F> {
    get: Arc<F>,
    selection: Selection<S::Type>,
    parent: PhantomData<fn() -> T>,
}

pub(super) fn embedded<T, S, F>(
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

struct LinkedPlan<T, S: Shape, K, F> {
    key: Arc<F>,
    selection: Selection<S::Type>,
    arguments: GivenArguments,
    nullable: bool,
    path: String,
    types: PhantomData<fn() -> (T, K)>,
}

pub(super) fn linked<T, S, K, F>(
    key: Arc<F>,
    nullable: bool,
    merged: &Merged<'_>,
    compiler: &mut Compiler<'_>,
) -> Box<dyn ChildPlan<T::Row, T::Reader>>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    K: Key,
    T::Reader: Batch<K, Value = S::Value>,
    F: Fn(&T::Row) -> Option<K> + Send + Sync + 'static,
{
    Box::new(LinkedPlan::<T, S, K, F> {
        key,
        selection: compiler.child(merged),
        arguments: GivenArguments::of(merged.field()),
        nullable,
        path: compiler.path(),
        types: PhantomData,
    })
}

impl<T, S, K, F> ChildPlan<T::Row, T::Reader> for LinkedPlan<T, S, K, F>
where
    T: GraphType,
    S: Shape<Type: GraphType<Reader = T::Reader>>,
    K: Key,
    T::Reader: Batch<K, Value = S::Value>,
    F: Fn(&T::Row) -> Option<K> + Send + Sync + 'static,
{
    fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r T::Row],
        run: &'r Run<'r, T::Reader>,
    ) -> BoxFuture<'r, Box<dyn Loaded<T::Row> + 'p>> {
        Box::pin(async move {
            let arguments = match self.arguments.coerce(run.variables) {
                Ok(arguments) => arguments,
                Err(error) => return Box::new(Failed(error)) as Box<dyn Loaded<T::Row> + 'p>,
            };
            let (keys, of_parent) = distinct(rows.iter().map(|row| (self.key)(row)));
            let want = Want { columns: self.selection.columns(), arguments: &arguments };
            let answers = match keys.is_empty() {
                true => Ok(HashMap::new()),
                false => run.load(&self.path, keys.len(), run.reader.load(&keys, want)).await,
            };
            let mut answers = match answers {
                Ok(answers) => answers,
                Err(error) => {
                    let asked = of_parent.iter().map(Option::is_some).collect();
                    return Box::new(FailedLoad { error, asked });
                }
            };

            let mut values = Vec::with_capacity(keys.len());
            let of_key: Vec<Option<usize>> = keys
                .iter()
                .map(|key| {
                    values.push(answers.remove(key)?);
                    Some(values.len() - 1)
                })
                .collect();
            let of_parent = of_parent.into_iter().map(|key| key.and_then(|key| of_key[key])).collect();
            let (children, firsts) = child_rows::<S>(values.iter());
            let level = self.selection.run(&children, run).await;
            drop(children);
            Box::new(Owned::<S> { level, values, firsts, of_parent, nullable: self.nullable })
        })
    }
}

/// The distinct keys in order of appearance, and the index of each parent's key among them.
fn distinct<K: Key>(parents: impl Iterator<Item = Option<K>>) -> (Vec<K>, Vec<Option<usize>>) {
    let mut keys = Vec::new();
    let mut index_of = HashMap::with_capacity(parents.size_hint().0);
    let of_parent = parents
        .map(|key| {
            let key = key?;
            Some(*index_of.entry(key).or_insert_with_key(|key| {
                keys.push(key.clone());
                keys.len() - 1
            }))
        })
        .collect();
    (keys, of_parent)
}
