//! From a selection set to a plan: fragments resolved for one concrete type, fields of the same response
//! key merged, every field looked up in its type's table. A plan holds nothing of a request: no argument
//! values, no viewer, no rows.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{self, FragmentDefinition, Selection as Node, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{Name, Pos, Positioned};
use indexmap::IndexMap;

use crate::graph::children::ChildPlan;
use crate::graph::leaf::write_json;
use crate::graph::members::MemberPlan;
use crate::graph::table::{LeafWriter, Source, table_of};
use crate::graph::types::{Form, GraphType};
use crate::kernel::columns::Columns;
use crate::kernel::viewer::Scope;

/// The plan of one level: what to write of each row of `T`.
pub struct Selection<T: GraphType>(pub(super) SelectionForm<T>);

pub(super) enum SelectionForm<T: GraphType> {
    Object(ObjectPlan<T>),
    Abstract(Vec<Box<dyn MemberPlan<T::Row, T::Reader>>>),
}

pub(super) struct ObjectPlan<T: GraphType> {
    pub entries: Vec<Entry<T::Row>>,
    pub children: Vec<Child<T>>,
    pub columns: Columns,
}

/// A child field: its plan, and the scope without which it is not run.
pub(super) struct Child<T: GraphType> {
    pub plan: Box<dyn ChildPlan<T::Row, T::Reader>>,
    pub denied: Option<Denied>,
}

/// One key of the object that is written.
pub(super) struct Entry<R> {
    pub key: Name,
    /// `"key":`, with a comma before it unless it is the first.
    pub label: Vec<u8>,
    pub position: Pos,
    pub nullable: bool,
    pub value: EntryValue<R>,
}

pub(super) enum EntryValue<R> {
    /// JSON that is the same for every row: `__typename`.
    Constant(Vec<u8>),
    Leaf {
        write: LeafWriter<R>,
        denied: Option<Denied>,
    },
    /// The child with this index.
    Child(usize),
}

/// The scope a field needs, and its name for the message.
#[derive(Clone, Copy)]
pub(super) struct Denied {
    pub scope: Scope,
    pub field: &'static str,
}

impl<T: GraphType> Selection<T> {
    /// The columns of the rows that the plan reads. Of an interface or union all of them, since its members
    /// number theirs differently; [`Selection::member_columns`] knows better.
    pub fn columns(&self) -> Columns {
        match &self.0 {
            SelectionForm::Object(plan) => plan.columns,
            SelectionForm::Abstract(_) => Columns::ALL,
        }
    }

    /// The columns that the plan reads of rows of a member of this interface or union.
    pub fn member_columns<M: GraphType>(&self) -> Columns {
        let SelectionForm::Abstract(members) = &self.0 else { return Columns::NONE };
        members
            .iter()
            .find(|member| member.name() == M::name())
            .map_or(Columns::NONE, |member| member.columns())
    }
}

/// The nodes of the document that share a response key: one field, several times selected.
pub struct Merged<'d> {
    pub(super) nodes: Vec<&'d Positioned<types::Field>>,
}

impl<'d> Merged<'d> {
    /// The first node: all of them have the same name and arguments, or validation would have refused.
    pub(super) fn field(&self) -> &'d types::Field {
        &self.nodes[0].node
    }
}

/// Compiles the selections of one document. Recursion is bounded: the document's depth was checked.
pub struct Compiler<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    registry: &'d Registry,
    path: Vec<Name>,
}

impl<'d> Compiler<'d> {
    pub(super) fn new(
        fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
        registry: &'d Registry,
        root: Name,
    ) -> Self {
        Self { fragments, registry, path: vec![root] }
    }

    /// Where in the response the field being compiled stands, without list positions: `customers.edges`.
    pub(super) fn path(&self) -> String {
        self.path.join(".")
    }

    /// The plan of the selections under a field.
    pub(super) fn child<T: GraphType>(&mut self, merged: &Merged<'_>) -> Selection<T> {
        let sets: Vec<&SelectionSet> =
            merged.nodes.iter().map(|field| &field.node.selection_set.node).collect();
        self.selection(&sets)
    }

    pub(super) fn selection<T: GraphType>(&mut self, sets: &[&SelectionSet]) -> Selection<T> {
        Selection(match T::FORM {
            Form::Object => SelectionForm::Object(self.object(sets)),
            Form::Interface | Form::Union => SelectionForm::Abstract(
                table_of::<T>().members.iter().map(|member| member.compile(sets, self)).collect(),
            ),
        })
    }

    pub(super) fn object<T: GraphType>(&mut self, sets: &[&SelectionSet]) -> ObjectPlan<T> {
        let mut fields = IndexMap::new();
        let mut visited = HashSet::new();
        for set in sets {
            collect(&T::name(), set, self.fragments, self.registry, &mut visited, &mut fields);
        }
        let mut plan = ObjectPlan { entries: Vec::new(), children: Vec::new(), columns: Columns::NONE };
        for (key, merged) in fields {
            self.path.push(key.clone());
            self.entry(key, &merged, &mut plan);
            self.path.pop();
        }
        plan
    }

    fn entry<T: GraphType>(&mut self, key: &Name, merged: &Merged<'_>, plan: &mut ObjectPlan<T>) {
        let name = merged.field().name.node.as_str();
        let (value, nullable) = if name == "__typename" {
            (EntryValue::Constant(json_string(&T::name())), false)
        } else if let Some((name, field)) = table_of::<T>().fields.get_key_value(name) {
            plan.columns |= field.reads;
            let denied = field.scope.map(|scope| Denied { scope, field: name });
            let value = match &field.source {
                Source::Leaf(write) => EntryValue::Leaf { write: write.clone(), denied },
                Source::Child(compile) => {
                    let compiled = compile(merged, self);
                    plan.columns |= compiled.columns;
                    plan.children.push(Child { plan: compiled.plan, denied });
                    EntryValue::Child(plan.children.len() - 1)
                }
                Source::Declared => return,
            };
            (value, field.nullable())
        } else {
            return; // validation has refused fields that the type does not have
        };
        let mut label = if plan.entries.is_empty() { Vec::new() } else { vec![b','] };
        label.extend_from_slice(&json_string(key));
        label.push(b':');
        let position = merged.nodes[0].pos;
        plan.entries.push(Entry { key: key.clone(), label, position, nullable, value });
    }
}

fn json_string(text: &str) -> Vec<u8> {
    let mut json = Vec::with_capacity(text.len() + 2);
    // Writing a string to memory cannot fail.
    let _ = write_json(text, &mut json);
    json
}

/// Collects the fields that apply to the concrete type `on`, in the order of the document, as the
/// specification's CollectFields does; `@skip` and `@include` are gone from the document by now.
fn collect<'d>(
    on: &str,
    set: &'d SelectionSet,
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    registry: &Registry,
    visited: &mut HashSet<&'d Name>,
    fields: &mut IndexMap<&'d Name, Merged<'d>>,
) {
    let applies = |condition: &Name| {
        registry.types.get(condition.as_str()).is_some_and(|condition| condition.is_possible_type(on))
    };
    for node in &set.items {
        match &node.node {
            Node::Field(field) => {
                let merged = fields
                    .entry(&field.node.response_key().node)
                    .or_insert_with(|| Merged { nodes: Vec::with_capacity(1) });
                merged.nodes.push(field);
            }
            Node::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let Some((name, fragment)) = fragments.get_key_value(name) else { continue };
                if visited.insert(name) && applies(&fragment.node.type_condition.node.on.node) {
                    let set = &fragment.node.selection_set.node;
                    collect(on, set, fragments, registry, visited, fields);
                }
            }
            Node::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.is_none_or(|condition| applies(&condition.node.on.node)) {
                    let set = &fragment.node.selection_set.node;
                    collect(on, set, fragments, registry, visited, fields);
                }
            }
        }
    }
}
