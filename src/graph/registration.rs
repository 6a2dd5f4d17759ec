//! From a table of fields to async-graphql's registry: SDL, introspection and validation are then its own.

use std::any::type_name;

use async_graphql::registry::{
    __DirectiveLocation, Deprecation, MetaDirective, MetaDirectiveInvocation, MetaField, MetaInputValue,
    MetaType, MetaTypeId, ObjectBuilder, Registry,
};
use async_graphql::{OutputType, Value};
use indexmap::{IndexMap, IndexSet};

use crate::graph::arguments::Arguments;
use crate::graph::batched::Batched;
use crate::graph::leaf::Leaf;
use crate::graph::shape::Shape;
use crate::graph::table::{Field, FieldTable, table_of};
use crate::graph::types::{Form, GraphType};

/// The directive under which a field's cost stands in the schema.
pub const COST: &str = "cost";

/// Puts the type, and all it refers to, into the registry. `Batched<T>` carries the name of `T`.
pub(super) fn register<T: GraphType>(registry: &mut Registry) {
    let id = match T::FORM {
        Form::Object => MetaTypeId::Object,
        Form::Interface => MetaTypeId::Interface,
        Form::Union => MetaTypeId::Union,
    };
    registry.create_output_type::<Batched<T>, _>(id, meta_type::<T>);
}

fn meta_type<T: GraphType>(registry: &mut Registry) -> MetaType {
    let table = table_of::<T>();
    let name = T::name().into_owned();
    let description = Some(T::description().into_owned());
    let fields = meta_fields(table, registry);
    let possible_types: IndexSet<String> =
        table.members.iter().map(|member| member.name().into_owned()).collect();
    for member in &table.members {
        member.register(registry);
        if T::FORM == Form::Interface {
            registry.add_implements(&member.name(), &name);
        }
    }
    let rust_typename = Some(type_name::<Batched<T>>());
    match T::FORM {
        Form::Object => ObjectBuilder::new(name, fields)
            .description(description)
            .rust_typename(type_name::<Batched<T>>())
            .build(),
        Form::Interface => MetaType::Interface {
            name,
            description,
            fields,
            possible_types,
            extends: false,
            keys: None,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        },
        Form::Union => MetaType::Union {
            name,
            description,
            possible_types,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename,
            directive_invocations: Vec::new(),
        },
    }
}

fn meta_fields<T: GraphType>(table: &FieldTable<T>, registry: &mut Registry) -> IndexMap<String, MetaField> {
    table.fields.iter().map(|(name, field)| ((*name).to_owned(), meta_field(name, field, registry))).collect()
}

fn meta_field<T: GraphType>(name: &str, field: &Field<T>, registry: &mut Registry) -> MetaField {
    let mut meta = MetaField::new(name, field.type_name.clone());
    meta.args = (field.register)(registry);
    meta.description = Some(field.description.clone().into_owned());
    meta.deprecation = match field.deprecation {
        Some(reason) => Deprecation::Deprecated { reason: Some(reason.to_owned()) },
        None => Deprecation::NoDeprecated,
    };
    if field.cost.is_some() {
        registry.add_directive(cost_directive());
    }
    meta.directive_invocations.extend(field.cost.map(|cost| MetaDirectiveInvocation {
        name: COST.to_owned(),
        args: IndexMap::from([("weight".to_owned(), Value::String(cost.to_string()))]),
    }));
    meta
}

/// `directive @cost(weight: String!) on FIELD_DEFINITION`, as the cost directives of the field have it.
fn cost_directive() -> MetaDirective {
    let mut weight = MetaInputValue::new("weight", "String!");
    weight.description = Some("The cost, a whole number.".to_owned());
    MetaDirective {
        name: COST.to_owned(),
        description: Some(
            "What a field costs beside its selections. Without it, a field with a selection costs 1 and a leaf \
             nothing; a page multiplies what is selected under it by its size."
                .to_owned(),
        ),
        locations: vec![__DirectiveLocation::FIELD_DEFINITION],
        args: IndexMap::from([("weight".to_owned(), weight)]),
        is_repeatable: false,
        visible: None,
        composable: None,
    }
}

/// Registers what a `Batched` of any shape refers to, and gives its type's name.
pub(super) fn register_shape<S: Shape>(registry: &mut Registry) -> String {
    register::<S::Type>(registry);
    <Batched<S> as OutputType>::qualified_type_name()
}

// What a field refers to: its type, and its arguments.

pub(super) fn leaf<L: Leaf>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    L::register(registry);
    IndexMap::new()
}

pub(super) fn leaf_with_arguments<A: Arguments, L: Leaf>(
    registry: &mut Registry,
) -> IndexMap<String, MetaInputValue> {
    L::register(registry);
    A::register(registry)
}

pub(super) fn child<S: Shape>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    register::<S::Type>(registry);
    IndexMap::new()
}

pub(super) fn child_with_arguments<S: Shape, A: Arguments>(
    registry: &mut Registry,
) -> IndexMap<String, MetaInputValue> {
    register::<S::Type>(registry);
    A::register(registry)
}
