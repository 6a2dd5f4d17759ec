//! The nouns as the frontend sees them: field tables, inputs, batches, roots. Reads go to `domain` stores;
//! no SQL in here. Only this room may let nouns refer to each other both ways, because a graph does.

pub mod attributes;
pub mod behaviors;
pub mod callers;
pub mod customers;
pub mod enums;
pub mod inputs;
pub mod leaves;
pub mod live;
pub mod money;
pub mod mutation;
pub mod node;
pub mod offers;
pub mod payload;
pub mod placements;
pub mod privacy;
pub mod products;
pub mod purchases;
pub mod query;
pub mod reads;
pub mod scalars;
pub mod schema;
pub mod segments;
pub mod touchpoints;
