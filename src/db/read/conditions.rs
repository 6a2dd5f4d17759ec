//! What must hold for a row to be read, and its SQL.

use super::param::Param;
use super::sql::Sql;

/// One condition, already checked to be sensible.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub column: &'static str,
    pub test: Test,
}

/// What a column is compared with.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Compare(&'static str, Param),
    /// The same, or null.
    CompareOrNull(&'static str, Param),
    Any(Param),
    /// One of these ids, and another column at least so much; any of these pairs.
    AnyFrom(&'static str, Vec<(Param, Param)>),
    IsNull,
    NotNull,
}

/// ` AND …` for each of them.
pub(super) fn write_all(sql: &mut Sql, conditions: &[Condition]) {
    for Condition { column, test } in conditions {
        sql.push(" AND ");
        match test {
            Test::Compare(operator, value) => sql.column(column).push(operator).bind(value.clone()),
            Test::CompareOrNull(operator, value) => {
                sql.push("(").column(column).push(" IS NULL OR ").column(column);
                sql.push(operator).bind(value.clone()).push(")")
            }
            Test::Any(list) => sql.column(column).is_any(list.clone()),
            Test::AnyFrom(from, pairs) => {
                sql.push("(");
                for (at, (ids, least)) in pairs.iter().enumerate() {
                    sql.push(if at == 0 { "(" } else { " OR (" }).column(column).is_any(ids.clone());
                    sql.push(" AND ").column(from).push(" >= ").bind(least.clone()).push(")");
                }
                sql.push(")")
            }
            Test::IsNull => sql.column(column).push(" IS NULL"),
            Test::NotNull => sql.column(column).push(" IS NOT NULL"),
        };
    }
}
