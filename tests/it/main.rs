//! The integration tests: one binary, one file a subject.

mod api;
mod attributes;
mod commands;
mod corpus;
mod customers;
mod demo;
mod entities;
mod graph;
mod harness;
mod http;
mod import;
mod ingest;
mod meta;
mod offers;
mod outbox;
mod purchases;
mod read_door;
mod read_snapshot;
mod readme;
mod segments;
