//! What the brand offers: what an offer says, its life, its codes; and which of them a customer is shown.

pub mod allocation;
pub mod bucket;
pub mod budget;
pub mod calendar;
pub mod cart_facts;
pub mod catalogue;
pub mod checks;
pub mod codes;
pub mod decide;
pub mod decision;
pub mod define;
pub mod early;
pub mod experience;
pub mod explain;
pub mod faults;
pub mod figures;
pub mod kept;
pub mod lifecycle;
pub mod live;
pub mod looking;
pub mod outcome;
pub mod parts;
pub mod queue;
pub mod reasons;
pub mod recorded;
pub mod removal;
pub mod retention;
pub mod schedule;
pub mod simulation;
pub mod store;
pub mod usage;
pub mod vocabulary;

#[cfg(test)]
mod bucket_tests;
#[cfg(test)]
mod schedule_tests;
