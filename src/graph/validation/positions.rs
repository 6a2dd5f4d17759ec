//! Variables in allowed positions: `IsVariableUsageAllowed` and `AreTypesCompatible` of the specification.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::Pos;
use async_graphql::parser::types::OperationDefinition;
use async_graphql::registry::MetaTypeName;
use async_graphql_value::ConstValue;

use super::Faults;
use super::value::{Expected, Place};

/// A variable where a value is expected.
pub struct Used<'d> {
    pub variable: &'d Name,
    pub at: Pos,
    pub place: Place<'d>,
    /// The steps from the argument to the variable, if it stands within a list or an object.
    pub within: String,
    pub expected: Expected<'d>,
}

/// The variables of an operation.
pub struct Declared<'d>(HashMap<&'d Name, Variable>);

struct Variable {
    ty: String,
    /// It has a default other than null.
    has_default: bool,
}

impl<'d> Declared<'d> {
    pub fn by(operation: &'d OperationDefinition) -> Self {
        let variables = operation.variable_definitions.iter().map(|definition| {
            let default = definition.node.default_value.as_ref();
            let has_default = default.is_some_and(|default| default.node != ConstValue::Null);
            (
                &definition.node.name.node,
                Variable { ty: definition.node.var_type.node.to_string(), has_default },
            )
        });
        Self(variables.collect())
    }

    pub fn check(&self, used: &Used<'_>, faults: &mut Faults) {
        let Some(variable) = self.0.get(used.variable) else { return };
        if !variable.may_stand_for(used.expected) {
            faults.add(used.at, || variable.refusal(used));
        }
    }
}

impl Variable {
    fn may_stand_for(&self, expected: Expected<'_>) -> bool {
        let ty = MetaTypeName::create(&self.ty);
        if expected.one_of && !ty.is_non_null() {
            return false;
        }
        let place = MetaTypeName::create(expected.ty);
        match place {
            MetaTypeName::NonNull(inner) if !ty.is_non_null() => {
                (self.has_default || expected.has_default) && compatible(ty, MetaTypeName::create(inner))
            }
            _ => compatible(ty, place),
        }
    }

    fn refusal(&self, used: &Used<'_>) -> String {
        let Used { variable, place, within, expected, .. } = used;
        let takes = match expected.one_of {
            true => format!("{}!", expected.ty.trim_end_matches('!')),
            false => expected.ty.to_owned(),
        };
        let within = if within.is_empty() { String::new() } else { format!(" at `{within}`") };
        format!(
            "Variable \"${variable}\" of type \"{}\" cannot stand for {place}{within}, which takes \"{takes}\": \
             declare it as `${variable}: {takes}`.",
            self.ty
        )
    }
}

fn compatible(variable: MetaTypeName<'_>, place: MetaTypeName<'_>) -> bool {
    use MetaTypeName::{List, Named, NonNull};
    match (variable, place) {
        (NonNull(variable), NonNull(place)) | (List(variable), List(place)) => {
            compatible(MetaTypeName::create(variable), MetaTypeName::create(place))
        }
        (_, NonNull(_)) => false,
        (NonNull(variable), place) => compatible(MetaTypeName::create(variable), place),
        (Named(variable), Named(place)) => variable == place,
        (List(_), Named(_)) | (Named(_), List(_)) => false,
    }
}
