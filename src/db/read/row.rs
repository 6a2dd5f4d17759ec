//! What a table's rows are read as: a struct and the list of its columns.

use super::cell::{Cell, RawRow};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};

/// A column: its name, and the field its value goes to.
///
/// ```ignore
/// Column::new("first_name", |row, cell| cell.read(&mut row.first_name))
/// ```
#[derive(Debug)]
pub struct Column<R> {
    pub name: &'static str,
    pub read: fn(&mut R, &Cell<'_>) -> Result<()>,
}

impl<R> Column<R> {
    pub const fn new(name: &'static str, read: fn(&mut R, &Cell<'_>) -> Result<()>) -> Self {
        Self { name, read }
    }
}

/// A row of one table. A bit of [`Columns`] is a position in `COLUMNS`; a column that was not asked for
/// keeps its default.
pub trait Row: Default + Send + 'static {
    const TABLE: &'static str;
    const COLUMNS: &'static [Column<Self>];
    /// The column that tells rows apart which sort alike, always read. For pages it must be an id.
    const TIE: &'static str = "id";

    /// The set of one column, by name; `NONE` for a name the table does not have.
    fn column(name: &str) -> Columns {
        position::<Self>(name).map_or(Columns::NONE, Columns::at)
    }

    /// The names of all columns, in order.
    fn names() -> Vec<&'static str> {
        Self::COLUMNS.iter().map(|column| column.name).collect()
    }
}

fn position<R: Row>(name: &str) -> Option<usize> {
    R::COLUMNS.iter().position(|column| column.name == name)
}

/// The columns a statement reads, in order.
pub(super) struct Layout<R: Row>(Vec<&'static Column<R>>);

impl<R: Row> Layout<R> {
    pub(super) fn new(columns: Columns) -> Self {
        let wanted = |(at, column): (usize, &'static Column<R>)| columns.contains(at).then_some(column);
        Self(R::COLUMNS.iter().enumerate().filter_map(wanted).collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|column| column.name)
    }

    /// Where in a row a column stands; none if it is not read.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// Reads a row whose columns begin behind `offset` others.
    pub(super) fn decode(&self, raw: RawRow<'_>, offset: usize) -> Result<R> {
        let mut row = R::default();
        for (at, column) in self.0.iter().enumerate() {
            let named = |error| Error::internal(format!("{}.{}: {error}", R::TABLE, column.name));
            raw.cell(offset + at).and_then(|cell| (column.read)(&mut row, &cell)).map_err(named)?;
        }
        Ok(row)
    }
}
