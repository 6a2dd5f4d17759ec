//! The integration tests: one binary, one file a subject.

mod demo;
mod entities;
mod harness;
mod import;
mod read_door;
