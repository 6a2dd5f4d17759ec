//! Pages by key: a page starts behind (or before) a cursor, which names the last row's sort key and id.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use crate::kernel::error::{Error, Result};

/// The most rows a page may have.
pub const MAX_PAGE: u32 = 100;

/// A place in a sorted list: the row's sort key and its id. Opaque outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub key: i64,
    pub id: Uuid,
}

impl Cursor {
    /// The text form: base64 of one byte that names the list's kind, the key and the id.
    pub fn encode(self, kind: u8) -> String {
        let mut bytes = [0; 25];
        bytes[0] = kind;
        bytes[1..9].copy_from_slice(&self.key.to_be_bytes());
        bytes[9..].copy_from_slice(self.id.as_bytes());
        BASE64.encode(bytes)
    }

    /// Reads the text form; a cursor of another list is refused.
    pub fn decode(text: &str, kind: u8) -> Option<Self> {
        let bytes: [u8; 25] = BASE64.decode(text).ok()?.try_into().ok()?;
        (bytes[0] == kind).then(|| Self {
            key: i64::from_be_bytes(bytes[1..9].try_into().unwrap_or_default()),
            id: Uuid::from_slice(&bytes[9..]).unwrap_or_default(),
        })
    }
}

/// Which way a page reads from its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `first` … `after`: from the start of the list on.
    Forward,
    /// `last` … `before`: from the end of the list back.
    Backward,
}

/// A page that was asked for, checked: at most `MAX_PAGE` rows one way, between two optional cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    pub direction: Direction,
    pub limit: u32,
    pub after: Option<Cursor>,
    pub before: Option<Cursor>,
}

impl PageRequest {
    /// Checks Relay's four arguments. `kind` tags the list's cursors; `default` is the size when none is given.
    pub fn try_new(
        (first, after): (Option<i32>, Option<&str>),
        (last, before): (Option<i32>, Option<&str>),
        kind: u8,
        default: u32,
    ) -> Result<Self> {
        let (direction, field, size) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("last", "give `first` or `last`, not both"));
            }
            (_, Some(last)) => (Direction::Backward, "last", last),
            (first, None) => (Direction::Forward, "first", first.unwrap_or(default as i32)),
        };
        let limit = u32::try_from(size)
            .map_err(|_| Error::invalid(field, format!("`{field}` is {size}; it must not be negative")))?;
        let cursor = |field: &str, text: Option<&str>| {
            text.map(|text| {
                Cursor::decode(text, kind).ok_or_else(|| {
                    Error::invalid(
                        field,
                        format!("`{field}` is not a cursor of this list; pass an edge's `cursor` or `pageInfo`'s unchanged"),
                    )
                })
            })
            .transpose()
        };
        Ok(Self {
            direction,
            limit: limit.min(MAX_PAGE),
            after: cursor("after", after)?,
            before: cursor("before", before)?,
        })
    }

    /// The first `limit` rows.
    pub fn first(limit: u32) -> Self {
        Self { direction: Direction::Forward, limit: limit.min(MAX_PAGE), after: None, before: None }
    }
}

/// A page of rows in the list's order, and whether there is more on either side.
#[derive(Clone, Debug)]
pub struct Page<R> {
    pub rows: Vec<R>,
    pub has_next: bool,
    pub has_previous: bool,
    /// The size of the whole list, if it was asked for.
    pub total: Option<u64>,
}

impl<R> Default for Page<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false, total: None }
    }
}

impl<R> Page<R> {
    /// Makes a page of rows as the database gave them: in reading direction, one more than asked for
    /// when there is more.
    pub fn from_read(mut rows: Vec<R>, request: &PageRequest) -> Self {
        let more = rows.len() > request.limit as usize;
        rows.truncate(request.limit as usize);
        let (has_next, has_previous) = match request.direction {
            // A cursor names a row of the list, so there is something beyond it.
            Direction::Forward => (more || request.before.is_some(), request.after.is_some()),
            Direction::Backward => {
                rows.reverse();
                (request.before.is_some(), more || request.after.is_some())
            }
        };
        Self { rows, has_next, has_previous, total: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_only_by_its_own_list() {
        let cursor = Cursor { key: -7, id: Uuid::from_u128(42) };
        let text = cursor.encode(b'p');
        assert_eq!(Cursor::decode(&text, b'p'), Some(cursor));
        assert_eq!(Cursor::decode(&text, b'b'), None);
        for wrong in ["", "x", "AAAA", "é", &text[1..]] {
            assert_eq!(Cursor::decode(wrong, b'p'), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_clamped_and_contradictions_refused() {
        let ask = |first, last| PageRequest::try_new((first, None), (last, None), b'p', 20);
        assert_eq!(ask(None, None).unwrap().limit, 20);
        assert_eq!(ask(Some(1_000_000), None).unwrap().limit, MAX_PAGE);
        assert_eq!(ask(None, Some(3)).unwrap().direction, Direction::Backward);
        assert!(ask(Some(1), Some(1)).is_err());
        assert!(ask(Some(-1), None).is_err());
    }
}
