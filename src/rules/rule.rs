//! A compiled rule: judged against facts, or explained clause by clause.

use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr};
use cel::common::types::{CelBool, CelDouble, CelDuration, CelInt, CelNull};
use cel::common::value::CowVal;
use cel::{Context, Value};
use serde_json::Value as Json;

use super::check::Extent;
use super::facts::Facts;
use super::failure;
use super::functions::ENVIRONMENT;
use super::lower::variable;
use super::path::Path;

/// The most work of one evaluation: nodes × size of what is read, and more in loops (see the module's page).
/// Some ten milliseconds.
pub const MAX_WORK: usize = 1_000_000;
/// Whether a condition holds. One that fails does not, and says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub holds: bool,
    pub failure: Option<String>,
}

/// One side of the outermost `&&`, and what it found.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Its text in the rule's source.
    pub expression: String,
    pub holds: bool,
    /// What was found: the value that is compared, else what the clause reads (by path, if that is several).
    pub actual: Json,
    /// What was required of it: `>= 3`; the whole clause if it is no comparison.
    pub required: String,
    /// The value that is compared, if it is one that is read: `attributes.visits_90d`.
    pub compared: Option<Path>,
    /// The roots that the clause reads: `attributes`.
    pub roots: Vec<String>,
    pub failure: Option<String>,
}

/// A rule, ready to be judged. Cheap to share, dear to clone.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) source: String,
    pub(super) parts: Vec<Part>,
    pub(super) extent: Extent,
    pub(super) paths: Vec<Path>,
}

/// A clause of the rule.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub text: Range<usize>,
    pub expression: IdedExpr,
    /// The left side of a comparison, and where the comparison's sign stands.
    pub compared: Option<(IdedExpr, usize)>,
    pub reads: Vec<usize>,
}

impl Rule {
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The paths that the rule reads, sorted: `attributes.visits_90d`, `now`.
    pub fn reads(&self) -> &[Path] {
        &self.paths
    }

    /// Whether the rule reads a root: `now`, so that its verdict changes by time alone.
    pub fn reads_root(&self, root: &str) -> bool {
        self.paths.iter().any(|path| path.root == root)
    }

    /// The first keys that the rule reads below a root: `visits_90d` of `attributes`.
    pub fn keys<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a str> {
        let mut keys: Vec<&str> = self
            .paths
            .iter()
            .filter(|path| path.root == root)
            .filter_map(|path| path.keys.first())
            .map(String::as_str)
            .collect();
        keys.dedup();
        keys.into_iter()
    }

    /// Whether the condition holds.
    pub fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let context = match self.bind(facts) {
            Ok(context) => context,
            Err(failure) => return Verdict { holds: false, failure: Some(failure) },
        };
        let mut failure = None;
        for part in &self.parts {
            match holds(&part.expression, &context) {
                Ok(true) => {}
                // As in CEL: what is false decides, whatever failed beside it.
                Ok(false) => return Verdict { holds: false, failure: None },
                Err(reason) => failure = failure.or(Some(reason)),
            }
        }
        Verdict { holds: failure.is_none(), failure }
    }

    /// The number that the rule gives, or why it gives none.
    pub fn number(&self, facts: &Facts<'_>) -> Result<f64, String> {
        let context = self.bind(facts)?;
        let value = Value::resolve_val(&self.parts[0].expression, &context)
            .map_err(|error| failure::words(&error))?;
        match as_number(&value) {
            Some(number) if number.is_finite() => Ok(number),
            Some(_) => Err("the result is no finite number".into()),
            None => {
                Err(format!("the result is {}, not a number", failure::type_name(value.get_type().name())))
            }
        }
    }

    /// Each clause of the condition, with what it found.
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<Clause> {
        let context = self.bind(facts);
        self.parts.iter().map(|part| self.clause(part, context.as_ref().map_err(String::as_str))).collect()
    }

    fn clause(&self, part: &Part, context: Result<&Context<'_, '_>, &str>) -> Clause {
        let expression = self.source[part.text.clone()].to_owned();
        let sign = part.compared.as_ref().map_or(part.text.start, |(_, sign)| *sign);
        let required = self.source[sign..part.text.end].to_owned();
        let (verdict, actual) = match context {
            Ok(context) => (holds(&part.expression, context), self.found(part, context)),
            // Too much to evaluate is too much to show.
            Err(failure) => (Err(failure.to_owned()), Json::Null),
        };
        let (holds, failure) = verdict.map_or_else(|failure| (false, Some(failure)), |holds| (holds, None));
        let compared = part.compared.as_ref().and_then(|(side, _)| self.read_of(side));
        let mut roots: Vec<String> =
            part.reads.iter().map(|read| self.extent.reads[*read].path.root.clone()).collect();
        roots.sort_unstable();
        roots.dedup();
        Clause { expression, holds, actual, required, compared, roots, failure }
    }

    /// The path that an expression is, if it is nothing else.
    fn read_of(&self, side: &IdedExpr) -> Option<Path> {
        let Expr::Ident(name) = &side.expr else { return None };
        let read = (0..self.extent.reads.len()).find(|read| *name == variable(*read))?;
        Some(self.extent.reads[read].path.clone())
    }

    fn found(&self, part: &Part, context: &Context<'_, '_>) -> Json {
        if let Some((side, _)) = &part.compared {
            return Value::resolve_val(side, context).map_or(Json::Null, |value| json(&value));
        }
        let value =
            |read: &usize| context.get_variable(variable(*read)).map_or(Json::Null, |value| json(&value));
        match part.reads.as_slice() {
            [] => Json::Null,
            [read] => value(read),
            reads => {
                let name = |read: &usize| self.extent.reads[*read].to_string();
                reads.iter().map(|read| (name(read), value(read))).collect::<serde_json::Map<_, _>>().into()
            }
        }
    }

    /// The variables of an evaluation, unless it would be too much work.
    fn bind<'f>(&self, facts: &'f Facts<'_>) -> Result<Context<'f, 'f>, String> {
        if self.work(facts) > MAX_WORK {
            return Err("what the rule reads is too large for it; read less of it, or loop over less".into());
        }
        let mut context = Context::with_env(ENVIRONMENT.clone());
        for (at, read) in self.extent.reads.iter().enumerate() {
            let found = facts.at(&read.path);
            let value = match found {
                _ if read.presence => Box::new(CelBool::from(found.is_some())),
                Some(found) => found.value(),
                None => Box::new(CelNull),
            };
            context.add_variable_as_val(variable(at), value);
        }
        Ok(context)
    }

    /// The steps that an evaluation takes at most, counted before it: a node looks at what the rule reads once,
    /// within a loop once for each element.
    pub fn work(&self, facts: &Facts<'_>) -> usize {
        let (mut all, mut in_loops, mut longest, mut largest) = (0, 0, self.extent.longest_list, 0);
        for read in self.extent.reads.iter().filter(|read| !read.presence) {
            let Some(found) = facts.at(&read.path) else { continue };
            let size = found.size();
            all += size;
            in_loops += if read.in_loop { size } else { 0 };
            longest = longest.max(found.elements());
            largest = if found.elements() > 0 { largest.max(found.largest()) } else { largest };
        }
        self.extent.work(all, in_loops, longest, largest)
    }
}

/// The number that a value is.
pub(super) fn as_number(value: &CowVal<'_, '_>) -> Option<f64> {
    let whole = value.downcast_ref::<CelInt>().map(|whole| *whole.inner() as f64);
    whole.or_else(|| value.downcast_ref::<CelDouble>().map(|decimal| *decimal.inner()))
}

pub(super) fn holds(expression: &IdedExpr, context: &Context<'_, '_>) -> Result<bool, String> {
    let value = Value::resolve_val(expression, context).map_err(|error| failure::words(&error))?;
    let truth = value.downcast_ref::<CelBool>().map(|truth| *truth.inner());
    truth.ok_or_else(|| "the rule is no condition".to_owned())
}

fn json(value: &CowVal<'_, '_>) -> Json {
    if let Some(span) = value.downcast_ref::<CelDuration>() {
        return format!("{}s", span.inner().num_seconds()).into();
    }
    Value::try_from(value.as_ref()).ok().and_then(|value| value.json().ok()).unwrap_or(Json::Null)
}
