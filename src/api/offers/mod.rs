//! Offers in the graph.

pub mod batches;
pub mod benefit;
pub mod inputs;
pub mod queries;
pub mod types;
