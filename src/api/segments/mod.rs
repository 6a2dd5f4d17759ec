//! Segments in the graph: which customers belong together.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod queries;
pub mod types;
