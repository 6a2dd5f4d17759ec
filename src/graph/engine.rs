//! The way of a request through the graph: text → checked document (cached by hash) → operation → coerced
//! variables → cost → normal form (cached) → async-graphql's roots → subtrees → bytes.

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection};
use async_graphql::registry::Registry;
use async_graphql::{
    ObjectType, OutputType, Pos, Request, Response, SDLExportOptions, Schema, SchemaBuilder,
    SubscriptionType, ValidationMode, Value, Variables,
};
use bytes::Bytes;
use futures_util::future::join_all;
use indexmap::IndexMap;

use crate::graph::costs::Costs;
use crate::graph::documents::{Document, Documents, Variant};
use crate::graph::events::Answer;
use crate::graph::gather::{Gather, Tasks};
use crate::graph::limits::DocumentLimits;
use crate::graph::normalise;
use crate::graph::plans::{Plans, RequestState};
use crate::graph::request::{
    MAX_RESPONSE_ERRORS, Operation, OperationKind, RequestError, VALIDATION_FAILED, within_bounds,
};
use crate::graph::response::{self, ErrorCount};
use crate::graph::roots::{DirectRead, DirectRoot};
use crate::graph::subtree::Place;
use crate::graph::types::Reader;
use crate::graph::validate_once::{PASSED, ValidateOnce, Validated};
use crate::graph::validation;
use crate::graph::variables;
use crate::kernel::error::Result;

/// The schema with all that is kept between requests.
pub struct Engine<Q, M, S> {
    schema: Schema<Q, M, S>,
    registry: Registry,
    /// The query root, if its fields can be read without the library's executor.
    direct: Option<Arc<dyn DirectRoot>>,
    /// The subscription root: every event is read as a query is.
    live: Option<Arc<dyn DirectRoot>>,
    documents: Documents,
    costs: Costs,
    limits: DocumentLimits,
}

/// A request that passed every check and can be executed.
#[derive(Clone)]
pub struct Prepared {
    kind: OperationKind,
    name: Option<String>,
    variables: Variables,
    variant: Arc<Variant>,
}

impl Prepared {
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The operation's name in the document.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl<Q, M, S> Engine<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Builds the schema; what the registry holds comes from the roots and their field tables.
    pub fn new(builder: SchemaBuilder<Q, M, S>, limits: DocumentLimits) -> Self {
        let mut registry = Registry::default();
        registry.query_type =
            <Q as OutputType>::create_type_info(&mut registry).trim_end_matches('!').to_owned();
        <bool as OutputType>::create_type_info(&mut registry);
        if !M::is_empty() {
            let name = <M as OutputType>::create_type_info(&mut registry);
            registry.mutation_type = Some(name.trim_end_matches('!').to_owned());
        }
        if !S::is_empty() {
            let name = S::create_type_info(&mut registry);
            registry.subscription_type = Some(name.trim_end_matches('!').to_owned());
        }
        let schema = builder.validation_mode(ValidationMode::Strict).extension(ValidateOnce).finish();
        let costs = Costs::of(&registry);
        Self { schema, registry, direct: None, live: None, documents: Documents::new(), costs, limits }
    }

    /// Reads the fields of queries by this root, which must be the schema's own.
    pub fn with_direct_root(mut self, root: impl DirectRoot) -> Self {
        self.direct = Some(Arc::new(root));
        self
    }

    /// Reads the events of subscriptions by this root, which must be the schema's own.
    pub fn with_live_root(mut self, root: impl DirectRoot) -> Self {
        self.live = Some(Arc::new(root));
        self
    }

    /// The schema in SDL, sorted.
    pub fn sdl(&self) -> String {
        let options = SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by();
        self.schema.sdl_with_options(options)
    }

    /// Checks a request: nothing is executed.
    pub async fn prepare(&self, operation: Operation) -> std::result::Result<Prepared, Vec<RequestError>> {
        let document = match self.documents.get(&operation.query) {
            Some(document) => document,
            None => {
                let document = Document::parse(&operation.query, &self.limits, &self.costs)?;
                Box::pin(self.validate(&document)).await?;
                self.documents.insert(&operation.query, document)
            }
        };
        let (name, definition) = document.operation(operation.operation_name.as_deref())?;
        let definitions = &definition.node.variable_definitions;
        let variables =
            variables::coerce(definitions, operation.variables, &self.registry).map_err(|errors| {
                let total = errors.len();
                within_bounds(errors, total)
            })?;
        document.check_conditions(&variables)?;
        document.check_cost(name.as_ref(), &variables, &self.limits)?;
        let variant = document.variant(name.as_ref(), definition, &variables, &self.registry);
        let kind = match definition.node.ty {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };
        if kind == OperationKind::Subscription && variant.root_fields() != 1 {
            return Err(vec![one_field(definition.pos)]);
        }
        Ok(Prepared { kind, name: name.map(|name| name.to_string()), variables, variant })
    }

    /// Executes a prepared request for the viewer whom `reader` holds. With `explain`, the answer carries
    /// what each load cost.
    pub async fn execute<Rd: Reader>(
        &self,
        prepared: Prepared,
        reader: Arc<Rd>,
        explain: bool,
    ) -> Result<Bytes> {
        self.execute_reporting(prepared, reader, explain, None).await
    }

    /// Reads one event of a subscription, which can wait for what it lacks.
    pub async fn execute_event<Rd: Reader>(&self, prepared: Prepared, reader: Arc<Rd>) -> Result<Answer> {
        self.run(prepared, reader, false, None).await
    }

    /// The same with another bound on the number of errors, for tests that compare all of them.
    pub async fn execute_reporting<Rd: Reader>(
        &self,
        prepared: Prepared,
        reader: Arc<Rd>,
        explain: bool,
        max_errors: Option<usize>,
    ) -> Result<Bytes> {
        Ok(self.run(prepared, reader, explain, max_errors).await?.json)
    }

    async fn run<Rd: Reader>(
        &self,
        prepared: Prepared,
        reader: Arc<Rd>,
        explain: bool,
        max_errors: Option<usize>,
    ) -> Result<Answer> {
        let tasks = Tasks::default();
        let gather = Gather::new(Arc::clone(&reader), &tasks, explain);
        let plans: Arc<Plans> = Arc::clone(&prepared.variant.plans);
        let mut state = RequestState::new(reader, gather, plans, explain);
        state.max_errors = max_errors.unwrap_or(state.max_errors);
        let state = Arc::new(state);

        let response = match tasks.drive(self.read_directly(&prepared, &state)).await {
            Some(response) => response,
            None => {
                state.gathers(prepared.variant.root_fields());
                let mut request = Request::new("").variables(prepared.variables);
                request = request.data(Arc::clone(&state)).data(Validated::Already);
                request.set_parsed_query(prepared.variant.document.clone());
                // Boxed: it takes much room, which what is read directly needs not.
                tasks.drive(Box::pin(self.schema.execute(request))).await
            }
        };
        let plan = state.trace.as_ref().map(|trace| trace.take());
        let most = max_errors.unwrap_or(MAX_RESPONSE_ERRORS);
        let count = ErrorCount { most, left_out: state.left_out() };
        let json = response::write(&response, plan.as_deref(), count)?;
        Ok(Answer { json, lacks_something: state.lacks() })
    }

    /// Answers a query, or one event of a subscription, by its direct root; `None` when a field of it is the
    /// library's, before anything is read.
    async fn read_directly<Rd: Reader>(
        &self,
        prepared: &Prepared,
        state: &RequestState<Rd>,
    ) -> Option<Response> {
        let root = match prepared.kind {
            OperationKind::Query => self.direct.as_ref()?,
            OperationKind::Subscription => self.live.as_ref()?,
            OperationKind::Mutation => return None,
        };
        let ExecutableDocument { operations, fragments } = &prepared.variant.document;
        let DocumentOperations::Single(operation) = operations else { return None };
        let items = &operation.node.selection_set.node.items;
        let (mut reads, mut gathering) = (Vec::with_capacity(items.len()), 0);
        for item in items {
            let Selection::Field(field) = &item.node else { return None };
            let place = Place { field, variables: &prepared.variables, fragments, registry: &self.registry };
            let key = field.node.response_key().node.clone();
            let DirectRead { gathers, subtree } = root.read(place, state)?;
            gathering += usize::from(gathers);
            reads.push(async move { (key, subtree.await) });
        }
        state.gathers(gathering);
        let mut data = IndexMap::with_capacity(reads.len());
        let (mut errors, mut bubbled) = (Vec::new(), false);
        for (key, subtree) in join_all(reads).await {
            let subtree = subtree?;
            errors.extend(subtree.errors);
            bubbled |= subtree.bubbled;
            data.insert(key, Value::Binary(subtree.json.into()));
        }
        let mut response = Response::new(if bubbled { Value::Null } else { Value::Object(data) });
        response.errors = errors;
        Some(response)
    }

    /// Runs our validation rules and the library's on the document as it was written.
    async fn validate(&self, document: &Document) -> std::result::Result<(), Vec<RequestError>> {
        let faults = validation::check(document.parsed(), &self.registry);
        let mut request = Request::new("").data(Validated::Now);
        request.set_parsed_query(normalise::for_validation(document.parsed()));
        let mut errors = self.schema.execute(request).await.errors;
        // What the library says of values ours have said better.
        let said = faults.total > 0;
        errors.retain(|error| error.message != PASSED && !(said && of_values(&error.message)));
        let total = faults.total + errors.len();
        if total == 0 {
            return Ok(());
        }
        let errors = errors.into_iter().take(MAX_RESPONSE_ERRORS).map(|error| RequestError {
            code: VALIDATION_FAILED,
            message: error.message,
            locations: error.locations,
        });
        Err(within_bounds(faults.listed.into_iter().chain(errors).collect(), total))
    }
}

/// Whether the library's message is about a value of the wrong type.
fn of_values(message: &str) -> bool {
    message.starts_with("Invalid value for argument") || message.starts_with("Invalid default value")
}

fn one_field(at: Pos) -> RequestError {
    let message = "A subscription selects one field; send another operation for another.".to_owned();
    RequestError { code: VALIDATION_FAILED, message, locations: vec![at] }
}
