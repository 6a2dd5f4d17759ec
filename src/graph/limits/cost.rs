//! What an operation may cost before it runs: every field has a price, and a page of a connection multiplies
//! the price of what is selected under it by the `first` or `last` that was asked for.
//!
//! A document is compiled once into a [`CostModel`], which is then judged per request with its variables.
//! The price of a fragment is computed once a request, however often it is spread. `@skip` and `@include`
//! are not looked at: the cost is an upper bound.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql_value::{ConstValue, Value};

use super::Refusal;
use super::fragments::dependencies_first;

/// The most rows a page counts for; larger requests are clamped by the connections themselves.
const MAX_PAGE: i64 = 100;

/// The price of one field of a type.
#[derive(Debug, Clone, Copy, Default)]
pub struct FieldCost<'t> {
    /// What the field itself costs, once for each parent.
    pub cost: u32,
    /// The type its selections are on; none for a leaf.
    pub child_type: Option<&'t str>,
    /// The page size when neither `first` nor `last` is given; none if the field has no pages.
    pub paged_default: Option<u32>,
}

/// Prices of all fields, as the schema knows them.
pub trait CostTable {
    /// The price of a field; the default price for a field the type does not have, which validation refuses.
    fn field(&self, parent_type: &str, field: &str) -> FieldCost<'_>;

    /// The name of the root type of an operation.
    fn root(&self, operation: OperationType) -> &str {
        match operation {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        }
    }
}

/// A document's costs with its variables still open.
#[derive(Debug)]
pub struct CostModel {
    /// Whoever is spread comes first.
    fragments: Vec<Vec<Node>>,
    operations: HashMap<Option<Name>, OperationModel>,
}

#[derive(Debug)]
struct OperationModel {
    nodes: Vec<Node>,
    defaults: HashMap<Name, Size>,
    location: (usize, usize),
}

#[derive(Debug)]
enum Node {
    Field { key: Name, cost: u64, pages: Option<Pages>, children: Vec<Node> },
    Fragment(usize),
}

#[derive(Debug)]
struct Pages {
    /// `first` and `last`, as written.
    asked: [Asked; 2],
    default: u64,
}

#[derive(Debug)]
enum Asked {
    Size(Size),
    Variable(Name),
}

/// A page size: absent or null leaves the default, anything that is no number is refused elsewhere.
type Size = Option<i64>;

impl CostModel {
    /// Compiles a document; its fragments must have no cycle (see [`super::selection::check`]).
    pub fn compile(document: &ExecutableDocument, table: &impl CostTable) -> Result<Self, Refusal> {
        let mut compiler = Compiler { table, known: HashMap::new() };
        let mut fragments = Vec::new();
        for (name, fragment) in dependencies_first(document)? {
            fragments
                .push(compiler.nodes(&fragment.selection_set.node, &fragment.type_condition.node.on.node));
            compiler.known.insert(name, fragments.len() - 1);
        }
        let operations = document
            .operations
            .iter()
            .map(|(name, operation)| {
                let location = (operation.pos.line, operation.pos.column);
                (name.cloned(), compiler.operation(&operation.node, location))
            })
            .collect();
        Ok(Self { fragments, operations })
    }

    /// Refuses an operation whose cost passes the limit. `operation` is its name in the document, none for an
    /// anonymous one; `variable` gives the number a variable was given, none if it was not given one.
    pub fn check(
        &self,
        operation: Option<&str>,
        variable: impl Fn(&str) -> Option<ConstValue>,
        limit: u64,
    ) -> Result<u64, Refusal> {
        let Some(model) = self.operations.get(&operation.map(Name::new)) else { return Ok(0) };
        let sizes = Sizes { given: &variable, defaults: &model.defaults };
        let mut fragments = Vec::with_capacity(self.fragments.len());
        for nodes in &self.fragments {
            let cost = sum(nodes, &sizes, &fragments);
            fragments.push(cost);
        }
        let cost = sum(&model.nodes, &sizes, &fragments);
        if cost <= limit {
            return Ok(cost);
        }
        let costliest = model
            .nodes
            .iter()
            .filter_map(|node| match node {
                Node::Field { key, .. } => Some((price(node, &sizes, &fragments), key)),
                Node::Fragment(_) => None,
            })
            .max_by_key(|(cost, _)| *cost);
        let most = costliest.map(|(cost, key)| format!(", {cost} of it under \"{key}\"")).unwrap_or_default();
        Err(Refusal::too_costly(
            format!(
                "The operation costs {cost}{most}; the limit is {limit}. Ask for smaller pages with `first`, or \
                 select fewer connections inside connections."
            ),
            Some(model.location),
        ))
    }
}

struct Compiler<'d, 't, T> {
    table: &'t T,
    known: HashMap<&'d Name, usize>,
}

impl<T: CostTable> Compiler<'_, '_, T> {
    fn operation(&self, operation: &OperationDefinition, location: (usize, usize)) -> OperationModel {
        let defaults = operation
            .variable_definitions
            .iter()
            .filter_map(|variable| {
                let default = variable.node.default_value.as_ref()?;
                Some((variable.node.name.node.clone(), size(&default.node)))
            })
            .collect();
        let nodes = self.nodes(&operation.selection_set.node, self.table.root(operation.ty));
        OperationModel { nodes, defaults, location }
    }

    /// Recurses at most as deep as brackets nest in the text.
    fn nodes(&self, set: &SelectionSet, parent_type: &str) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(set.items.len());
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => nodes.push(self.field(&field.node, parent_type)),
                Selection::InlineFragment(inline) => {
                    let condition =
                        inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let on = condition.map_or(parent_type, Name::as_str);
                    nodes.extend(self.nodes(&inline.node.selection_set.node, on));
                }
                Selection::FragmentSpread(spread) => {
                    nodes
                        .extend(self.known.get(&spread.node.fragment_name.node).copied().map(Node::Fragment));
                }
            }
        }
        nodes
    }

    fn field(&self, field: &Field, parent_type: &str) -> Node {
        let key = field.response_key().node.clone();
        if field.name.node.starts_with("__") {
            // Introspection reads the schema in memory; its size has limits of its own.
            return Node::Field { key, cost: 0, pages: None, children: Vec::new() };
        }
        let price = self.table.field(parent_type, &field.name.node);
        let pages = price.paged_default.map(|default| Pages {
            asked: ["first", "last"].map(|name| asked(field, name)),
            default: default.into(),
        });
        let children =
            price.child_type.map(|child| self.nodes(&field.selection_set.node, child)).unwrap_or_default();
        Node::Field { key, cost: price.cost.into(), pages, children }
    }
}

fn asked(field: &Field, name: &str) -> Asked {
    match field.get_argument(name).map(|value| &value.node) {
        Some(Value::Variable(variable)) => Asked::Variable(variable.clone()),
        Some(Value::Number(number)) => Asked::Size(number.as_i64()),
        _ => Asked::Size(None),
    }
}

fn size(value: &ConstValue) -> Size {
    match value {
        ConstValue::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// The page sizes of one request.
struct Sizes<'a, V> {
    given: &'a V,
    defaults: &'a HashMap<Name, Size>,
}

impl<V: Fn(&str) -> Option<ConstValue>> Sizes<'_, V> {
    fn rows(&self, pages: &Pages) -> u64 {
        let asked = pages.asked.iter().find_map(|asked| match asked {
            Asked::Size(size) => *size,
            Asked::Variable(name) => match (self.given)(name) {
                Some(value) => size(&value),
                None => self.defaults.get(name).copied().flatten(),
            },
        });
        let default = i64::try_from(pages.default).unwrap_or(MAX_PAGE);
        asked.unwrap_or(default).clamp(0, MAX_PAGE).unsigned_abs()
    }
}

fn sum(nodes: &[Node], sizes: &Sizes<'_, impl Fn(&str) -> Option<ConstValue>>, fragments: &[u64]) -> u64 {
    nodes.iter().fold(0, |sum: u64, node| sum.saturating_add(price(node, sizes, fragments)))
}

fn price(node: &Node, sizes: &Sizes<'_, impl Fn(&str) -> Option<ConstValue>>, fragments: &[u64]) -> u64 {
    match node {
        Node::Fragment(index) => fragments[*index],
        Node::Field { cost, pages, children, .. } => {
            let rows = pages.as_ref().map_or(1, |pages| sizes.rows(pages));
            cost.saturating_add(rows.saturating_mul(sum(children, sizes, fragments)))
        }
    }
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
