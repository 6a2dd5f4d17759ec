//! The doors: GraphQL over HTTP, the console, health, and what stands around them: credentials, limits,
//! request ids, connections with timeouts, an orderly end.

pub mod auth;
mod compression;
pub mod console;
mod cors;
mod encodings;
pub mod errors;
pub mod examples;
pub mod graphql;
pub mod health;
pub mod ingest;
mod panics;
mod request_id;
pub mod router;
pub mod serve;
pub mod shutdown;
mod sockets;
pub mod state;
mod trace;
