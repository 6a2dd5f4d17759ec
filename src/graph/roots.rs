//! The query root as a table too: its fields take the same argument structs as the links below them.

use std::any::Any;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaInputValue, MetaTypeId, ObjectBuilder, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, PathSegment, Positioned, Response,
    ServerResult, SubscriptionType, Value, Variables,
};
use futures_util::Stream;
use futures_util::future::BoxFuture;
use indexmap::IndexMap;

use crate::graph::arguments::{Arguments, coerce};
use crate::graph::batched::{Batched, ReaderOf};
use crate::graph::plans::RequestState;
use crate::graph::shape::Shape;
use crate::graph::subtree::{Place, Subtree};

type Resolver = Box<dyn for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, ServerResult<Value>> + Send + Sync>;
type DirectResolver = Box<dyn for<'a> Fn(Place<'a>, &'a AnyState) -> DirectRead<'a> + Send + Sync>;

/// The [`RequestState`] of whatever reader the request has.
pub type AnyState = dyn Any + Send + Sync;

/// A root field that is being read without the library's executor.
pub struct DirectRead<'a> {
    /// It loads by key, together with others that do.
    pub(super) gathers: bool,
    /// None when the state is another reader's.
    pub(super) subtree: BoxFuture<'a, Option<Subtree>>,
}

/// A root that can be read without the library's executor, which costs a small operation more than all the
/// rest: a copy of the document, a context, a boxed future and a value for every root field.
pub trait DirectRoot: Send + Sync + 'static {
    /// Reads the subtree of a field; `None` for a field that is the library's, as introspection is.
    fn read<'a>(&'a self, place: Place<'a>, state: &'a AnyState) -> Option<DirectRead<'a>>;
}

struct RootField {
    description: &'static str,
    type_name: String,
    register: fn(&mut Registry) -> IndexMap<String, MetaInputValue>,
    resolve: Resolver,
    read: DirectResolver,
}

/// The fields of a root.
#[derive(Default)]
pub struct RootFields(IndexMap<&'static str, RootField>);

impl RootFields {
    /// A field whose arguments say what to read. What they cannot say is an error of the field.
    pub fn add<S, A>(
        &mut self,
        name: &'static str,
        description: &'static str,
        read: impl Fn(A) -> Batched<S> + Send + Sync + 'static,
    ) where
        S: Shape,
        A: Arguments,
    {
        let batched = move |field: &Field, variables: &Variables| match coerce(&field.arguments, variables) {
            Ok(arguments) => read(arguments),
            Err(error) => Batched::<S>::failed(error),
        };
        let batched = Arc::new(batched);
        let direct = Arc::clone(&batched);
        let resolve: Resolver = Box::new(move |ctx| {
            let batched = batched(&ctx.item.node, &ctx.query_env.variables);
            Box::pin(async move {
                let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
                batched.resolve(&selection, ctx.item).await
            })
        });
        let read: DirectResolver = Box::new(move |place, state| {
            let batched = direct(&place.field.node, place.variables);
            let gathers = batched.gathers;
            let subtree = Box::pin(async move {
                let state: &RequestState<ReaderOf<S>> = state.downcast_ref()?;
                let key = place.key().to_string();
                let above = || vec![PathSegment::Field(place.key().to_string())];
                Some(batched.subtree(&place, state, key, above).await)
            });
            DirectRead { gathers, subtree }
        });
        let register = register::<S, A>;
        let field = RootField { description, type_name: S::type_name(), register, resolve, read };
        assert!(self.0.insert(name, field).is_none(), "the root field {name} is declared twice");
    }
}

fn register<S: Shape, A: Arguments>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    <Batched<S> as OutputType>::create_type_info(registry);
    A::register(registry)
}

/// A root type: its name, its description and its fields.
pub trait RootTable: Send + Sync + 'static {
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    fn fields(root: &mut RootFields);
}

/// The root that a table describes, as async-graphql wants it.
pub struct Root<T> {
    fields: RootFields,
    table: PhantomData<fn() -> T>,
}

impl<T: RootTable> Default for Root<T> {
    fn default() -> Self {
        let mut fields = RootFields::default();
        T::fields(&mut fields);
        Self { fields, table: PhantomData }
    }
}

impl<T: RootTable> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let root = Self::default();
            let meta = |(name, field): (&&'static str, &RootField)| {
                let mut meta = MetaField::new(*name, field.type_name.clone());
                meta.description = Some(field.description.to_owned());
                meta.args = (field.register)(registry);
                ((*name).to_owned(), meta)
            };
            let fields = root.fields.0.iter().map(meta).collect();
            ObjectBuilder::new(T::NAME, fields)
                .description(Some(T::DESCRIPTION.to_owned()))
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        async_graphql::resolver_utils::resolve_container(ctx, self).await
    }
}

impl<T: RootTable> ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.fields.0.get(ctx.item.node.name.node.as_str()) {
            Some(field) => (field.resolve)(ctx).await.map(Some),
            None => Ok(None),
        }
    }
}

impl<T: RootTable> ObjectType for Root<T> {}

/// A root of subscriptions: each event is read like a field of a query, anew, by [`DirectRoot`]. The library's own
/// streams are not used, since what a request has read is kept for as long as it lasts.
impl<T: RootTable> SubscriptionType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Self as OutputType>::create_type_info(registry)
    }

    fn create_field_stream<'a>(
        &'a self,
        _: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        None
    }
}

impl<T: RootTable> DirectRoot for Root<T> {
    fn read<'a>(&'a self, place: Place<'a>, state: &'a AnyState) -> Option<DirectRead<'a>> {
        let field = self.fields.0.get(place.field.node.name.node.as_str())?;
        Some((field.read)(place, state))
    }
}
