//! The doors, called in process against a small schema that can wait, panic and count.

mod auth;
mod bodies;
mod documents;
mod events;
mod graphql_over_http;
mod harness;
mod operations;
mod platform;
mod serving;
mod sockets;
