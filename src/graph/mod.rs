//! The batch executor: a field resolver takes all its parents at once.
//!
//! A graph type is a row type and a table of fields ([`GraphType`], [`FieldTable`]). A *leaf* writes a value
//! of the row; a *link* names a key, and a [`Batch`] answers the keys of all rows at once. The executor
//! compiles a selection set into a plan, runs it level by level and writes the JSON of the whole subtree
//! into one buffer. So the number of statements of an operation is a property of its text, never of its
//! data: a query a row cannot be written.
//!
//! async-graphql keeps what it is good at: schema, parsing, validation, introspection, roots, mutations,
//! subscriptions. A root returns [`Batched`], whose resolution is the executor.
//!
//! The way of a request is told in [`engine`]. Nothing in here knows a noun of the domain or a database.

pub mod arguments;
pub mod batch;
pub mod batched;
mod children;
pub mod connection;
mod costs;
mod documents;
pub mod engine;
pub mod events;
pub mod failure;
pub mod gather;
pub mod leaf;
pub mod level;
pub mod limits;
mod members;
mod normalise;
pub mod output;
pub mod plans;
mod registration;
pub mod request;
mod response;
pub mod roots;
pub mod run;
pub mod scalars;
pub mod selection;
pub mod shape;
pub mod subtree;
pub mod table;
pub mod types;
mod validate_once;
mod validation;
mod variables;

pub use arguments::Input;
pub use batch::{Batch, Want};
pub use batched::Batched;
pub use connection::{Connection, PageArguments, Paged};
pub use leaf::{EnumLeaf, Identifier, Leaf};
pub use shape::Shape;
pub use table::FieldTable;
pub use types::{Form, GraphType, Measured, Reader};
