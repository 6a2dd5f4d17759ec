//! The order of a document's fragments: whoever is spread comes before whoever spreads it, so that one pass
//! can build on what it knows already, however deep the chain and however wide the fan.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};

use super::Refusal;

pub(super) type Fragment<'d> = (&'d Name, &'d FragmentDefinition);

enum Visit {
    Open,
    Done,
}

/// All fragments, those without spreads first. A cycle is refused: its expansion has no end.
pub(super) fn dependencies_first(document: &ExecutableDocument) -> Result<Vec<Fragment<'_>>, Refusal> {
    let mut starts: Vec<_> = document.fragments.iter().collect();
    starts.sort_by_key(|(_, fragment)| fragment.pos);
    let mut visits: HashMap<&Name, Visit> = HashMap::with_capacity(starts.len());
    let mut ordered = Vec::with_capacity(starts.len());
    for (name, fragment) in starts {
        if !visits.contains_key(name) {
            visit((name, &fragment.node), document, &mut visits, &mut ordered)?;
        }
    }
    Ok(ordered)
}

/// Depth first from one fragment, on a stack of our own: a chain of fragments may be long.
fn visit<'d>(
    start: Fragment<'d>,
    document: &'d ExecutableDocument,
    visits: &mut HashMap<&'d Name, Visit>,
    ordered: &mut Vec<Fragment<'d>>,
) -> Result<(), Refusal> {
    visits.insert(start.0, Visit::Open);
    let mut path = vec![(start, spreads(&start.1.selection_set.node))];
    while let Some((fragment, pending)) = path.last_mut() {
        let Some(next) = pending.pop() else {
            visits.insert(fragment.0, Visit::Done);
            ordered.push(*fragment);
            path.pop();
            continue;
        };
        // An unknown fragment is for validation to report.
        let Some((name, definition)) = document.fragments.get_key_value(next) else { continue };
        match visits.get(name) {
            Some(Visit::Done) => {}
            Some(Visit::Open) => {
                let location = (definition.pos.line, definition.pos.column);
                return Err(Refusal::invalid(
                    format!(
                        "Fragment \"{name}\" spreads itself, directly or through others; break the cycle."
                    ),
                    location,
                ));
            }
            None => {
                visits.insert(name, Visit::Open);
                path.push(((name, &definition.node), spreads(&definition.node.selection_set.node)));
            }
        }
    }
    Ok(())
}

/// The names of all fragments spread in a selection set, at any depth.
fn spreads(set: &SelectionSet) -> Vec<&Name> {
    let mut names = Vec::new();
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => names.push(&spread.node.fragment_name.node),
            }
        }
    }
    names
}
