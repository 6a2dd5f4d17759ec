//! Who watches what, and how they learn of changes. What is shown to them is not known here.

pub mod watchers;
pub mod watching;
