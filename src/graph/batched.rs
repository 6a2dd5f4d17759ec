//! The carrier between async-graphql and the executor: a root field (or a payload's, or an event's) returns
//! `Batched<S>`, and resolving it runs the whole subtree under it and yields its finished JSON.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, OutputType, PathSegment, Positioned, QueryPathSegment, ServerResult, Value,
};
use futures_util::future::BoxFuture;

use crate::graph::batch::{Batch, Key, Want};
use crate::graph::gather::Gather;
use crate::graph::output::Output;
use crate::graph::plans::RequestState;
use crate::graph::registration;
use crate::graph::run::Run;
use crate::graph::selection::Selection;
use crate::graph::shape::Shape;
use crate::graph::subtree::{Place, Subtree};
use crate::graph::types::{GraphType, Reader};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

pub(super) type ReaderOf<S> = <<S as Shape>::Type as GraphType>::Reader;

/// What the operation reads of the rows at the top of a subtree.
pub struct Wanted<'p, T: GraphType>(&'p Selection<T>);

impl<T: GraphType> Wanted<'_, T> {
    pub fn columns(&self) -> Columns {
        self.0.columns()
    }

    /// Of rows of a member, when `T` is an interface or union.
    pub fn member_columns<M: GraphType>(&self) -> Columns {
        self.0.member_columns::<M>()
    }
}

type Source<S> = Box<
    dyn for<'a> Fn(
            Access<'a, ReaderOf<S>>,
            Wanted<'a, <S as Shape>::Type>,
        ) -> BoxFuture<'a, Result<<S as Shape>::Value>>
        + Send
        + Sync,
>;

/// How a root that loads by key reaches the database: the request's reader, and the gathering of keys across root
/// fields.
pub struct Access<'a, Rd> {
    pub reader: &'a Arc<Rd>,
    pub gather: &'a Gather<Rd>,
    /// No other root field of the operation loads by key: there is nothing to gather.
    alone: bool,
}

impl<Rd: Reader> Access<'_, Rd> {
    /// Loads the answer of one key, together with what the other root fields ask for.
    pub async fn load<K, V>(&self, key: K, columns: Columns) -> Result<Option<V>>
    where
        K: Key,
        V: Clone + Send + Sync + 'static,
        Rd: Batch<K, Arguments = (), Value = V>,
    {
        if !self.alone {
            // Boxed: it takes room that a root alone needs not.
            return Box::pin(self.gather.load(key, columns)).await;
        }
        let want = Want { columns, arguments: &() };
        Ok(self.reader.load(std::slice::from_ref(&key), want).await?.remove(&key))
    }
}

// Derived, these would ask the same of the reader.
impl<Rd> Clone for Access<'_, Rd> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Rd> Copy for Access<'_, Rd> {}

/// Rows of a graph type that know how to answer any selection on them.
pub struct Batched<S: Shape> {
    source: Source<S>,
    /// The rows are loaded by key, together with those of other root fields.
    pub(super) gathers: bool,
}

impl<S: Shape> Batched<S> {
    /// Reads the rows once it is known which columns are wanted.
    pub fn read<F>(read: F) -> Self
    where
        F: for<'a> Fn(&'a ReaderOf<S>, Wanted<'a, S::Type>) -> BoxFuture<'a, Result<S::Value>>
            + Send
            + Sync
            + 'static,
    {
        Self { source: Box::new(move |access, wanted| read(access.reader, wanted)), gathers: false }
    }

    /// The same by keys that are gathered with those of other root fields.
    pub fn gather<F>(read: F) -> Self
    where
        F: for<'a> Fn(Access<'a, ReaderOf<S>>, Wanted<'a, S::Type>) -> BoxFuture<'a, Result<S::Value>>
            + Send
            + Sync
            + 'static,
    {
        Self { source: Box::new(read), gathers: true }
    }

    /// The root could not begin.
    pub fn failed(error: Error) -> Self {
        Self::read(move |_, _| {
            let error = error.clone();
            Box::pin(async move { Err(error) })
        })
    }
}

impl<S: Shape> Batched<Option<S>> {
    /// Loads one key by the batch that links use too; root fields of one operation share one load.
    pub fn by_key<K>(key: K) -> Self
    where
        K: Key,
        ReaderOf<S>: Batch<K, Arguments = (), Value = S::Value>,
        S::Value: Clone,
    {
        Self::gather(move |access, wanted| {
            let (key, columns) = (key.clone(), wanted.columns());
            Box::pin(async move { access.load(key, columns).await })
        })
    }

    /// The same with a key that depends on who asks; null without one.
    pub fn by_viewer<K>(key: impl Fn(&ReaderOf<S>) -> Option<K> + Send + Sync + 'static) -> Self
    where
        K: Key,
        ReaderOf<S>: Batch<K, Arguments = (), Value = S::Value>,
        S::Value: Clone,
    {
        Self::gather(move |access, wanted| {
            let (key, columns) = (key(access.reader), wanted.columns());
            Box::pin(async move {
                match key {
                    Some(key) => access.load(key, columns).await,
                    None => Ok(None),
                }
            })
        })
    }
}

impl<S: Shape> Batched<S> {
    /// Reads the rows, runs the levels below them and writes the JSON. `plan_key` tells this place from others
    /// of the operation; `above` gives the path to it, if there are errors.
    pub(super) async fn subtree(
        &self,
        place: &Place<'_>,
        state: &RequestState<ReaderOf<S>>,
        plan_key: String,
        above: impl FnOnce() -> Vec<PathSegment>,
    ) -> Subtree {
        let plan = state.plans.get_or_compile::<S>(plan_key, || place.compile());
        let reader = &*state.reader;
        let holds = |scope| reader.holds(scope);
        let mut out = Output::new(state.max_errors, &holds);
        let run = Run { reader, variables: place.variables, trace: state.trace.as_ref() };
        let access = Access { reader: &state.reader, gather: &state.gather, alone: state.is_alone() };
        let read = (self.source)(access, Wanted(&plan));
        let written = match run.load_gathered(place.key(), 1, read, || state.gather.claim()).await {
            Ok(value) => {
                let mut rows = Vec::new();
                S::rows(&value, &mut rows);
                let level = plan.run(&rows, &run).await;
                S::write(&value, &level, 0, &mut out)
            }
            Err(error) => Err(out.fail(&error)),
        };
        if written.is_err() {
            out.null_from(0);
        }
        if out.lacks() {
            state.lack();
        }
        let (json, errors, left_out) = out.finish();
        state.leave_out(left_out);
        let above = if errors.is_empty() { Vec::new() } else { above() };
        let errors = errors.into_iter().map(|error| place.error(error, &above, reader)).collect();
        let bubbled = written.is_err() && S::type_name().ends_with('!');
        Subtree { json, errors, bubbled }
    }
}

impl<S: Shape> OutputType for Batched<S> {
    fn type_name() -> Cow<'static, str> {
        S::nullable_name().into()
    }

    fn qualified_type_name() -> String {
        S::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registration::register_shape::<S>(registry)
    }

    /// A null that may not stand is returned as an error, so that it nulls the parent, or the `Option` around
    /// the `Batched`; where the field may be null, `add_error` alone keeps its siblings.
    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let state = ctx
            .data::<Arc<RequestState<ReaderOf<S>>>>()
            .map_err(|error| error.into_server_error(field.pos))?;
        let place = Place {
            field,
            variables: &ctx.query_env.variables,
            fragments: &ctx.query_env.fragments,
            registry: &ctx.schema_env.registry,
        };
        let plan_key = ctx.path_node.map(|path| path.to_string()).unwrap_or_default();
        let mut subtree = self.subtree(&place, state, plan_key, || path_of(ctx)).await;
        let last = if subtree.bubbled { subtree.errors.pop() } else { None };
        for error in subtree.errors {
            ctx.add_error(error);
        }
        match last {
            Some(error) => Err(error),
            None => Ok(Value::Binary(subtree.json.into())),
        }
    }
}

fn path_of(ctx: &ContextSelectionSet<'_>) -> Vec<PathSegment> {
    let Some(node) = &ctx.path_node else { return Vec::new() };
    let mut path: Vec<_> = node.parents().map(|parent| parent.segment).collect();
    path.reverse();
    path.push(node.segment);
    path.into_iter()
        .map(|segment| match segment {
            QueryPathSegment::Index(index) => PathSegment::Index(index),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        })
        .collect()
}
