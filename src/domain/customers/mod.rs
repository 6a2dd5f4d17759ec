//! Customers, their identities, devices and consents.

pub mod blocked;
pub mod caller;
mod claimed;
pub mod consents;
pub mod counts;
pub mod devices;
pub mod effective_consents;
pub mod everybody;
pub mod family;
pub mod idempotency;
pub mod identify;
pub mod identity;
pub mod import;
pub mod judgement;
pub mod limits;
pub mod merge;
pub mod merging;
mod named;
mod names;
pub(in crate::domain) mod people;
pub mod profile;
pub mod refusals;
pub mod rejection;
pub mod rows;
mod sides;
pub mod store;
pub mod traits;
