//! The tables as SeaORM entities, one file a table, and the types used as their columns: ids, timestamps,
//! enums. Nothing here knows GraphQL or does I/O.

pub mod ids;
pub mod timestamp;
