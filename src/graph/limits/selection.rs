//! The shape of a parsed document: how much it selects once its fragments are expanded, and how deep.
//! A fragment is measured once however often it is spread, so a bomb of 2^60 selections costs its text.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

use super::Refusal;
use super::fragments::dependencies_first;

/// The most a document may select and define.
#[derive(Debug, Clone)]
pub struct SelectionLimits {
    /// Fields, spreads and inline fragments of one operation, fragments expanded.
    pub selections: u64,
    /// The same, summed over all operations and fragments of the document: what validation walks.
    pub document_selections: u64,
    /// Levels of fields, introspection apart.
    pub depth: u32,
    /// Levels under `__schema` or `__type`: tools ask for 15.
    pub introspection_depth: u32,
    /// Lists of lists under `__schema` or `__type`, which multiply: tools nest two.
    pub introspection_lists: u32,
    pub aliases: usize,
    pub directives: usize,
    pub variables: usize,
    pub fragments: usize,
    pub operations: usize,
}

impl Default for SelectionLimits {
    fn default() -> Self {
        Self {
            selections: 2_000,
            document_selections: 10_000,
            depth: 15,
            introspection_depth: 20,
            introspection_lists: 3,
            aliases: 100,
            directives: 200,
            variables: 100,
            fragments: 200,
            operations: 50,
        }
    }
}

/// Refuses a document that selects or defines more than the limits, or whose fragments form a cycle.
pub fn check(document: &ExecutableDocument, limits: &SelectionLimits) -> Result<(), Refusal> {
    let bound =
        |what, actual: usize, limit: usize, advice| within(what, actual as u64, limit as u64, advice, None);
    bound(
        "fragment definitions",
        document.fragments.len(),
        limits.fragments,
        "Send only those that are used.",
    )?;
    let operations = document.operations.iter().count();
    bound("operations", operations, limits.operations, "Send only the one to execute.")?;

    let mut meter = Meter::default();
    let mut whole: u64 = 0;
    for (name, fragment) in dependencies_first(document)? {
        meter.count_directives(&fragment.directives);
        let introspection = fragment.type_condition.node.on.node.starts_with("__");
        let measure = meter.measure(&fragment.selection_set.node, introspection);
        whole = whole.saturating_add(measure.selections);
        meter.fragments.insert(name, measure);
    }
    for (_, operation) in document.operations.iter() {
        let variables = operation.node.variable_definitions.len();
        bound("variable definitions", variables, limits.variables, "Group values into input objects.")?;
        let measure = meter.measure_operation(&operation.node);
        check_operation(operation, &measure, limits)?;
        whole = whole.saturating_add(measure.selections);
    }
    bound("aliases", meter.aliases, limits.aliases, "Ask for lists by their ids instead of one alias each.")?;
    bound(
        "directives",
        meter.directives,
        limits.directives,
        "Put directives on fragments instead of fields.",
    )?;
    let advice = "Send only the operation to execute and the fragments it uses.";
    within("expanded selections in all its definitions", whole, limits.document_selections, advice, None)
}

fn check_operation(
    operation: &Positioned<OperationDefinition>,
    measure: &Measure,
    limits: &SelectionLimits,
) -> Result<(), Refusal> {
    let bound = |what, actual, limit, advice| within(what, actual, limit, advice, Some(operation));
    let advice = "Select fewer fields, spread fewer fragments, or split the operation.";
    bound("selections with its fragments expanded", measure.selections, limits.selections, advice)?;
    let advice = "Start from a type nearer to what you need.";
    bound("levels of fields", measure.depth.into(), limits.depth.into(), advice)?;
    let advice = "Use the standard introspection query.";
    let (actual, limit) = (measure.introspection_depth, limits.introspection_depth);
    bound("levels of introspection", actual.into(), limit.into(), advice)?;
    let (actual, limit) = (measure.introspection_lists, limits.introspection_lists);
    bound("nested lists of introspection", actual.into(), limit.into(), advice)
}

fn within(
    what: &str,
    actual: u64,
    limit: u64,
    advice: &str,
    operation: Option<&Positioned<OperationDefinition>>,
) -> Result<(), Refusal> {
    if actual <= limit {
        return Ok(());
    }
    let subject = if operation.is_some() { "operation" } else { "document" };
    Err(Refusal::too_costly(
        format!("The {subject} has {actual} {what}; the limit is {limit}. {advice}"),
        operation.map(|operation| (operation.pos.line, operation.pos.column)),
    ))
}

/// What a selection set amounts to with its fragments expanded.
#[derive(Debug, Default, Clone, Copy)]
struct Measure {
    selections: u64,
    depth: u32,
    introspection_depth: u32,
    introspection_lists: u32,
}

/// Where a selection stands: how many fields lead there, and whether they are introspection's.
#[derive(Clone, Copy)]
struct Place {
    depth: u32,
    introspection: bool,
    lists: u32,
}

#[derive(Default)]
struct Meter<'d> {
    fragments: HashMap<&'d Name, Measure>,
    aliases: usize,
    directives: usize,
}

impl<'d> Meter<'d> {
    fn measure_operation(&mut self, operation: &'d OperationDefinition) -> Measure {
        self.count_directives(&operation.directives);
        for variable in &operation.variable_definitions {
            self.count_directives(&variable.node.directives);
        }
        self.measure(&operation.selection_set.node, false)
    }

    fn measure(&mut self, set: &'d SelectionSet, introspection: bool) -> Measure {
        let mut measure = Measure::default();
        self.walk(set, Place { depth: 0, introspection, lists: 0 }, &mut measure);
        measure
    }

    /// Recurses at most as deep as brackets nest in the text.
    fn walk(&mut self, set: &'d SelectionSet, place: Place, measure: &mut Measure) {
        for item in &set.items {
            measure.selections = measure.selections.saturating_add(1);
            self.count_directives(item.node.directives());
            match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    let place = enter(&field.node, place);
                    measure.reach(place);
                    self.walk(&field.node.selection_set.node, place, measure);
                }
                Selection::InlineFragment(inline) => {
                    self.walk(&inline.node.selection_set.node, place, measure)
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        measure.add(fragment, place);
                    }
                }
            }
        }
    }

    fn count_directives(&mut self, directives: &[Positioned<Directive>]) {
        self.directives += directives.len();
    }
}

/// The place a field's selections stand in.
fn enter(field: &Field, place: Place) -> Place {
    let name = field.name.node.as_str();
    if !place.introspection && matches!(name, "__schema" | "__type") {
        return Place { depth: 1, introspection: true, lists: 0 };
    }
    let list =
        place.introspection && matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
    Place { depth: place.depth.saturating_add(1), lists: place.lists + u32::from(list), ..place }
}

impl Measure {
    fn reach(&mut self, place: Place) {
        if place.introspection {
            self.introspection_depth = self.introspection_depth.max(place.depth);
            self.introspection_lists = self.introspection_lists.max(place.lists);
        } else {
            self.depth = self.depth.max(place.depth);
        }
    }

    /// Adds what a fragment spread at `place` amounts to.
    fn add(&mut self, fragment: &Self, place: Place) {
        self.selections = self.selections.saturating_add(fragment.selections);
        if place.introspection {
            let depth = fragment.introspection_depth.max(fragment.depth);
            self.reach(Place {
                depth: place.depth.saturating_add(depth),
                introspection: true,
                lists: place.lists.saturating_add(fragment.introspection_lists),
            });
        } else {
            self.depth = self.depth.max(place.depth.saturating_add(fragment.depth));
            self.introspection_depth = self.introspection_depth.max(fragment.introspection_depth);
            self.introspection_lists = self.introspection_lists.max(fragment.introspection_lists);
        }
    }
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
