//! Rows of many parents, each with its parent and what it sorts by: databases promise no order across parents.

use std::cmp::Reverse;

use uuid::Uuid;

use super::cell::RawRow;
use super::row::{Layout, Row};
use super::select::Order;
use crate::kernel::error::{Error, Result};
use crate::kernel::page::{Direction, Page, PageRequest};

/// Where in a row stand the sort key and the tie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    key: usize,
    tie: usize,
}

impl Place {
    pub(super) fn of<R: Row>(key: &str, layout: &Layout<R>) -> Result<Self> {
        let place = layout.position(key).zip(layout.position(R::TIE));
        let (key, tie) = place.ok_or_else(|| {
            Error::internal(format!("a page of {} without the columns that it is sorted by", R::TABLE))
        })?;
        Ok(Self { key, tie })
    }
}

/// A row of one parent.
pub(super) struct Sorted<R> {
    pub(super) parent: Uuid,
    by: (i64, Uuid),
    row: R,
}

impl<R: Row> Sorted<R> {
    /// Reads a row whose first column is the parent.
    pub(super) fn decode(raw: RawRow<'_>, layout: &Layout<R>, place: Place) -> Result<Self> {
        let parent = raw.cell(0)?.get()?;
        let by = (raw.cell(1 + place.key)?.get()?, raw.cell(1 + place.tie)?.get()?);
        Ok(Self { parent, by, row: layout.decode(raw, 1)? })
    }

    /// The page that is among these rows of one parent.
    pub(super) fn page(mut rows: Vec<Self>, order: Order, request: &PageRequest) -> Page<R> {
        match order.reversed_if(request.direction == Direction::Backward) {
            Order::Ascending => rows.sort_unstable_by_key(|sorted| sorted.by),
            Order::Descending => rows.sort_unstable_by_key(|sorted| Reverse(sorted.by)),
        }
        Page::from_read(rows.into_iter().map(|sorted| sorted.row).collect(), request)
    }
}
