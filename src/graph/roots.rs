//! The query root as a table too: its fields take the same argument structs as the links below them.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaInputValue, MetaTypeId, ObjectBuilder, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::BoxFuture;
use indexmap::IndexMap;

use crate::graph::arguments::{Arguments, GivenArguments};
use crate::graph::batched::Batched;
use crate::graph::shape::Shape;

type Resolver = Box<dyn for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, ServerResult<Value>> + Send + Sync>;

struct RootField {
    description: &'static str,
    type_name: String,
    register: fn(&mut Registry) -> IndexMap<String, MetaInputValue>,
    resolve: Resolver,
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
        let read = Arc::new(read);
        let resolve: Resolver = Box::new(move |ctx| {
            let read = Arc::clone(&read);
            Box::pin(async move {
                let batched = match GivenArguments::of(&ctx.item.node).coerce(&ctx.query_env.variables) {
                    Ok(arguments) => read(arguments),
                    Err(error) => Batched::failed(error),
                };
                let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
                batched.resolve(&selection, ctx.item).await
            })
        });
        let field = RootField { description, type_name: S::type_name(), register: register::<S, A>, resolve };
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
