//! The schema, built once a process.

use async_graphql::{EmptyMutation, EmptySubscription, Schema};

use crate::api::query::Query;
use crate::graph::engine;
use crate::graph::limits::DocumentLimits;

/// The engine with Encircle's schema.
pub type Engine = engine::Engine<Query, EmptyMutation, EmptySubscription>;

pub fn engine(limits: DocumentLimits) -> Engine {
    let builder = Schema::build(Query::default(), EmptyMutation, EmptySubscription);
    Engine::new(builder, limits).with_direct_root(Query::default())
}
