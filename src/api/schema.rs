//! The schema, built once a process.

use async_graphql::Schema;

use crate::api::live::Subscription;
use crate::api::mutation::Mutation;
use crate::api::query::Query;
use crate::graph::engine;
use crate::graph::limits::DocumentLimits;

/// The engine with Encircle's schema.
pub type Engine = engine::Engine<Query, Mutation, Subscription>;

pub fn engine(limits: DocumentLimits) -> Engine {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription::default());
    Engine::new(builder, limits).with_direct_root(Query::default()).with_live_root(Subscription::default())
}
