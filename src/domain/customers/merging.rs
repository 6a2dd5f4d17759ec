//! Customers that turned out to be one. Merging moves nothing: the merged row points at its survivor, and
//! reading the survivor reads what belongs to all its members.

use crate::db::read::Merging;

/// How customers are merged. The survivor of a merged customer was itself not merged.
pub const MERGING: Merging = Merging { table: "customers", into: "merged_into" };
