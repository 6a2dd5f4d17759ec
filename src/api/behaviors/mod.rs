//! Behaviors in the graph.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod queries;
mod recording;
pub mod types;
