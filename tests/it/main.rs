//! The integration tests: one binary, one file a subject.

mod demo;
mod entities;
mod graph;
mod harness;
mod http;
mod import;
mod read_door;
