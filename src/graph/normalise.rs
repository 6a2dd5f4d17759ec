//! One pass over a checked document that mends what the library's executor gets wrong, so that executing
//! it follows the specification: `@skip` and `@include` are judged with coerced variables, arguments whose
//! variable is absent are dropped, fields of the same response key are merged where the library would
//! resolve each of them (a mutation twice).

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, InlineFragment,
    OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaTypeName, Registry};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};
use indexmap::IndexMap;

use crate::graph::arguments::drop_absent;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The document as the library's validation must see it. It looks past `__typename`, directives and all, so
/// each one with directives is put into an inline fragment that has them.
pub(super) fn for_validation(document: &ExecutableDocument) -> ExecutableDocument {
    let mut document = document.clone();
    let operations: Box<dyn Iterator<Item = _>> = match &mut document.operations {
        DocumentOperations::Single(operation) => Box::new(std::iter::once(operation)),
        DocumentOperations::Multiple(operations) => Box::new(operations.values_mut()),
    };
    let operations = operations.map(|operation| &mut operation.node.selection_set);
    let fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set);
    for set in operations.chain(fragments) {
        wrap_typenames(&mut set.node);
    }
    document
}

fn wrap_typenames(set: &mut SelectionSet) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                let directives = std::mem::take(&mut field.node.directives);
                if directives.is_empty() {
                    continue;
                }
                let typename = Positioned::new(item.node.clone(), item.pos);
                let selection_set = Positioned::new(SelectionSet { items: vec![typename] }, item.pos);
                let fragment = InlineFragment { type_condition: None, directives, selection_set };
                item.node = Selection::InlineFragment(Positioned::new(fragment, item.pos));
            }
            Selection::Field(field) => wrap_typenames(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => wrap_typenames(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// What the normal form depends on besides the operation: for every variable whether it was given, and of
/// those that `@skip` and `@include` use the truth.
pub(super) fn variant_key(operation: &OperationDefinition, variables: &Variables) -> Vec<u8> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| match variables.get(&definition.node.name.node) {
            None => b'-',
            Some(ConstValue::Boolean(true)) => b't',
            Some(ConstValue::Boolean(false)) => b'f',
            Some(_) => b'+',
        })
        .collect()
}

/// The document with this operation only, in normal form for these variables.
pub(super) fn normalise(
    operation: &Positioned<OperationDefinition>,
    fragments: &Fragments,
    variables: &Variables,
    registry: &Registry,
) -> ExecutableDocument {
    let mut fragments = fragments.clone();
    for fragment in fragments.values_mut() {
        include(&mut fragment.node.selection_set.node, variables);
    }
    let mut operation = operation.clone();
    let set = &mut operation.node.selection_set.node;
    include(set, variables);
    let root = match operation.node.ty {
        OperationType::Query => Some(registry.query_type.as_str()),
        OperationType::Mutation => registry.mutation_type.as_deref(),
        OperationType::Subscription => registry.subscription_type.as_deref(),
    };
    if let Some(root) = root {
        // Below the roots of a query the batch executor merges; payloads and events are the library's.
        let payloads = operation.node.ty != OperationType::Query;
        merge(set, root, payloads, &fragments, variables, registry);
    }
    ExecutableDocument { operations: DocumentOperations::Single(operation), fragments }
}

/// Removes what `@skip` and `@include` exclude, and those directives.
fn include(set: &mut SelectionSet, variables: &Variables) {
    set.items.retain_mut(|item| {
        let (directives, children) = match &mut item.node {
            Selection::Field(field) => (&mut field.node.directives, Some(&mut field.node.selection_set)),
            Selection::FragmentSpread(spread) => (&mut spread.node.directives, None),
            Selection::InlineFragment(fragment) => {
                (&mut fragment.node.directives, Some(&mut fragment.node.selection_set))
            }
        };
        let included = directives.iter().all(|directive| match directive.node.name.node.as_str() {
            "skip" => !condition(&directive.node, variables),
            "include" => condition(&directive.node, variables),
            _ => true,
        });
        directives.retain(|directive| !matches!(directive.node.name.node.as_str(), "skip" | "include"));
        if included && let Some(children) = children {
            include(&mut children.node, variables);
        }
        included
    });
}

/// The variables that stand where `@skip` and `@include` want a Boolean: null may not be given for them.
pub(super) fn condition_variables(document: &ExecutableDocument) -> HashSet<Name> {
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = fragments.chain(operations).collect();
    let mut variables = HashSet::new();
    while let Some(set) = sets.pop() {
        for item in &set.items {
            let directives = match &item.node {
                Selection::Field(field) => {
                    sets.push(&field.node.selection_set.node);
                    &field.node.directives
                }
                Selection::FragmentSpread(spread) => &spread.node.directives,
                Selection::InlineFragment(fragment) => {
                    sets.push(&fragment.node.selection_set.node);
                    &fragment.node.directives
                }
            };
            variables.extend(directives.iter().filter_map(|directive| {
                match directive.node.get_argument("if").map(|argument| &argument.node) {
                    Some(Value::Variable(name)) => Some(name.clone()),
                    _ => None,
                }
            }));
        }
    }
    variables
}

fn condition(directive: &Directive, variables: &Variables) -> bool {
    match directive.get_argument("if").map(|argument| &argument.node) {
        Some(Value::Boolean(truth)) => *truth,
        Some(Value::Variable(name)) => variables.get(name) == Some(&ConstValue::Boolean(true)),
        _ => false,
    }
}

/// Replaces the selections on the object type `on` by its fields, one a response key.
fn merge(
    set: &mut SelectionSet,
    on: &str,
    payloads: bool,
    fragments: &Fragments,
    variables: &Variables,
    registry: &Registry,
) {
    let mut fields: IndexMap<Name, Positioned<Field>> = IndexMap::new();
    collect(std::mem::take(&mut set.items), on, fragments, registry, &mut HashSet::new(), &mut fields);
    set.items = fields
        .into_values()
        .map(|mut field| {
            drop_absent(&mut field.node.arguments, variables);
            let payload = registry
                .types
                .get(on)
                .and_then(|parent| parent.field_by_name(&field.node.name.node))
                .map(|meta| MetaTypeName::concrete_typename(&meta.ty));
            if let (true, Some(payload)) = (payloads, payload) {
                merge(&mut field.node.selection_set.node, payload, false, fragments, variables, registry);
            }
            Positioned::new(Selection::Field(field.clone()), field.pos)
        })
        .collect();
}

fn collect(
    items: Vec<Positioned<Selection>>,
    on: &str,
    fragments: &Fragments,
    registry: &Registry,
    visited: &mut HashSet<Name>,
    fields: &mut IndexMap<Name, Positioned<Field>>,
) {
    let applies = |condition: &str| {
        registry.types.get(condition).is_some_and(|condition| condition.is_possible_type(on))
    };
    for item in items {
        match item.node {
            Selection::Field(field) => {
                let key = field.node.response_key().node.clone();
                match fields.get_mut(&key) {
                    Some(first) => {
                        first.node.selection_set.node.items.extend(field.node.selection_set.node.items);
                    }
                    None => drop(fields.insert(key, field)),
                }
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node;
                let Some(fragment) = fragments.get(&name) else { continue };
                if visited.insert(name) && applies(&fragment.node.type_condition.node.on.node) {
                    let items = fragment.node.selection_set.node.items.clone();
                    collect(items, on, fragments, registry, visited, fields);
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.is_none_or(|condition| applies(&condition.node.on.node)) {
                    let items = fragment.node.selection_set.node.items;
                    collect(items, on, fragments, registry, visited, fields);
                }
            }
        }
    }
}
