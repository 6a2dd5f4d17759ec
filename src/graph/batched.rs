//! The carrier between async-graphql and the executor: a root field (or a payload's, or an event's) returns
//! `Batched<S>`, and resolving it runs the whole subtree under it and yields its finished JSON.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_graphql::parser::types::{Field, FragmentDefinition};
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, Name, OutputType, PathSegment, Positioned, QueryPathSegment, ServerError,
    ServerResult, Value,
};
use futures_util::future::BoxFuture;

use crate::graph::batch::{Batch, Key};
use crate::graph::failure::to_server_error;
use crate::graph::gather::Gather;
use crate::graph::output::{FieldError, Output, Step};
use crate::graph::registration;
use crate::graph::run::{Run, Trace};
use crate::graph::selection::{Compiler, Selection};
use crate::graph::shape::Shape;
use crate::graph::types::{GraphType, Reader};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

/// The most errors one subtree reports: a link that fails has one for every parent.
const MAX_ERRORS: usize = 20;

type ReaderOf<S> = <<S as Shape>::Type as GraphType>::Reader;

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

/// How a root reaches the database: the request's reader, and the gathering of keys across root fields.
pub struct Access<'a, Rd> {
    pub reader: &'a Arc<Rd>,
    pub gather: &'a Gather<Rd>,
}

// Derived, these would ask the same of the reader.
impl<Rd> Clone for Access<'_, Rd> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Rd> Copy for Access<'_, Rd> {}

/// Rows of a graph type that know how to answer any selection on them.
pub struct Batched<S: Shape>(Source<S>);

impl<S: Shape> Batched<S> {
    /// Reads the rows once it is known which columns are wanted.
    pub fn read<F>(read: F) -> Self
    where
        F: for<'a> Fn(Access<'a, ReaderOf<S>>, Wanted<'a, S::Type>) -> BoxFuture<'a, Result<S::Value>>
            + Send
            + Sync
            + 'static,
    {
        Self(Box::new(read))
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
        Self::read(move |access, wanted| {
            let (key, columns) = (key.clone(), wanted.columns());
            Box::pin(async move { access.gather.load(key, columns).await })
        })
    }

    /// The same with a key that depends on who asks; null without one.
    pub fn by_viewer<K>(key: impl Fn(&ReaderOf<S>) -> Option<K> + Send + Sync + 'static) -> Self
    where
        K: Key,
        ReaderOf<S>: Batch<K, Arguments = (), Value = S::Value>,
        S::Value: Clone,
    {
        Self::read(move |access, wanted| {
            let (key, columns) = (key(access.reader), wanted.columns());
            Box::pin(async move {
                match key {
                    Some(key) => access.gather.load(key, columns).await,
                    None => Ok(None),
                }
            })
        })
    }
}

/// The plans of one operation, by place in the response and type. Shared by all requests for the operation.
#[derive(Default)]
pub struct Plans(RwLock<HashMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>);

impl Plans {
    fn get_or_compile<S: Shape>(
        &self,
        place: String,
        compile: impl FnOnce() -> Selection<S::Type>,
    ) -> Arc<Selection<S::Type>> {
        let key = (place, TypeId::of::<Selection<S::Type>>());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(plan) = known.and_then(|plan| plan.downcast().ok()) {
            return plan;
        }
        let plan = Arc::new(compile());
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&plan) as _);
        plan
    }
}

/// What the engine puts into the request's data for the subtrees.
pub struct RequestState<Rd> {
    pub reader: Arc<Rd>,
    pub gather: Gather<Rd>,
    pub plans: Arc<Plans>,
    pub trace: Option<Trace>,
    pub max_errors: usize,
}

impl<Rd: Reader> RequestState<Rd> {
    pub fn new(reader: Arc<Rd>, gather: Gather<Rd>, plans: Arc<Plans>, explain: bool) -> Self {
        Self { reader, gather, plans, trace: explain.then(Trace::default), max_errors: MAX_ERRORS }
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

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let state = ctx
            .data::<Arc<RequestState<ReaderOf<S>>>>()
            .map_err(|error| error.into_server_error(field.pos))?;
        let place = ctx.path_node.map(|path| path.to_string()).unwrap_or_default();
        let plan = state.plans.get_or_compile::<S>(place, || {
            let fragments: &HashMap<Name, Positioned<FragmentDefinition>> = &ctx.query_env.fragments;
            let root = field.node.response_key().node.clone();
            let mut compiler = Compiler::new(fragments, &ctx.schema_env.registry, root);
            compiler.selection::<S::Type>(&[&field.node.selection_set.node])
        });
        let (json, errors, bubbled) = execute::<S>(&self.0, &plan, state, ctx, field).await;
        report::<S>(ctx, field, &*state.reader, errors, bubbled)?;
        Ok(Value::Binary(json.into()))
    }
}

/// Reads the rows, runs the levels below them and writes the JSON.
async fn execute<S: Shape>(
    source: &Source<S>,
    plan: &Selection<S::Type>,
    state: &RequestState<ReaderOf<S>>,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> (Vec<u8>, Vec<FieldError>, bool) {
    let holds = |scope| state.reader.holds(scope);
    let mut out = Output::new(state.max_errors, &holds);
    let run =
        Run { reader: &*state.reader, variables: &ctx.query_env.variables, trace: state.trace.as_ref() };
    let access = Access { reader: &state.reader, gather: &state.gather };
    let root = field.node.response_key().node.as_str();
    let read = source(access, Wanted(plan));
    let written = match run.load_gathered(root, 1, read, || state.gather.claim()).await {
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
    let (json, errors) = out.finish();
    (json, errors, written.is_err())
}

/// Hands the errors to async-graphql. A null that may not stand is returned as an error, so that it nulls
/// the parent, or the `Option` around the `Batched`; where the field may be null, `add_error` alone keeps
/// its siblings.
fn report<S: Shape>(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    reader: &ReaderOf<S>,
    errors: Vec<FieldError>,
    bubbled: bool,
) -> ServerResult<()> {
    let nullable = !S::type_name().ends_with('!');
    let mut errors: Vec<ServerError> = errors
        .into_iter()
        .map(|error| {
            let mut server_error = to_server_error(&error.error, error.position.unwrap_or(field.pos), reader);
            server_error.path = full_path(ctx, error.path);
            server_error
        })
        .collect();
    let last = if bubbled && !nullable { errors.pop() } else { None };
    for error in errors {
        ctx.add_error(error);
    }
    last.map_or(Ok(()), Err)
}

fn full_path(ctx: &ContextSelectionSet<'_>, below: Vec<Step>) -> Vec<PathSegment> {
    let mut path = Vec::new();
    if let Some(node) = &ctx.path_node {
        let mut parents: Vec<_> = node.parents().map(|parent| parent.segment).collect();
        parents.reverse();
        parents.push(node.segment);
        path.extend(parents.into_iter().map(|segment| match segment {
            QueryPathSegment::Index(index) => PathSegment::Index(index),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        }));
    }
    path.extend(below.into_iter().map(|step| match step {
        Step::Key(key) => PathSegment::Field(key.to_string()),
        Step::Index(index) => PathSegment::Index(index),
    }));
    path
}
