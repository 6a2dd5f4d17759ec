//! The integration tests: one binary, one file a subject.

mod entities;
mod harness;
mod read_door;
