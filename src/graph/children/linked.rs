//! Objects loaded by a batch: the keys of all rows of the level at once.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::owned::Owned;
use super::{ChildPlan, Failed, Loaded, child_rows};
use crate::graph::arguments::GivenArguments;
use crate::graph::batch::{Batch, Key, Want};
use crate::graph::output::{Bubble, Output};
use crate::graph::run::Run;
use crate::graph::selection::{Compiler, Merged, Selection};
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;
use crate::kernel::error::Error;

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

struct LinkedPlan<T, S: Shape, K, F> {
    key: Arc<F>,
    selection: Selection<S::Type>,
    arguments: GivenArguments,
    nullable: bool,
    path: String,
    types: PhantomData<fn() -> (T, K)>,
}

pub(in crate::graph) fn linked<T, S, K, F>(
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
                // Boxed by itself, it lies there once: within this future it would once for each way to run it.
                false => run.load(&self.path, keys.len(), Box::pin(run.reader.load(&keys, want))).await,
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
