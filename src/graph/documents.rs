//! Documents, parsed, bounded and checked once, kept by their text; and their normal forms with the plans
//! of their subtrees.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::registry::Registry;
use async_graphql::{Name, Positioned, ServerError, Variables};
use async_graphql_value::ConstValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::graph::costs::Costs;
use crate::graph::limits::{CostModel, DocumentLimits, selection, text};
use crate::graph::normalise;
use crate::graph::plans::Plans;
use crate::graph::request::{BAD_USER_INPUT, PARSE_FAILED, RequestError, VALIDATION_FAILED};

/// How many documents are kept, about, and the most bytes of their texts.
const MAX_DOCUMENTS: usize = 2_000;
const MAX_BYTES: u64 = 16 << 20;
/// How many normal forms of one operation are kept: variables in `@skip` and `@include` multiply them.
const MAX_VARIANTS: usize = 32;

/// The documents of a schema, by text.
pub(super) struct Documents(Cache<Arc<str>, Arc<Document>, TextWeight>);

#[derive(Clone)]
struct TextWeight;

impl Weighter<Arc<str>, Arc<Document>> for TextWeight {
    fn weight(&self, text: &Arc<str>, _: &Arc<Document>) -> u64 {
        text.len() as u64 + 1
    }
}

impl Documents {
    pub fn new() -> Self {
        Self(Cache::with_weighter(MAX_DOCUMENTS, MAX_BYTES, TextWeight))
    }

    pub fn get(&self, text: &str) -> Option<Arc<Document>> {
        self.0.get(text)
    }

    pub fn insert(&self, text: &str, document: Document) -> Arc<Document> {
        let document = Arc::new(document);
        self.0.insert(text.into(), Arc::clone(&document));
        document
    }
}

/// A document that may be executed.
pub(super) struct Document {
    parsed: ExecutableDocument,
    costs: CostModel,
    conditions: HashSet<Name>,
    variants: RwLock<HashMap<VariantKey, Arc<Variant>>>,
}

/// The operation's name, and what its normal form depends on (see [`normalise::variant_key`]).
type VariantKey = (Option<Name>, Vec<u8>);

/// The normal form of one operation for one set of given variables, and its plans.
pub(super) struct Variant {
    pub document: ExecutableDocument,
    pub plans: Arc<Plans>,
}

impl Variant {
    /// How many root fields the operation has: in normal form, one a response key.
    pub fn root_fields(&self) -> usize {
        let operation = self.document.operations.iter().next();
        operation.map_or(0, |(_, operation)| operation.node.selection_set.node.items.len())
    }
}

impl Document {
    /// Parses within the limits: brackets and tokens are counted on the text, selections on the tree.
    pub fn parse(text: &str, limits: &DocumentLimits, costs: &Costs) -> Result<Self, Vec<RequestError>> {
        text::scan(text, &limits.text)?;
        let parsed = parse_query(text).map_err(|error| {
            let error = ServerError::from(error);
            let message = syntax_message(&error.message);
            vec![RequestError { code: PARSE_FAILED, message, locations: error.locations }]
        })?;
        selection::check(&parsed, &limits.selection)?;
        let costs = CostModel::compile(&parsed, costs)?;
        let conditions = normalise::condition_variables(&parsed);
        Ok(Self { parsed, costs, conditions, variants: RwLock::default() })
    }

    pub fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// The operation that a request means, by the specification's GetOperation.
    pub fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<(Option<Name>, &Positioned<OperationDefinition>), Vec<RequestError>> {
        let refuse = |message: String| Err(vec![RequestError::new(VALIDATION_FAILED, message)]);
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok((None, operation)),
            (DocumentOperations::Multiple(operations), None) => match operations.iter().next() {
                Some((name, operation)) if operations.len() == 1 => Ok((Some(name.clone()), operation)),
                _ => {
                    refuse("The document has several operations: say which one with `operationName`.".into())
                }
            },
            (DocumentOperations::Multiple(operations), Some(name)) if operations.contains_key(name) => {
                Ok((Some(Name::new(name)), &operations[name]))
            }
            (_, Some(name)) => refuse(format!("The document has no operation named \"{name}\".")),
        }
    }

    /// A variable in `@skip` or `@include` may have a default, but null is no Boolean.
    pub fn check_conditions(&self, variables: &Variables) -> Result<(), Vec<RequestError>> {
        let is_null = |name: &&Name| variables.get(name.as_str()) == Some(&ConstValue::Null);
        match self.conditions.iter().find(is_null) {
            None => Ok(()),
            Some(name) => Err(vec![RequestError::new(
                BAD_USER_INPUT,
                format!("Variable \"${name}\" is null, and `@skip` and `@include` want a Boolean."),
            )]),
        }
    }

    pub fn check_cost(
        &self,
        operation: Option<&Name>,
        variables: &Variables,
        limits: &DocumentLimits,
    ) -> Result<(), Vec<RequestError>> {
        let given = |name: &str| variables.get(name).cloned();
        self.costs.check(operation.map(Name::as_str), given, limits.cost)?;
        Ok(())
    }

    /// The normal form for these variables.
    pub fn variant(
        &self,
        name: Option<&Name>,
        operation: &Positioned<OperationDefinition>,
        variables: &Variables,
        registry: &Registry,
    ) -> Arc<Variant> {
        let key = (name.cloned(), normalise::variant_key(&operation.node, variables));
        if let Some(variant) = self.variants.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(variant);
        }
        let document = normalise::normalise(operation, &self.parsed.fragments, variables, registry);
        let variant = Arc::new(Variant { document, plans: Arc::default() });
        let mut variants = self.variants.write().unwrap_or_else(PoisonError::into_inner);
        if variants.len() >= MAX_VARIANTS {
            variants.clear();
        }
        variants.insert(key, Arc::clone(&variant));
        variant
    }
}

/// What the parser expected, in words: it draws a picture of the place, which `locations` tells better, and
/// names what it expected by the rules of its grammar.
fn syntax_message(drawn: &str) -> String {
    let Some((_, expected)) = drawn.rsplit_once(" = ") else { return drawn.to_owned() };
    let words = expected
        .trim()
        .replace("EOI", "the end of the document")
        .replace("executable_definition", "an operation or a fragment")
        .replace('_', " ");
    format!("Syntax error: {words}.")
}
