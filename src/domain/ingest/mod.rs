//! The one way in for behaviors, whatever the door: GraphQL, the Segment wire, imports, the demo's seed.

pub mod arrival;
mod introductions;
mod linking;
pub mod queue;
pub mod service;
pub mod times;
pub mod upkeep;
