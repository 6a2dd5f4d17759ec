//! From text to rule: outline, parse, check, lower.

use std::collections::BTreeSet;
use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr, operators as cel_operators};
use cel::parser::Parser;

use super::check::{Check, Extent, Place};
use super::error::{self, RuleError};
use super::lower::{Gives, Lower, gives, variable};
use super::outline;
use super::path::Path;
use super::rule::{Part, Rule};
use super::vocabulary::Vocabulary;

/// Calls of the parser within calls: brackets and conditionals, whose numbers the outline bounds, and some more.
const MAX_PARSER_DEPTH: u16 = 24;

/// What a rule is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Condition,
    Number,
}

impl Rule {
    /// Compiles a rule, or says what is wrong with it and where. Takes some milliseconds at most and little stack,
    /// whatever the source.
    pub fn compile(source: &str, vocabulary: &Vocabulary, expect: Expect) -> Result<Self, RuleError> {
        let mut clauses = outline::clauses(source)?;
        if expect == Expect::Number {
            clauses = std::iter::once(0..source.len()).collect();
        }
        let mut extent = Extent::default();
        let mut parsed = Vec::with_capacity(clauses.len());
        for clause in clauses {
            let text = trimmed(source, clause);
            parsed.push((text.clone(), part(source, text, vocabulary, expect, &mut extent)?));
        }
        let parts = parsed
            .into_iter()
            .map(|(text, (tree, sign))| lowered(text, tree, sign, expect, &extent))
            .collect();
        let mut paths: Vec<Path> = extent.reads.iter().map(|read| read.path.clone()).collect();
        paths.sort();
        paths.dedup();
        Ok(Self { source: source.to_owned(), parts, extent, paths })
    }
}

/// A clause without the blanks around it.
fn trimmed(source: &str, clause: Range<usize>) -> Range<usize> {
    let text = &source[clause.clone()];
    let start = clause.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

/// Parses and checks a clause; gives its tree, and where the sign of its comparison stands if it is one.
fn part(
    source: &str,
    text: Range<usize>,
    vocabulary: &Vocabulary,
    expect: Expect,
    extent: &mut Extent,
) -> Result<(IdedExpr, Option<usize>), RuleError> {
    if text.is_empty() {
        return Err(RuleError::at(source, text.start, "a condition is missing here, beside `&&`"));
    }
    let clause = &source[text.clone()];
    let parsed = Parser::new().max_recursion_depth(MAX_PARSER_DEPTH).parse_with_source_info(clause);
    let (tree, info) = parsed.map_err(|errors| {
        let first = errors.errors.first();
        let (byte, message) = first.map_or((0, ""), |error| (byte_of(clause, error.pos), error.msg.as_str()));
        RuleError::at(source, text.start + byte, error::of_parser(message))
    })?;
    let place = Place { source, base: text.start, info: &info };
    let sign = match &tree.expr {
        Expr::Call(call) if is_comparison(&call.func_name) => {
            let written = matches!(call.args[0].expr, Expr::Literal(_));
            (!written).then(|| place.start(&tree))
        }
        _ => None,
    };
    Check { place, vocabulary, extent, element: None, depth: 0 }.expression(&tree)?;
    let wrong = match (expect, gives(&tree)) {
        (Expect::Condition, Gives::Number) => "this is a number; make it a condition, such as `… >= 1`",
        (Expect::Condition, Gives::Other(_)) => "this is no condition; compare it, such as `… == \"x\"`",
        (Expect::Number, Gives::Truth) => "this is a condition; make it a number, such as `… ? 1 : 0`",
        (Expect::Number, Gives::Other(_)) => "this is no number; use `size(…)`, `int(…)` or `double(…)`",
        _ => return Ok((tree, sign)),
    };
    Err(RuleError::at(source, text.start, wrong))
}

/// The byte at the parser's line and column, both from one.
fn byte_of(text: &str, (line, column): (isize, isize)) -> usize {
    let lines = text.split_inclusive('\n').take(usize::try_from(line - 1).unwrap_or(0));
    let start: usize = lines.map(str::len).sum();
    let inside = text[start..].chars().take(usize::try_from(column - 1).unwrap_or(0));
    start + inside.map(char::len_utf8).sum::<usize>()
}

fn is_comparison(name: &str) -> bool {
    use cel_operators::{EQUALS, GREATER, GREATER_EQUALS, LESS, LESS_EQUALS, NOT_EQUALS};
    [EQUALS, NOT_EQUALS, LESS, LESS_EQUALS, GREATER, GREATER_EQUALS].contains(&name)
}

fn lowered(
    text: Range<usize>,
    mut tree: IdedExpr,
    sign: Option<usize>,
    expect: Expect,
    extent: &Extent,
) -> Part {
    let mut lower = Lower { reads: &extent.reads, element: None };
    match expect {
        Expect::Condition => lower.condition(&mut tree),
        Expect::Number => lower.expression(&mut tree),
    }
    let compared = match (&tree.expr, sign) {
        (Expr::Call(call), Some(sign)) => call.args.first().map(|side| (side.clone(), sign)),
        _ => None,
    };
    let mut names = BTreeSet::new();
    variables(&tree, &mut names);
    let reads = (0..extent.reads.len()).filter(|read| names.contains(&variable(*read))).collect();
    Part { text, expression: tree, compared, reads }
}

/// The names within an expression.
fn variables(expression: &IdedExpr, names: &mut BTreeSet<String>) {
    match &expression.expr {
        Expr::Ident(name) => drop(names.insert(name.clone())),
        Expr::Select(select) => variables(&select.operand, names),
        Expr::Call(call) => {
            call.target.iter().map(AsRef::as_ref).chain(&call.args).for_each(|it| variables(it, names));
        }
        Expr::List(list) => list.elements.iter().for_each(|element| variables(element, names)),
        Expr::Comprehension(inner) => {
            variables(&inner.iter_range, names);
            variables(&inner.loop_step, names);
        }
        _ => {}
    }
}
