//! Products in the graph.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod queries;
pub mod types;
