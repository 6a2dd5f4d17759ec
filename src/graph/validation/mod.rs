//! The validation rules that the library does not have or does not apply: values of correct type,
//! variables in allowed positions, and no selections below a type's name.
//!
//! Every definition is walked once, however often it is spread: literals are judged then and there, the uses
//! of variables are noted and judged for each operation that reaches them.

mod faults;
mod positions;
mod value;
mod walk;

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::registry::{MetaInputValue, Registry};
use async_graphql::{Name, Pos};
use async_graphql_value::ConstValue;

pub(super) use self::faults::Faults;
use self::positions::Declared;
use self::value::{Expected, Judge, Place};
use self::walk::{Definition, Walker};

/// What is wrong with a document by these rules. Its fragments must have no cycle; what the library reports,
/// such as an unknown field or a variable that is not declared, is left to it.
pub(super) fn check(document: &ExecutableDocument, registry: &Registry) -> Faults {
    let mut walker = Walker::new(registry);
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_by_key(|(_, fragment)| fragment.pos);
    let fragments: HashMap<&Name, Definition<'_>> =
        fragments.into_iter().map(|(name, fragment)| (name, walker.fragment(&fragment.node))).collect();
    let mut operations: Vec<_> = document.operations.iter().map(|(_, operation)| operation).collect();
    operations.sort_by_key(|operation| operation.pos);
    for operation in operations {
        let root = match operation.node.ty {
            OperationType::Query => Some(registry.query_type.as_str()),
            OperationType::Mutation => registry.mutation_type.as_deref(),
            OperationType::Subscription => registry.subscription_type.as_deref(),
        };
        let own = walker.operation(&operation.node, root);
        let declared = Declared::by(&operation.node);
        for definition in reached(&own, &fragments) {
            for used in &definition.used {
                declared.check(used, &mut walker.faults);
            }
        }
    }
    walker.faults
}

/// What is wrong with an argument once its variables are filled in: null may have been given for one that
/// stands where the argument's default is meant to be.
pub(super) fn misfit(
    name: &Name,
    value: &ConstValue,
    input: &MetaInputValue,
    registry: &Registry,
) -> Option<String> {
    let value = value.clone().into_value();
    let mut faults = Faults::default();
    Judge::new(registry, Place::Given { name }, Pos::default(), &mut Vec::new(), &mut faults)
        .judge(&value, Expected::of(input));
    faults.listed.into_iter().next().map(|fault| fault.message)
}

/// A definition and all that it spreads, directly or through others, each once.
fn reached<'w, 'd>(
    own: &'w Definition<'d>,
    fragments: &'w HashMap<&'d Name, Definition<'d>>,
) -> Vec<&'w Definition<'d>> {
    let mut reached = vec![own];
    let mut seen = HashSet::new();
    let mut next = 0;
    while let Some(definition) = reached.get(next) {
        let spreads = definition.spreads.iter().filter(|name| seen.insert(**name));
        let found: Vec<_> = spreads.filter_map(|name| fragments.get(*name)).collect();
        reached.extend(found);
        next += 1;
    }
    reached
}

#[cfg(test)]
mod tests;
