//! The graph as a frontend meets it: the real application over real rows, on both databases.

mod columns;
mod cursors;
mod filters;
mod indexes;
mod introspection;
mod merged;
mod pages;
mod statements;
mod values;
mod viewers;
pub mod world;
mod world_catalogue;
