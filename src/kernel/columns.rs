//! Which columns of a row an operation needs: a set of positions in the row's column list.

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of at most 64 columns, by position in the list of their row type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Columns(u64);

impl Columns {
    pub const NONE: Self = Self(0);
    /// All 63 a row may have; the 64th says something of the list, not of its rows.
    pub const ALL: Self = Self(u64::MAX >> 1);

    pub const fn at(position: usize) -> Self {
        assert!(position < 64, "a row has at most 64 columns");
        Self(1 << position)
    }

    pub fn contains(self, position: usize) -> bool {
        self.0 & Self::at(position).0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Columns {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Columns {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOrAssign for Columns {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
