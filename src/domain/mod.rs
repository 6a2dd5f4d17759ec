//! The nouns: what is read and written (`store`), in which use cases (`import`, later `service`). SQL and
//! rules live here; GraphQL and HTTP do not.
//!
//! A noun may import nouns above it only: touchpoints < customers < behaviors < attributes <
//! segments < ingest < products < offers < placements < purchases < privacy.

pub mod attributes;
pub mod behaviors;
pub mod customers;
pub mod ingest;
pub mod offers;
pub mod placements;
pub mod privacy;
pub mod products;
pub mod purchases;
pub mod segments;
pub mod time_range;
pub mod touchpoints;
