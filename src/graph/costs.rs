//! Prices of fields, read from the schema: `@cost` where a table states one, else 1 for a field with a
//! selection and 0 for a leaf. A field with the argument `first` is a page.

use std::collections::HashMap;

use async_graphql::Value;
use async_graphql::parser::types::OperationType;
use async_graphql::registry::{MetaField, MetaTypeName, Registry};

use crate::graph::connection::DEFAULT_PAGE;
use crate::graph::limits::{CostTable, FieldCost};
use crate::graph::registration::COST;

/// The price of every field of a schema.
pub(super) struct Costs {
    fields: HashMap<String, HashMap<String, Price>>,
    roots: [String; 3],
}

struct Price {
    cost: u32,
    child_type: Option<String>,
    paged: bool,
}

impl Costs {
    pub fn of(registry: &Registry) -> Self {
        let fields = registry
            .types
            .iter()
            .filter_map(|(name, meta)| {
                let fields = meta.fields()?;
                let prices = fields.values().map(|field| (field.name.clone(), Price::of(field, registry)));
                Some((name.clone(), prices.collect()))
            })
            .collect();
        let roots = [
            registry.query_type.clone(),
            registry.mutation_type.clone().unwrap_or_default(),
            registry.subscription_type.clone().unwrap_or_default(),
        ];
        Self { fields, roots }
    }
}

impl Price {
    fn of(field: &MetaField, registry: &Registry) -> Self {
        let child = MetaTypeName::concrete_typename(&field.ty);
        let composite = registry.types.get(child).is_some_and(|meta| meta.is_composite());
        let stated = field.directive_invocations.iter().find(|directive| directive.name == COST);
        let stated = stated.and_then(|directive| match directive.args.get("weight") {
            Some(Value::String(weight)) => weight.parse().ok(),
            _ => None,
        });
        Self {
            cost: stated.unwrap_or(u32::from(composite)),
            child_type: composite.then(|| child.to_owned()),
            paged: field.args.contains_key("first"),
        }
    }
}

impl CostTable for Costs {
    fn field(&self, parent_type: &str, field: &str) -> FieldCost<'_> {
        let Some(price) = self.fields.get(parent_type).and_then(|fields| fields.get(field)) else {
            return FieldCost::default();
        };
        FieldCost {
            cost: price.cost,
            child_type: price.child_type.as_deref(),
            paged_default: price.paged.then_some(DEFAULT_PAGE),
        }
    }

    fn root(&self, operation: OperationType) -> &str {
        match operation {
            OperationType::Query => &self.roots[0],
            OperationType::Mutation => &self.roots[1],
            OperationType::Subscription => &self.roots[2],
        }
    }
}
