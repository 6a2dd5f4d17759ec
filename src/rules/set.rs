//! Many rules over the same facts: what they read is looked up once, a clause that several of them have is judged
//! once, and a simple clause needs no interpreter. The verdicts are those of [`Rule::judge`].

use std::collections::HashMap;

use cel::common::ast::{Expr, IdedExpr};
use cel::common::types::{CelBool, CelNull};
use cel::{Context, Value};

use super::check::{Extent, Read};
use super::facts::{Facts, Found};
use super::functions::ENVIRONMENT;
use super::lower::variable;
use super::rule::{MAX_WORK, Rule, as_number, holds};
use super::simple::Simple;

/// The most work of all rules of a set together over one customer's facts. What is past it fails without running,
/// so that no set of rules holds up others for long.
pub const MAX_WORK_OF_SET: usize = 4 * MAX_WORK;

/// A rule of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleNo(usize);

/// Rules, made ready to be judged together.
#[derive(Debug, Default)]
pub struct RuleSet {
    reads: Vec<Read>,
    clauses: Vec<Clause>,
    rules: Vec<Member>,
    by_text: HashMap<(String, bool), usize>,
}

#[derive(Debug)]
struct Clause {
    expression: IdedExpr,
    simple: Option<Simple>,
}

#[derive(Debug)]
struct Member {
    /// The simple ones first: what is false decides, in whatever order it is looked at.
    clauses: Box<[usize]>,
    /// What the rule reads, and whether within a loop.
    reads: Box<[(usize, bool)]>,
    extent: Extent,
}

/// What judging a rule gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Holds,
    DoesNot,
    /// It failed; `Rule::judge` says why.
    Failed,
}

impl RuleSet {
    /// Adds a condition or a number.
    pub fn add(&mut self, rule: &Rule, is_number: bool) -> RuleNo {
        let places: Vec<usize> = rule.extent.reads.iter().map(|read| self.place(read)).collect();
        let mut clauses: Vec<usize> = Vec::with_capacity(rule.parts.len());
        for part in &rule.parts {
            let text = rule.source()[part.text.clone()].to_owned();
            let at = match self.by_text.get(&(text.clone(), is_number)) {
                Some(at) => *at,
                None => self.add_clause(text, is_number, &part.expression, &places),
            };
            clauses.push(at);
        }
        clauses.sort_by_key(|at| self.clauses[*at].simple.is_none());
        let reads = rule.extent.reads.iter().zip(&places).filter(|(read, _)| !read.presence);
        let reads = reads.map(|(read, place)| (*place, read.in_loop)).collect();
        let extent = Extent { reads: Vec::new(), ..rule.extent.clone() };
        self.rules.push(Member { clauses: clauses.into(), reads, extent });
        RuleNo(self.rules.len() - 1)
    }

    fn place(&mut self, read: &Read) -> usize {
        let same = |known: &Read| known.path == read.path && known.presence == read.presence;
        self.reads.iter().position(same).unwrap_or_else(|| {
            self.reads.push(read.clone());
            self.reads.len() - 1
        })
    }

    fn add_clause(
        &mut self,
        text: String,
        is_number: bool,
        expression: &IdedExpr,
        places: &[usize],
    ) -> usize {
        let mut expression = expression.clone();
        renumber(&mut expression, places);
        let simple = Simple::of(&expression, &self.reads).filter(|_| !is_number);
        self.clauses.push(Clause { expression, simple });
        self.by_text.insert((text, is_number), self.clauses.len() - 1);
        self.clauses.len() - 1
    }

    /// Looks up once what the rules read.
    pub fn bind<'f>(&'f self, facts: &'f Facts<'f>) -> Session<'f> {
        let found: Vec<_> = self.reads.iter().map(|read| facts.at(&read.path)).collect();
        let sizes = found.iter().map(|found| found.map_or(Size::default(), Size::of)).collect();
        Session {
            set: self,
            found,
            sizes,
            context: None,
            truths: vec![None; self.clauses.len()],
            numbers: HashMap::new(),
            spent: 0,
        }
    }
}

/// Gives the variables of a rule the names that they have in the set.
fn renumber(expression: &mut IdedExpr, places: &[usize]) {
    match &mut expression.expr {
        Expr::Ident(name) => {
            let read = name.strip_prefix('@').and_then(|read| read.parse::<usize>().ok());
            if let Some(place) = read.and_then(|read| places.get(read)) {
                *name = variable(*place);
            }
        }
        Expr::Select(select) => renumber(&mut select.operand, places),
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| renumber(target, places));
            call.args.iter_mut().for_each(|argument| renumber(argument, places));
        }
        Expr::List(list) => list.elements.iter_mut().for_each(|element| renumber(element, places)),
        Expr::Comprehension(inner) => {
            renumber(&mut inner.iter_range, places);
            renumber(&mut inner.loop_step, places);
        }
        _ => {}
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    all: usize,
    elements: usize,
    largest: usize,
}

impl Size {
    fn of(found: Found<'_>) -> Self {
        Self { all: found.size(), elements: found.elements(), largest: found.largest() }
    }
}

/// The rules of a set over the facts of one customer.
pub struct Session<'f> {
    set: &'f RuleSet,
    found: Vec<Option<Found<'f>>>,
    sizes: Vec<Size>,
    /// Made when the first clause needs the interpreter.
    context: Option<Context<'f, 'f>>,
    truths: Vec<Option<Truth>>,
    numbers: HashMap<usize, Option<f64>>,
    /// Work done so far.
    spent: usize,
}

impl Session<'_> {
    /// Whether a condition holds.
    pub fn judge(&mut self, rule: RuleNo) -> Truth {
        let member = &self.set.rules[rule.0];
        let work = self.work(member);
        if work > MAX_WORK {
            return Truth::Failed;
        }
        let mut truth = Truth::Holds;
        for at in &member.clauses {
            match self.clause(*at, work) {
                Truth::Holds => {}
                Truth::DoesNot => return Truth::DoesNot,
                Truth::Failed => truth = Truth::Failed,
            }
        }
        truth
    }

    /// The number that a rule gives; `None` if it fails.
    pub fn number(&mut self, rule: RuleNo) -> Option<f64> {
        let member = &self.set.rules[rule.0];
        let (at, work) = (member.clauses[0], self.work(member));
        if work > MAX_WORK {
            return None;
        }
        if let Some(number) = self.numbers.get(&at) {
            return *number;
        }
        let number = self.spend(work).then(|| {
            let value = Value::resolve_val(&self.set.clauses[at].expression, self.context()).ok()?;
            as_number(&value).filter(|number| number.is_finite())
        });
        let number = number.flatten();
        self.numbers.insert(at, number);
        number
    }

    fn clause(&mut self, at: usize, work: usize) -> Truth {
        if let Some(truth) = self.truths[at] {
            return truth;
        }
        let clause = &self.set.clauses[at];
        let simple = clause.simple.as_ref().and_then(|simple| simple.holds(self.found[simple.read]));
        let truth = match simple {
            Some(true) => Truth::Holds,
            Some(false) => Truth::DoesNot,
            None if !self.spend(work) => Truth::Failed,
            None => match holds(&clause.expression, self.context()) {
                Ok(true) => Truth::Holds,
                Ok(false) => Truth::DoesNot,
                Err(_) => Truth::Failed,
            },
        };
        self.truths[at] = Some(truth);
        truth
    }

    /// Whether there is still so much left to be spent.
    fn spend(&mut self, work: usize) -> bool {
        self.spent = self.spent.saturating_add(work);
        self.spent <= MAX_WORK_OF_SET
    }

    fn work(&self, member: &Member) -> usize {
        let sizes = member.reads.iter().map(|(read, in_loop)| (self.sizes[*read], *in_loop));
        let (mut all, mut in_loops, mut longest, mut largest) = (0, 0, member.extent.longest_list, 0);
        for (size, is_in_loop) in sizes {
            all += size.all;
            in_loops += if is_in_loop { size.all } else { 0 };
            longest = longest.max(size.elements);
            largest = largest.max(size.largest);
        }
        member.extent.work(all, in_loops, longest, largest)
    }

    fn context(&mut self) -> &Context<'_, '_> {
        let (set, found) = (self.set, &self.found);
        self.context.get_or_insert_with(|| {
            let mut context = Context::with_env(ENVIRONMENT.clone());
            for (at, (read, found)) in set.reads.iter().zip(found).enumerate() {
                let value = match found {
                    found if read.presence => Box::new(CelBool::from(found.is_some())),
                    Some(found) => found.value(),
                    None => Box::new(CelNull),
                };
                context.add_variable_as_val(variable(at), value);
            }
            context
        })
    }
}
