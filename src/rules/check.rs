//! Checks a parsed clause: names and functions are known, nothing can grow or stall; and says what it reads.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::error::RuleError;
use super::kinds::Kinds;
use super::path::Path;
use super::vocabulary::Vocabulary;
use super::{functions, lower};

/// Nodes of a rule: names, values, operators, calls.
pub const MAX_NODES: usize = 256;
/// How deep a rule's tree may be; evaluation descends as deep.
pub const MAX_DEPTH: usize = 40;

/// Something that a rule reads: the value at a path, or whether there is one.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub path: Path,
    pub presence: bool,
    pub in_loop: bool,
}

impl std::fmt::Display for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.presence { write!(f, "has({})", self.path) } else { write!(f, "{}", self.path) }
    }
}

/// What a rule does, counted: the ground of the bound on its work.
#[derive(Debug, Clone, Default)]
pub(super) struct Extent {
    pub reads: Vec<Read>,
    pub nodes: usize,
    /// Nodes within loops.
    pub in_loops: usize,
    /// Elements of the longest list written in the rule.
    pub longest_list: usize,
    /// Bytes of the texts written in the rule.
    pub text: usize,
}

impl Extent {
    /// The steps of an evaluation at most: over values of these sizes, those read within loops, the elements of
    /// the longest list, and the size of its largest.
    pub fn work(&self, all: usize, in_loops: usize, longest: usize, largest: usize) -> usize {
        let written = self.text / 64 + self.longest_list;
        let outside = self.nodes.saturating_mul(1 + all + written);
        let each = self.in_loops.saturating_mul(1 + in_loops + largest + written);
        outside.saturating_add(each.saturating_mul(longest))
    }
}

/// Where an expression stands in the rule's source.
pub(super) struct Place<'a> {
    pub source: &'a str,
    /// Where the clause begins.
    pub base: usize,
    pub info: &'a SourceInfo,
}

impl Place<'_> {
    /// The byte of the source where an expression's own token begins.
    pub fn start(&self, expression: &IdedExpr) -> usize {
        self.base + self.info.offset_for(expression.id).map_or(0, |(start, _)| start as usize)
    }

    fn error(&self, byte: usize, message: impl Into<String>) -> RuleError {
        RuleError::at(self.source, byte, message)
    }
}

pub(super) struct Check<'a> {
    pub place: Place<'a>,
    pub vocabulary: &'a Vocabulary,
    pub extent: &'a mut Extent,
    /// The name of a loop's element, within the loop.
    pub element: Option<String>,
    pub depth: usize,
}

type Checked = Result<(), RuleError>;

impl Check<'_> {
    pub fn expression(&mut self, expression: &IdedExpr) -> Checked {
        self.count(expression)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the rule nests deeper than {MAX_DEPTH}; split it with `&&` or shorten it");
            return Err(self.place.error(self.place.start(expression), message));
        }
        self.kind(expression)?;
        self.depth -= 1;
        Ok(())
    }

    fn count(&mut self, expression: &IdedExpr) -> Checked {
        self.extent.nodes += 1;
        self.extent.in_loops += usize::from(self.element.is_some());
        if self.extent.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("the rule has more than {MAX_NODES} names, values and operators; shorten it");
        Err(self.place.error(self.place.start(expression), message))
    }

    fn kind(&mut self, expression: &IdedExpr) -> Checked {
        let is_element = |path: &Path| self.element.as_ref() == Some(&path.root);
        if let Some(path) = Path::of_presence(expression).filter(|path| !is_element(path)) {
            return self.path(expression, path, true);
        }
        if let Some(path) = Path::of(expression).filter(|path| !is_element(path)) {
            return self.path(expression, path, false);
        }
        let refuse = |message: &str| Err(self.place.error(self.place.start(expression), message));
        match &expression.expr {
            Expr::Ident(_) => Ok(()),
            Expr::Select(select) => self.expression(&select.operand),
            Expr::Call(call) => {
                if call.target.is_some() || lower::operator(&call.func_name).is_none() {
                    self.function(expression, &call.func_name, call.target.is_some(), call.args.len())?;
                }
                if call.func_name == operators::ADD && call.args.iter().any(is_text_or_list) {
                    return refuse("`+` adds numbers, times and durations; it joins neither texts nor lists");
                }
                call.target.iter().try_for_each(|target| self.expression(target))?;
                call.args.iter().try_for_each(|argument| self.expression(argument))?;
                self.written_member(&call.func_name, &call.args)?;
                self.written_time(&call.func_name, &call.args)?;
                let kinds = Kinds { vocabulary: self.vocabulary, element: self.element.as_deref() };
                match kinds.mismatch(call) {
                    Some((side, message)) => Err(self.place.error(self.start_of(side), message)),
                    None => Ok(()),
                }
            }
            Expr::List(list) => {
                self.extent.longest_list = self.extent.longest_list.max(list.elements.len());
                list.elements.iter().try_for_each(|element| self.expression(element))
            }
            Expr::Comprehension(comprehension) => self.comprehension(expression, comprehension),
            Expr::Literal(LiteralValue::Bytes(_)) => refuse("write a text as \"…\", without `b` before it"),
            Expr::Literal(LiteralValue::UInt(_)) => refuse("write a number without `u` behind it"),
            Expr::Literal(LiteralValue::String(text)) => {
                self.extent.text += text.inner().len();
                Ok(())
            }
            Expr::Literal(_) => Ok(()),
            Expr::Map(_) | Expr::Struct(_) => {
                refuse("a rule makes no objects; compare their fields one by one")
            }
            Expr::Unspecified => refuse("this cannot be read; a value may be missing"),
        }
    }

    fn path(&mut self, expression: &IdedExpr, path: Path, presence: bool) -> Checked {
        if let Err(message) = self.vocabulary.check(&path.root, &path.keys) {
            let known = self.vocabulary.knows(&path.root);
            return Err(self.place.error(self.first(expression, known), message));
        }
        let in_loop = self.element.is_some();
        let same = |read: &&mut Read| read.path == path && read.presence == presence;
        match self.extent.reads.iter_mut().find(same) {
            Some(read) => read.in_loop |= in_loop,
            None => self.extent.reads.push(Read { path, presence, in_loop }),
        }
        Ok(())
    }

    /// Where a path's root begins, or, if that is known, its first key.
    fn first(&self, expression: &IdedExpr, key: bool) -> usize {
        let below = match &expression.expr {
            Expr::Select(select) => select.operand.as_ref(),
            Expr::Call(call) if call.func_name == operators::INDEX => &call.args[0],
            _ => return self.place.start(expression),
        };
        match &below.expr {
            // A presence test stands where `has` stands; the key it asks for is behind its root.
            Expr::Ident(root) if key && Path::of_presence(expression).is_some() => {
                self.place.start(below) + root.len() + 1
            }
            Expr::Ident(_) if key => self.place.start(expression) + 1,
            _ => self.first(below, key),
        }
    }

    /// Where a side of a comparison begins: a name at its root, a call at its name.
    fn start_of(&self, side: &IdedExpr) -> usize {
        if Path::of(side).is_some() { self.first(side, false) } else { self.place.start(side) }
    }

    fn function(&self, expression: &IdedExpr, name: &str, method: bool, values: usize) -> Checked {
        // A call stands where its bracket stands; its name is before it.
        let bracket = self.place.start(expression);
        let before = self.place.source.get(..bracket).unwrap_or_default().trim_end();
        let start = if before.ends_with(name) { before.len() - name.len() } else { bracket };
        functions::check(name, method, values).map_err(|message| self.place.error(start, message))
    }

    /// A text that is looked for in a list whose members are known must be one of them.
    fn written_member(&self, function: &str, values: &[IdedExpr]) -> Checked {
        let [value @ IdedExpr { expr: Expr::Literal(LiteralValue::String(text)), .. }, list] = values else {
            return Ok(());
        };
        let Some(list) = Path::of(list).filter(|_| function == operators::IN) else { return Ok(()) };
        let known = self.vocabulary.check_member(&list.root, text.inner());
        known.map_err(|message| self.place.error(self.place.start(value), message))
    }

    /// A time or duration that is written in the rule must be one.
    fn written_time(&self, function: &str, values: &[IdedExpr]) -> Checked {
        let [value @ IdedExpr { expr: Expr::Literal(LiteralValue::String(text)), .. }] = values else {
            return Ok(());
        };
        let example = match function {
            "timestamp" => "\"2026-03-01T18:30:00Z\"",
            "duration" => "\"P7D\", \"PT12H\" or \"90m\"",
            _ => return Ok(()),
        };
        if lower::is_time(function, value) {
            return Ok(());
        }
        let message = format!("\"{}\" is no {function}; write one such as {example}", text.inner());
        Err(self.place.error(self.place.start(value), message))
    }

    fn comprehension(&mut self, expression: &IdedExpr, comprehension: &ComprehensionExpr) -> Checked {
        let refuse = |message: String| Err(self.place.error(self.place.start(expression), message));
        let Some(condition) = condition(comprehension) else {
            return refuse("`map` is not available in rules; ask with `exists`, `all` or `filter`".into());
        };
        if self.element.is_some() {
            return refuse(
                "a loop (`exists`, `all`, `filter`) within a loop is not available in rules".into(),
            );
        }
        let element = &comprehension.iter_var;
        if self.vocabulary.knows(element) {
            return refuse(format!("`{element}` is taken; give the loop's element another name"));
        }
        if !loops(&comprehension.iter_range) {
            return refuse(
                "a loop goes over a name such as `traits.tags`, or over a list such as `[1, 2]`".into(),
            );
        }
        self.expression(&comprehension.iter_range)?;
        self.element = Some(element.clone());
        let checked = self.expression(condition);
        self.element = None;
        checked
    }
}

fn is_text_or_list(expression: &IdedExpr) -> bool {
    matches!(expression.expr, Expr::Literal(LiteralValue::String(_)) | Expr::List(_))
}

/// Whether a loop may go over an expression: a name, a written list, or what a filter left of one.
fn loops(range: &IdedExpr) -> bool {
    match &range.expr {
        Expr::List(_) => true,
        Expr::Comprehension(inner) => is_filter(inner) && loops(&inner.iter_range),
        _ => Path::of(range).is_some(),
    }
}

/// The condition of `all`, `exists`, `exists_one` and `filter`; none for `map`.
pub(super) fn condition(comprehension: &ComprehensionExpr) -> Option<&IdedExpr> {
    let Expr::Call(step) = &comprehension.loop_step.expr else { return None };
    match step.func_name.as_str() {
        operators::LOGICAL_AND | operators::LOGICAL_OR => step.args.get(1),
        operators::CONDITIONAL if counts(comprehension) || is_filter(comprehension) => step.args.first(),
        _ => None,
    }
}

/// Whether it is `exists_one`, which counts.
fn counts(comprehension: &ComprehensionExpr) -> bool {
    matches!(comprehension.accu_init.expr, Expr::Literal(LiteralValue::Int(_)))
}

/// Whether it is `filter`, which keeps elements as they are.
pub(super) fn is_filter(comprehension: &ComprehensionExpr) -> bool {
    let Expr::Call(step) = &comprehension.loop_step.expr else { return false };
    let Some(Expr::Call(append)) = step.args.get(1).map(|taken| &taken.expr) else { return false };
    let Some(Expr::List(kept)) = append.args.get(1).map(|kept| &kept.expr) else { return false };
    step.func_name == operators::CONDITIONAL
        && matches!(kept.elements.as_slice(), [IdedExpr { expr: Expr::Ident(name), .. }] if *name == comprehension.iter_var)
}
