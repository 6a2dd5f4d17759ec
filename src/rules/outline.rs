//! The outline of a rule's text, drawn before the parser sees it: whether it is safe to parse (length, brackets,
//! chains of operators), and where its clauses are, which are the sides of the outermost `&&`.

use std::ops::Range;

use super::error::RuleError;

/// Bytes of a rule's text.
pub const MAX_SOURCE: usize = 1024;
/// Brackets within brackets. The parser descends some ten calls for each.
pub const MAX_BRACKETS: usize = 12;
/// Operators and dots between two of `&&`, `||` and `,`. Each makes the tree deeper by one.
pub const MAX_CHAIN: usize = 48;
/// Conditionals `a ? b : c` in all. They nest without brackets.
const MAX_CONDITIONALS: usize = 8;

/// The clauses of a rule as byte ranges of its text, or why the text must not be parsed.
pub(super) fn clauses(source: &str) -> Result<Vec<Range<usize>>, RuleError> {
    if source.len() > MAX_SOURCE {
        let message = format!("the rule has {} bytes; at most {MAX_SOURCE} are allowed", source.len());
        return Err(RuleError::at(source, MAX_SOURCE, message));
    }
    if source.trim().is_empty() {
        return Err(RuleError::at(source, 0, "the rule is empty; write a condition, `true` for everyone"));
    }
    let mut outline =
        Outline { source, open: Vec::new(), chain: 0, conditionals: 0, ands: Vec::new(), one: false };
    let mut at = 0;
    while at < source.len() {
        at = outline.step(at)?;
    }
    if let Some((bracket, at)) = outline.open.last() {
        return Err(RuleError::at(source, *at, format!("this `{}` is never closed", char::from(*bracket))));
    }
    Ok(outline.ranges())
}

struct Outline<'a> {
    source: &'a str,
    /// The brackets that are open, each with its place.
    open: Vec<(u8, usize)>,
    chain: usize,
    conditionals: usize,
    /// The places of the outermost `&&`.
    ands: Vec<usize>,
    /// Whether an outermost `||` or `?` makes the whole one clause.
    one: bool,
}

impl Outline<'_> {
    /// Reads what stands at a byte; gives the byte behind it.
    fn step(&mut self, at: usize) -> Result<usize, RuleError> {
        let bytes = self.source.as_bytes();
        let next = bytes.get(at + 1).copied();
        match bytes[at] {
            b'/' if next == Some(b'/') => {
                return Ok(self.source[at..].find('\n').map_or(bytes.len(), |end| at + end));
            }
            quote @ (b'"' | b'\'') => return self.text(at, quote),
            bracket @ (b'(' | b'[' | b'{') => self.opens(bracket, at)?,
            bracket @ (b')' | b']' | b'}') => self.closes(bracket, at)?,
            b'&' if next == Some(b'&') => {
                self.chain = 0;
                if self.open.is_empty() {
                    self.ands.push(at);
                }
                return Ok(at + 2);
            }
            b'|' if next == Some(b'|') => {
                self.chain = 0;
                self.one |= self.open.is_empty();
                return Ok(at + 2);
            }
            b',' => self.chain = 0,
            b'?' => self.conditional(at)?,
            b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'!' | b'.' => self.operator(at)?,
            _ => {}
        }
        Ok(at + 1)
    }

    fn operator(&mut self, at: usize) -> Result<(), RuleError> {
        self.chain += 1;
        if self.chain <= MAX_CHAIN {
            return Ok(());
        }
        let message =
            format!("more than {MAX_CHAIN} operators in a row; split the rule with `&&` or shorten it");
        Err(RuleError::at(self.source, at, message))
    }

    fn conditional(&mut self, at: usize) -> Result<(), RuleError> {
        self.one |= self.open.is_empty();
        self.conditionals += 1;
        if self.conditionals <= MAX_CONDITIONALS {
            return Ok(());
        }
        let message = format!("more than {MAX_CONDITIONALS} conditionals `a ? b : c` in one rule");
        Err(RuleError::at(self.source, at, message))
    }

    fn opens(&mut self, bracket: u8, at: usize) -> Result<(), RuleError> {
        self.open.push((bracket, at));
        if bracket == b'[' {
            self.operator(at)?;
        }
        if self.open.len() <= MAX_BRACKETS {
            return Ok(());
        }
        Err(RuleError::at(self.source, at, format!("brackets nest deeper than {MAX_BRACKETS}")))
    }

    fn closes(&mut self, bracket: u8, at: usize) -> Result<(), RuleError> {
        let opener = match bracket {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        if self.open.pop().is_some_and(|(open, _)| open == opener) {
            return Ok(());
        }
        let message = format!("this `{}` closes nothing that is open", char::from(bracket));
        Err(RuleError::at(self.source, at, message))
    }

    /// The byte behind a quoted text: `"…"`, `"""…"""`, with backslashes unless it is raw (`r"…"`).
    fn text(&self, at: usize, quote: u8) -> Result<usize, RuleError> {
        let bytes = self.source.as_bytes();
        let mark = [quote; 3];
        let width = if bytes[at..].starts_with(&mark) { 3 } else { 1 };
        let raw = self.raw(at);
        let mut inside = at + width;
        while inside < bytes.len() {
            if bytes[inside] == b'\\' && !raw {
                inside += 2;
            } else if bytes[inside..].starts_with(&mark[..width]) {
                return Ok(inside + width);
            } else {
                inside += 1;
            }
        }
        Err(RuleError::at(self.source, at, "the text that begins here has no closing quote"))
    }

    /// Whether the quote at a byte has the prefix of a raw text: `r`, `br` or `rb`, and no name before it.
    fn raw(&self, at: usize) -> bool {
        let before = &self.source.as_bytes()[..at];
        let word =
            before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let prefix = before[at - word..].to_ascii_lowercase();
        matches!(prefix.as_slice(), b"r" | b"br" | b"rb")
    }

    fn ranges(&self) -> Vec<Range<usize>> {
        let cuts: &[usize] = if self.one { &[] } else { &self.ands };
        let mut start = 0;
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(cuts.len() + 1);
        for cut in cuts {
            ranges.push(start..*cut);
            start = cut + 2;
        }
        ranges.push(start..self.source.len());
        ranges
    }
}
