//! What a graph type is: a name, a row type and a table of fields.

use std::borrow::Cow;
use std::future::Future;
use std::ops::Add;

use crate::graph::table::FieldTable;
use crate::kernel::viewer::Scope;

/// Which of GraphQL's three composite kinds a graph type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Object,
    Interface,
    Union,
}

/// A composite type of the graph. It is never a value itself: its rows are.
pub trait GraphType: Sized + Send + Sync + 'static {
    /// What one object is made from. Of an interface or union: an enum over the rows of its members.
    type Row: Send + Sync + 'static;
    /// The per-request reader that holds the viewer and whose batches the links call.
    type Reader: Reader;

    const FORM: Form = Form::Object;

    /// The type's name in the schema.
    fn name() -> Cow<'static, str>;
    /// The type's description in the schema.
    fn description() -> Cow<'static, str>;
    /// The names of the row's columns, by position: what fields say they read.
    fn columns() -> Vec<&'static str> {
        Vec::new()
    }
    /// Fills the table of fields.
    fn fields(table: &mut FieldTable<Self>);
}

/// What one load cost, as far as the reader knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    pub statements: u64,
    pub rows: u64,
}

impl Add for Measured {
    type Output = Self;
    fn add(self, more: Self) -> Self {
        Self { statements: self.statements + more.statements, rows: self.rows + more.rows }
    }
}

/// What the executor asks of the per-request reader besides its batches.
pub trait Reader: Send + Sync + 'static {
    /// Whether the viewer holds a scope.
    fn holds(&self, scope: Scope) -> bool;

    /// A fresh id under which an internal failure is logged and shown.
    fn error_id(&self) -> String;

    /// Runs a load and counts its statements; called only when the request wants its plan explained.
    fn measure<F>(&self, load: F) -> impl Future<Output = (F::Output, Measured)> + Send
    where
        F: Future<Output: Send> + Send;
}
