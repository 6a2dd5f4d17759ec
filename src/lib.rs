//! Encircle, the GraphQL gateway for customer touchpoints. This page is the map of the house.
//!
//! | room | what lives there | what it may import |
//! |---|---|---|
//! | `entities`, `migrations` | tables and their history (crates of their own) | nothing of the house |
//! | [`kernel`] | error, clock, ids, money, page, viewer: pure | `entities` |
//! | [`rules`] | CEL: compile, limit, evaluate, explain; pure | `kernel` |
//! | [`db`] | connections, the read door, write transactions, pages | `kernel` |
//! | [`domain`] | the nouns: store (SQL) and service (use cases) | `db` |
//! | [`graph`] | the batch executor; knows no noun | `kernel` |
//! | [`api`] | the nouns as the frontend sees them | `domain`, `graph` |
//! | [`http`] | the doors: GraphQL, console, health | `graph`, `kernel` |
//! | [`config`], [`app`] | settings; the application, composed | everything above |
//! | [`cli`] | the commands | everything |

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod graph;
pub mod http;
pub mod kernel;
pub mod rules;
