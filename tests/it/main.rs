//! The integration tests: one binary, one file a subject.

mod entities;
mod harness;
mod http;
mod read_door;
mod graph;
