//! Touchpoints in the graph.

pub mod batches;
pub mod queries;
pub mod types;
