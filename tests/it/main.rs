//! The integration tests: one binary, one file a subject.

mod corpus;
mod entities;
mod graph;
mod harness;
mod http;
mod read_door;
