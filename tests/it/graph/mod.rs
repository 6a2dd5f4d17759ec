//! The batch executor against the specification: generated operations through it and through a plain
//! interpreter, and its behaviours one by one.

mod behaviour;
mod columns;
mod differential;
mod documents;
mod failures;
mod operations;
mod people;
mod reader;
mod reference;
mod resolvers;
mod resolvers_of_people;
mod roots;
mod scenario;
mod schema;
mod values;
mod works;
mod world;
