//! The walk over selections with the types they stand on, which finds the values.

use async_graphql::parser::types::{
    Directive, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet, VariableDefinition,
};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Name, Positioned};

use super::Faults;
use super::positions::Used;
use super::value::{Expected, Judge, Place};

/// What an operation or a fragment uses.
#[derive(Default)]
pub struct Definition<'d> {
    pub used: Vec<Used<'d>>,
    pub spreads: Vec<&'d Name>,
}

pub struct Walker<'d> {
    registry: &'d Registry,
    pub faults: Faults,
}

/// The type that selections stand on; none in introspection and where the library finds no type.
type Parent<'d> = Option<&'d MetaType>;

impl<'d> Walker<'d> {
    pub fn new(registry: &'d Registry) -> Self {
        Self { registry, faults: Faults::default() }
    }

    pub fn fragment(&mut self, fragment: &'d FragmentDefinition) -> Definition<'d> {
        let mut definition = Definition::default();
        self.directives(&fragment.directives, &mut definition);
        let on = self.registry.types.get(fragment.type_condition.node.on.node.as_str());
        self.set(&fragment.selection_set.node, on, &mut definition);
        definition
    }

    pub fn operation(&mut self, operation: &'d OperationDefinition, root: Option<&'d str>) -> Definition<'d> {
        let mut definition = Definition::default();
        self.directives(&operation.directives, &mut definition);
        for variable in &operation.variable_definitions {
            self.default(variable);
        }
        let root = root.and_then(|root| self.registry.types.get(root));
        self.set(&operation.selection_set.node, root, &mut definition);
        definition
    }

    fn default(&mut self, variable: &Positioned<VariableDefinition>) {
        let Some(default) = &variable.node.default_value else { return };
        let (value, ty) = (default.node.clone().into_value(), variable.node.var_type.node.to_string());
        let place = Place::Default { variable: &variable.node.name.node };
        let mut used = Vec::new();
        Judge::new(self.registry, place, default.pos, &mut used, &mut self.faults)
            .judge(&value, Expected::required(&ty));
    }

    /// Recurses at most as deep as brackets nest in the text.
    fn set(&mut self, set: &'d SelectionSet, parent: Parent<'d>, definition: &mut Definition<'d>) {
        for item in &set.items {
            self.directives(item.node.directives(), definition);
            match &item.node {
                Selection::Field(field) => self.field(field, parent, definition),
                Selection::InlineFragment(inline) => {
                    let on = match &inline.node.type_condition {
                        Some(condition) => self.registry.types.get(condition.node.on.node.as_str()),
                        None => parent,
                    };
                    self.set(&inline.node.selection_set.node, on, definition);
                }
                Selection::FragmentSpread(spread) => {
                    definition.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    fn field(&mut self, field: &'d Positioned<Field>, parent: Parent<'d>, definition: &mut Definition<'d>) {
        let name = &field.node.name.node;
        let below = &field.node.selection_set.node;
        if name == "__typename" && !below.items.is_empty() {
            self.faults.add(field.pos, || {
                "Field \"__typename\" is a text and has no fields: leave out the selection below it."
                    .to_owned()
            });
        }
        let meta = parent.and_then(|parent| parent.field_by_name(name));
        for (argument, value) in &field.node.arguments {
            let expected = match meta {
                Some(meta) => meta.args.get(argument.node.as_str()).map(Expected::of),
                None => introspected(name, &argument.node),
            };
            let Some(expected) = expected else { continue };
            let place = Place::Argument { name: &argument.node, field: name };
            Judge::new(self.registry, place, value.pos, &mut definition.used, &mut self.faults)
                .judge(&value.node, expected);
        }
        let child = meta.and_then(|meta| self.registry.types.get(MetaTypeName::concrete_typename(&meta.ty)));
        self.set(below, child, definition);
    }

    fn directives(&mut self, directives: &'d [Positioned<Directive>], definition: &mut Definition<'d>) {
        for directive in directives {
            let directive = &directive.node;
            if !matches!(directive.name.node.as_str(), "skip" | "include") {
                continue;
            }
            for (argument, value) in directive.arguments.iter().filter(|(name, _)| name.node == "if") {
                let place = Place::Condition { name: &argument.node, directive: &directive.name.node };
                Judge::new(self.registry, place, value.pos, &mut definition.used, &mut self.faults)
                    .judge(&value.node, Expected::required("Boolean!"));
            }
        }
    }
}

/// The arguments of introspection, which the registry does not hold.
fn introspected<'d>(field: &str, argument: &str) -> Option<Expected<'d>> {
    match (field, argument) {
        ("__type", "name") => Some(Expected::required("String!")),
        ("fields" | "args" | "enumValues" | "inputFields" | "directives", "includeDeprecated") => {
            Some(Expected { has_default: true, ..Expected::required("Boolean!") })
        }
        _ => None,
    }
}
