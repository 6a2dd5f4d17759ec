//! Leaves: values that write themselves as JSON and name their GraphQL type.

use async_graphql::registry::Registry;
use async_graphql::{InputType, OutputType};
use entities::ids::Id;
use entities::timestamp::Timestamp;

use crate::graph::output::{Bubble, Output};
use crate::graph::scalars;
use crate::kernel::error::{Error, Result};

/// A scalar, enum, or list of them.
pub trait Leaf {
    /// The type as SDL has it, with `!` unless it may be null.
    fn type_name() -> String {
        format!("{}!", Self::nullable_name())
    }

    /// The type as SDL has it, without the outer `!`.
    fn nullable_name() -> String;

    /// Puts the type into the registry.
    fn register(registry: &mut Registry);

    /// Writes the JSON value.
    fn write(&self, json: &mut Vec<u8>) -> Result<()>;

    /// Writes the value of a field: an error is noted, in a list at the item that has it.
    fn complete(&self, out: &mut Output<'_>) -> Result<(), Bubble> {
        self.write(out.json()).map_err(|error| out.fail(&error))
    }
}

impl<L: Leaf> Leaf for Option<L> {
    fn type_name() -> String {
        L::nullable_name()
    }

    fn nullable_name() -> String {
        L::nullable_name()
    }

    fn register(registry: &mut Registry) {
        L::register(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        match self {
            Some(leaf) => leaf.write(json),
            None => {
                json.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    fn complete(&self, out: &mut Output<'_>) -> Result<(), Bubble> {
        match self {
            Some(leaf) => leaf.complete(out),
            None => {
                out.bytes(b"null");
                Ok(())
            }
        }
    }
}

/// A leaf that can fail: the error stands at the field's path.
impl<L: Leaf> Leaf for Result<L> {
    fn type_name() -> String {
        L::type_name()
    }

    fn nullable_name() -> String {
        L::nullable_name()
    }

    fn register(registry: &mut Registry) {
        L::register(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        match self {
            Ok(leaf) => leaf.write(json),
            Err(error) => Err(error.clone()),
        }
    }

    fn complete(&self, out: &mut Output<'_>) -> Result<(), Bubble> {
        match self {
            Ok(leaf) => leaf.complete(out),
            Err(error) => Err(out.fail(error)),
        }
    }
}

impl<L: Leaf> Leaf for Vec<L> {
    fn nullable_name() -> String {
        format!("[{}]", L::type_name())
    }

    fn register(registry: &mut Registry) {
        L::register(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        json.push(b'[');
        for (index, leaf) in self.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            leaf.write(json)?;
        }
        json.push(b']');
        Ok(())
    }

    /// An item that fails is null where items may be null.
    fn complete(&self, out: &mut Output<'_>) -> Result<(), Bubble> {
        out.byte(b'[');
        for (index, leaf) in self.iter().enumerate() {
            if index > 0 {
                out.byte(b',');
            }
            let (mark, errors) = (out.mark(), out.errors());
            let written = leaf.complete(out);
            out.locate(errors, || index.into(), None);
            if written.is_err() {
                if L::type_name().ends_with('!') {
                    return Err(Bubble);
                }
                out.null_from(mark);
            }
        }
        out.byte(b']');
        Ok(())
    }
}

/// Writes anything serde can as JSON.
pub fn write_json<T: serde::Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(json, value).map_err(Error::internal)
}

impl Leaf for String {
    fn nullable_name() -> String {
        "String".into()
    }

    fn register(registry: &mut Registry) {
        <String as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(self, json)
    }
}

impl Leaf for bool {
    fn nullable_name() -> String {
        "Boolean".into()
    }

    fn register(registry: &mut Registry) {
        <bool as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(self, json)
    }
}

impl Leaf for i32 {
    fn nullable_name() -> String {
        "Int".into()
    }

    fn register(registry: &mut Registry) {
        <i32 as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(self, json)
    }
}

impl Leaf for f64 {
    fn nullable_name() -> String {
        "Float".into()
    }

    fn register(registry: &mut Registry) {
        <f64 as OutputType>::create_type_info(registry);
    }

    /// JSON has no NaN and no infinity, nor has GraphQL.
    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        if !self.is_finite() {
            return Err(Error::internal(format!("a Float is {self}")));
        }
        write_json(self, json)
    }
}

/// An object's id: `cus_…`.
#[derive(Clone, Copy, Debug)]
pub struct Identifier<I>(pub I);

impl<I: Id> Leaf for Identifier<I> {
    fn nullable_name() -> String {
        "ID".into()
    }

    fn register(registry: &mut Registry) {
        <async_graphql::ID as InputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        json.push(b'"');
        json.extend_from_slice(I::PREFIX.as_bytes());
        json.push(b'_');
        json.extend_from_slice(&self.0.digits());
        json.push(b'"');
        Ok(())
    }
}

impl Leaf for Timestamp {
    fn nullable_name() -> String {
        "DateTime".into()
    }

    fn register(registry: &mut Registry) {
        <scalars::DateTime as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        json.push(b'"');
        json.extend_from_slice(&self.rfc3339());
        json.push(b'"');
        Ok(())
    }
}

/// A GraphQL enum declared with `#[derive(async_graphql::Enum)]`.
#[derive(Clone, Copy, Debug)]
pub struct EnumLeaf<E>(pub E);

impl<E: async_graphql::resolver_utils::EnumType + OutputType + InputType> Leaf for EnumLeaf<E> {
    fn nullable_name() -> String {
        <E as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <E as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        let name = E::items()
            .iter()
            .find(|item| item.value == self.0)
            .map(|item| item.name)
            .ok_or_else(|| Error::internal("an enum value without a name"))?;
        json.push(b'"');
        json.extend_from_slice(name.as_bytes());
        json.push(b'"');
        Ok(())
    }
}
