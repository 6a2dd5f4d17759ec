//! A plain interpreter of GraphQL operations, written to section 6 of the specification: one object after
//! the other, depth first. It shares nothing with the executor but the world.
//!
//! Where the specification leaves a choice, this is what both do:
//! - Fields run in order, and once a null bubbles out of an object or a list, its remaining fields and items
//!   are not completed: one error is enough to null them (6.4.4). Roots are the exception: all of them run,
//!   and when `data` is null it is open which of their errors are told.
//! - A scope is asked before arguments are coerced, arguments before anything is resolved.
//! - An error's location is the first of the merged fields.
//! - A null condition refuses the whole request.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value as Literal;
use encircle::kernel::viewer::{Scope, Scopes};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::resolvers::{Failure, Plain, Source, resolve, scope};
use super::schema;
use super::values::{Variables, coerce_arguments, coerce_variables, parse_type};
use super::world::World;

/// What an operation must answer.
#[derive(Debug)]
pub struct Expected {
    /// The JSON text of `data`; none for null.
    pub data: Option<String>,
    pub errors: Vec<ExpectedError>,
}

#[derive(Clone, Debug)]
pub struct ExpectedError {
    /// None where the wording is the library's.
    pub message: Option<String>,
    pub code: &'static str,
    pub path: Vec<Value>,
    pub position: Pos,
}

/// A null that must not stand where it arose.
struct Bubble;

type Completed = Result<String, Bubble>;

struct Interpreter<'a> {
    world: &'a World,
    scopes: Scopes,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: Variables,
    errors: Vec<ExpectedError>,
    path: Vec<Value>,
}

/// A request that must be refused: a condition is null.
#[derive(Debug)]
pub struct Refused;

/// Executes the only operation of a document.
pub fn execute(
    document: &ExecutableDocument,
    given: &Variables,
    world: &World,
    scopes: Scopes,
) -> Result<Expected, Refused> {
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let mut interpreter = Interpreter {
        world,
        scopes,
        fragments: &document.fragments,
        variables: coerce_variables(&operation.node.variable_definitions, given),
        errors: Vec::new(),
        path: Vec::new(),
    };
    let set = &operation.node.selection_set.node;
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    if fragments.chain([set]).any(|set| interpreter.has_null_condition(set)) {
        return Err(Refused);
    }
    let data = interpreter.selection_set("Query", &Source::Query, &[set]).ok();
    Ok(Expected { data, errors: interpreter.errors })
}

impl<'a> Interpreter<'a> {
    /// ExecuteSelectionSet (6.3) over merged sets.
    fn selection_set(&mut self, ty: &str, object: &Source, sets: &[&'a SelectionSet]) -> Completed {
        let mut fields = IndexMap::new();
        let mut visited = HashSet::new();
        for set in sets {
            self.collect(ty, set, &mut visited, &mut fields);
        }
        let mut entries = Vec::new();
        let mut bubbles = false;
        for (key, nodes) in fields {
            self.path.push(json!(key.as_str()));
            let completed = self.field(ty, object, &nodes);
            self.path.pop();
            match completed {
                Ok(text) => entries.push(format!("{}:{text}", json!(key.as_str()))),
                Err(Bubble) if ty == "Query" => bubbles = true,
                Err(Bubble) => return Err(Bubble),
            }
        }
        if bubbles { Err(Bubble) } else { Ok(format!("{{{}}}", entries.join(","))) }
    }

    /// CollectFields (6.3.2).
    fn collect(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        visited: &mut HashSet<&'a str>,
        fields: &mut IndexMap<&'a Name, Vec<&'a Positioned<Field>>>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if self.included(&field.node.directives) => {
                    fields.entry(&field.node.response_key().node).or_default().push(field);
                }
                Selection::FragmentSpread(spread) if self.included(&spread.node.directives) => {
                    let name = &spread.node.fragment_name.node;
                    if !visited.insert(name.as_str()) {
                        continue;
                    }
                    let fragment = &self.fragments[name].node;
                    if schema::possible(&fragment.type_condition.node.on.node).contains(&ty) {
                        self.collect(ty, &fragment.selection_set.node, visited, fields);
                    }
                }
                Selection::InlineFragment(fragment) if self.included(&fragment.node.directives) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    if condition.is_none_or(|on| schema::possible(on).contains(&ty)) {
                        self.collect(ty, &fragment.node.selection_set.node, visited, fields);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether null is given where `@skip` or `@include` wants a Boolean: it is refused wherever it stands,
    /// not only where an execution comes by.
    fn has_null_condition(&self, set: &SelectionSet) -> bool {
        set.items.iter().any(|item| {
            let below = match &item.node {
                Selection::Field(field) => Some(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => Some(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => None,
            };
            let is_null = |value: &Literal| matches!(value, Literal::Variable(name) if self.variables[name.as_str()].is_null());
            let arguments = item.node.directives().iter().flat_map(|directive| &directive.node.arguments);
            arguments.into_iter().any(|(_, value)| is_null(&value.node))
                || below.is_some_and(|below| self.has_null_condition(below))
        })
    }

    fn included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let truth = match directive.node.get_argument("if").map(|truth| &truth.node) {
                Some(Literal::Boolean(truth)) => *truth,
                Some(Literal::Variable(name)) => self.variables[name.as_str()].as_bool().expect("a Boolean"),
                _ => panic!("a condition"),
            };
            match directive.node.name.node.as_str() {
                "skip" => !truth,
                "include" => truth,
                _ => true,
            }
        })
    }

    /// ExecuteField (6.4) and the handling of its errors (6.4.4).
    fn field(&mut self, ty: &str, object: &Source, nodes: &[&'a Positioned<Field>]) -> Completed {
        let first = nodes[0];
        let name = first.node.name.node.as_str();
        if name == "__typename" {
            return Ok(json!(object.type_name()).to_string());
        }
        let definition = schema::field(ty, name).expect("a field of the type");
        let resolved = match scope(name) {
            Some(scope) if !self.scopes.contains(scope) => Plain::Failed(denied(name, scope)),
            _ => {
                let given = |name: &str| first.node.get_argument(name).map(|value| &value.node);
                match coerce_arguments(&definition.arguments, given, &self.variables) {
                    Ok(arguments) => resolve(self.world, object, name, &arguments),
                    Err(_) => Plain::Failed(Failure { message: None, code: "BAD_USER_INPUT" }),
                }
            }
        };
        self.complete(&parse_type(definition.ty), resolved, nodes)
    }

    /// CompleteValue (6.4.3) at a place of type `ty`, with what bubbles to it.
    fn complete(&mut self, ty: &Type, value: Plain, nodes: &[&'a Positioned<Field>]) -> Completed {
        let completed = match value {
            Plain::Failed(failure) => self.fail(failure, nodes),
            Plain::Leaf(Value::Null) if ty.nullable => Ok("null".to_owned()),
            Plain::Leaf(Value::Null) => self.fail(Failure::internal(), nodes),
            Plain::Leaf(leaf) => Ok(leaf.to_string()),
            Plain::List(items) => self.list(ty, items, nodes),
            Plain::Object(source) => {
                let sets: Vec<&SelectionSet> =
                    nodes.iter().map(|node| &node.node.selection_set.node).collect();
                self.selection_set(source.type_name(), &source, &sets)
            }
        };
        match completed {
            Err(Bubble) if ty.nullable => Ok("null".to_owned()),
            completed => completed,
        }
    }

    fn list(&mut self, ty: &Type, items: Vec<Plain>, nodes: &[&'a Positioned<Field>]) -> Completed {
        let BaseType::List(item_type) = &ty.base else { panic!("a list of type {ty}") };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            self.path.push(json!(index));
            let completed = self.complete(item_type, item, nodes);
            self.path.pop();
            texts.push(completed?);
        }
        Ok(format!("[{}]", texts.join(",")))
    }

    fn fail(&mut self, failure: Failure, nodes: &[&'a Positioned<Field>]) -> Completed {
        self.errors.push(ExpectedError {
            message: failure.message,
            code: failure.code,
            path: self.path.clone(),
            position: nodes[0].pos,
        });
        Err(Bubble)
    }
}

fn denied(field: &str, scope: Scope) -> Failure {
    Failure { message: Some(format!("`{field}` needs the scope `{}`", scope.name())), code: "FORBIDDEN" }
}
