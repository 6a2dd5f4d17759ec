//! The tables as SeaORM entities, one file a table, and the types used as their columns: ids, timestamps,
//! enums. Nothing here knows GraphQL or does I/O.

pub mod attribute_bucket;
pub mod attribute_definition;
pub mod behavior;
pub mod behavior_definition;
pub mod behavior_message;
pub mod catalogue;
pub mod change;
pub mod consent;
pub mod customer;
pub mod customer_identity;
pub mod customer_merge;
pub mod decision;
pub mod device;
pub mod ids;
pub mod offer;
pub mod offer_budget;
pub mod offer_code;
pub mod offer_response;
pub mod placement;
pub mod product;
pub mod purchase;
pub mod purchase_line;
pub mod quarantined_behavior;
pub mod redemption;
pub mod retired_attribute;
pub mod segment;
pub mod segment_judgement;
pub mod segment_member;
pub mod timestamp;
pub mod touchpoint;
pub mod values;
