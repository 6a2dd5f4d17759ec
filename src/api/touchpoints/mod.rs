//! Touchpoints in the graph.

pub mod batches;
pub mod inputs;
pub mod queries;
pub mod types;
