//! How rows of a graph type nest in a field's value: one, perhaps none, a list of them.

use crate::graph::level::Level;
use crate::graph::output::{Bubble, Output};
use crate::graph::types::GraphType;

/// A field's GraphQL type as a Rust type: `Product` is `Product!`, `Option<Product>` is `Product`,
/// `Vec<Product>` is `[Product!]!`, and so on to any depth.
pub trait Shape: Send + Sync + 'static {
    /// The graph type whose rows the value holds.
    type Type: GraphType;
    /// The value that a batch or an accessor gives.
    type Value: Send + Sync + 'static;

    /// The type as SDL has it, without the outer `!`.
    fn nullable_name() -> String;

    /// The type as SDL has it.
    fn type_name() -> String {
        format!("{}!", Self::nullable_name())
    }

    /// Adds the rows of `value`, in the order in which [`Shape::write`] visits them.
    fn rows<'v>(value: &'v Self::Value, rows: &mut Vec<&'v <Self::Type as GraphType>::Row>);

    /// How many rows `value` holds.
    fn count(value: &Self::Value) -> usize;

    /// Writes `value`, whose first row is row `first` of `level`.
    fn write(
        value: &Self::Value,
        level: &Level<'_, Self::Type>,
        first: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Bubble>;
}

impl<T: GraphType> Shape for T {
    type Type = T;
    type Value = T::Row;

    fn nullable_name() -> String {
        T::name().into_owned()
    }

    fn rows<'v>(value: &'v T::Row, rows: &mut Vec<&'v T::Row>) {
        rows.push(value);
    }

    fn count(_: &T::Row) -> usize {
        1
    }

    fn write(value: &T::Row, level: &Level<'_, T>, first: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        level.write(value, first, out)
    }
}

impl<S: Shape> Shape for Option<S> {
    type Type = S::Type;
    type Value = Option<S::Value>;

    fn nullable_name() -> String {
        S::nullable_name()
    }

    fn type_name() -> String {
        S::nullable_name()
    }

    fn rows<'v>(value: &'v Self::Value, rows: &mut Vec<&'v <S::Type as GraphType>::Row>) {
        if let Some(value) = value {
            S::rows(value, rows);
        }
    }

    fn count(value: &Self::Value) -> usize {
        value.as_ref().map_or(0, S::count)
    }

    fn write(
        value: &Self::Value,
        level: &Level<'_, S::Type>,
        first: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Bubble> {
        let mark = out.mark();
        let written = match value {
            Some(value) => S::write(value, level, first, out),
            None => Err(Bubble),
        };
        if written.is_err() {
            out.null_from(mark);
        }
        Ok(())
    }
}

impl<S: Shape> Shape for Vec<S> {
    type Type = S::Type;
    type Value = Vec<S::Value>;

    fn nullable_name() -> String {
        format!("[{}]", S::type_name())
    }

    fn rows<'v>(value: &'v Self::Value, rows: &mut Vec<&'v <S::Type as GraphType>::Row>) {
        for item in value {
            S::rows(item, rows);
        }
    }

    fn count(value: &Self::Value) -> usize {
        value.iter().map(S::count).sum()
    }

    fn write(
        value: &Self::Value,
        level: &Level<'_, S::Type>,
        mut first: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Bubble> {
        out.byte(b'[');
        for (index, item) in value.iter().enumerate() {
            if index > 0 {
                out.byte(b',');
            }
            let errors = out.errors();
            let written = S::write(item, level, first, out);
            out.locate(errors, || index.into(), None);
            written?;
            first += S::count(item);
        }
        out.byte(b']');
        Ok(())
    }
}
