//! Relay's connections as ordinary graph types over a page of rows: the executor knows nothing of them.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::InputObject;

use crate::graph::table::FieldTable;
use crate::graph::types::{GraphType, Reader};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Cursor, Page, PageRequest};

/// The size of a page when the frontend gives none.
pub const DEFAULT_PAGE: u32 = 20;

/// The column bit of a connection that says: count the whole list.
pub const TOTAL: Columns = Columns::at(63);

/// A type that is listed in pages.
pub trait Paged: GraphType {
    /// Tags the cursors of this type, so that another list's cursor is refused.
    const CURSOR_KIND: u8;

    /// Where in its list the row stands; the store always reads what this needs.
    fn cursor(row: &Self::Row) -> Cursor;

    /// The tag of the row's cursor, for a type whose lists can be sorted by more than one key: a place in
    /// one of them is none in another.
    fn cursor_kind(_row: &Self::Row) -> u8 {
        Self::CURSOR_KIND
    }
}

/// A page of a list of `C`.
pub struct Connection<C>(PhantomData<fn() -> C>);

impl<C: Paged> GraphType for Connection<C> {
    type Row = Page<C::Row>;
    type Reader = C::Reader;

    fn name() -> Cow<'static, str> {
        format!("{}Connection", C::name()).into()
    }

    fn description() -> Cow<'static, str> {
        format!("One page of a list of `{}`.", C::name()).into()
    }

    fn columns() -> Vec<&'static str> {
        C::columns()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.inner::<Vec<Edge<C>>>("edges", "The page's items, each with its cursor.", |page| &page.rows);
        t.inner::<Vec<C>>("nodes", "The page's items without cursors.", |page| &page.rows);
        t.embed::<PageInfo<C::Reader>>("pageInfo", "Where the page lies in the list.", &[], |page| {
            let cursor = |row: Option<&C::Row>| row.map(|row| C::cursor(row).encode(C::cursor_kind(row)));
            PageInfoRow {
                has_next: page.has_next,
                has_previous: page.has_previous,
                start: cursor(page.rows.first()),
                end: cursor(page.rows.last()),
            }
        });
        t.calc(
            "totalCount",
            "How many items the whole list has. Counting costs a statement of its own: select it only where \
             it is shown.",
            &[],
            |page| page.total.map(|total| i32::try_from(total).unwrap_or(i32::MAX)).unwrap_or_default(),
        )
        .also_reads(TOTAL)
        .cost(10);
    }
}

/// An item of a page and its cursor.
pub struct Edge<C>(PhantomData<fn() -> C>);

impl<C: Paged> GraphType for Edge<C> {
    type Row = C::Row;
    type Reader = C::Reader;

    fn name() -> Cow<'static, str> {
        format!("{}Edge", C::name()).into()
    }

    fn description() -> Cow<'static, str> {
        format!("An item of a list of `{}`, and its place in it.", C::name()).into()
    }

    fn columns() -> Vec<&'static str> {
        C::columns()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.inner::<C>("node", "The item.", |row| row);
        t.calc("cursor", "The item's place in the list: pass it as `after` or `before`.", &[], |row| {
            C::cursor(row).encode(C::cursor_kind(row))
        });
    }
}

/// Where a page lies in its list.
pub struct PageInfo<Rd>(PhantomData<fn() -> Rd>);

/// What `PageInfo` is made from.
#[derive(Debug)]
pub struct PageInfoRow {
    has_next: bool,
    has_previous: bool,
    start: Option<String>,
    end: Option<String>,
}

impl<Rd: Reader> GraphType for PageInfo<Rd> {
    type Row = PageInfoRow;
    type Reader = Rd;

    fn name() -> Cow<'static, str> {
        "PageInfo".into()
    }

    fn description() -> Cow<'static, str> {
        "Where a page lies in its list.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("hasNextPage", "True when items follow this page.", &[], |page| &page.has_next);
        t.leaf("hasPreviousPage", "True when items precede this page.", &[], |page| &page.has_previous);
        t.leaf("startCursor", "The first item's cursor; null for an empty page.", &[], |page| &page.start);
        t.leaf("endCursor", "The last item's cursor; null for an empty page.", &[], |page| &page.end);
    }
}

/// The arguments of every connection.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PageArguments {
    /// How many items from the start (or after `after`): 0 to 100, 20 when neither `first` nor `last` is given.
    pub first: Option<i32>,
    /// Start behind this cursor.
    pub after: Option<String>,
    /// How many items from the end (or before `before`), 0 to 100.
    pub last: Option<i32>,
    /// End before this cursor.
    pub before: Option<String>,
}

impl PageArguments {
    /// The page asked for, checked for the list of `C`.
    pub fn request<C: Paged>(&self) -> Result<PageRequest> {
        self.request_of(C::CURSOR_KIND)
    }

    /// The same for a list whose cursors have this tag.
    pub fn request_of(&self, cursor_kind: u8) -> Result<PageRequest> {
        PageRequest::try_new(
            (self.first, self.after.as_deref()),
            (self.last, self.before.as_deref()),
            cursor_kind,
            DEFAULT_PAGE,
        )
    }
}
