//! The read door: the way by which the graph reads. Typed selects become SQL text of the database behind
//! the door, with every value bound; rows are decoded by column, and only the columns asked for.
//!
//! It goes to the drivers directly, because a mapper in between costs more than the statement does.
//! `Select` is the statement, `Row` what it gives, `Param` what goes in, `Json` a column passed through.

mod beside;
pub mod cell;
mod conditions;
pub(super) mod door;
pub mod json;
pub mod merging;
pub mod meter;
mod owner;
mod pace;
pub mod param;
mod parents;
mod postgres;
mod reader;
pub mod row;
pub mod select;
mod snapshot;
mod sorted;
mod sql;
mod sqlite;
mod tally;

pub use json::Json;
pub use merging::Merging;
pub use meter::{Meter, metered};
pub use param::Param;
pub use row::{Column, Row};
pub use select::{Order, Select};
