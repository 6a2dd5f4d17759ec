//! Turns a checked expression into what is evaluated: each path becomes one variable, and CEL's operators become
//! the house's (`operators`).

use std::mem;

use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators as cel_operators,
};
use cel::{Context, Value};

use super::check::Read;
use super::functions::ENVIRONMENT;
use super::operators as own;
use super::path::Path;

/// The operator that is evaluated in the place of one that is written; none if it is no operator.
pub(super) fn operator(name: &str) -> Option<&'static str> {
    Some(match name {
        cel_operators::LESS => own::LESS,
        cel_operators::LESS_EQUALS => own::LESS_EQUALS,
        cel_operators::GREATER => own::GREATER,
        cel_operators::GREATER_EQUALS => own::GREATER_EQUALS,
        cel_operators::ADD => own::ADD,
        cel_operators::SUBSTRACT => own::SUBTRACT,
        cel_operators::MULTIPLY => own::MULTIPLY,
        cel_operators::DIVIDE => own::DIVIDE,
        cel_operators::MODULO => own::REMAINDER,
        cel_operators::NEGATE => own::NEGATE,
        cel_operators::IN => own::IN,
        cel_operators::INDEX => own::AT,
        cel_operators::EQUALS => cel_operators::EQUALS,
        cel_operators::NOT_EQUALS => cel_operators::NOT_EQUALS,
        cel_operators::LOGICAL_AND => cel_operators::LOGICAL_AND,
        cel_operators::LOGICAL_OR => cel_operators::LOGICAL_OR,
        cel_operators::LOGICAL_NOT => cel_operators::LOGICAL_NOT,
        cel_operators::CONDITIONAL => cel_operators::CONDITIONAL,
        _ => return None,
    })
}

/// What an expression gives, as far as its text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Truth,
    Number,
    /// Neither, in words.
    Other(&'static str),
    Unknown,
}

pub(super) fn gives(expression: &IdedExpr) -> Gives {
    match &expression.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => Gives::Truth,
        Expr::Literal(LiteralValue::Int(_) | LiteralValue::Double(_)) => Gives::Number,
        Expr::Literal(LiteralValue::String(_)) => Gives::Other("a text"),
        Expr::List(_) => Gives::Other("a list"),
        Expr::Select(select) if select.test => Gives::Truth,
        Expr::Comprehension(comprehension) if super::check::is_filter(comprehension) => {
            Gives::Other("a list")
        }
        Expr::Comprehension(_) => Gives::Truth,
        Expr::Call(call) => match call.func_name.as_str() {
            cel_operators::LESS
            | cel_operators::LESS_EQUALS
            | cel_operators::GREATER
            | cel_operators::GREATER_EQUALS
            | cel_operators::EQUALS
            | cel_operators::NOT_EQUALS
            | cel_operators::IN
            | cel_operators::LOGICAL_AND
            | cel_operators::LOGICAL_OR
            | cel_operators::LOGICAL_NOT => Gives::Truth,
            // Null in, null out: these are conditions or numbers, or nothing.
            cel_operators::MULTIPLY | cel_operators::DIVIDE | cel_operators::MODULO => Gives::Number,
            "int" | "double" | "size" => Gives::Number,
            "string" => Gives::Other("a text"),
            "timestamp" => Gives::Other("a timestamp"),
            "duration" => Gives::Other("a duration"),
            cel_operators::CONDITIONAL => gives(&call.args[1]),
            name if name.starts_with("get") => Gives::Number,
            _ => Gives::Unknown,
        },
        _ => Gives::Unknown,
    }
}

/// The variable that a read is bound to.
pub(super) fn variable(read: usize) -> String {
    format!("@{read}")
}

pub(super) struct Lower<'a> {
    pub reads: &'a [Read],
    /// The name of a loop's element, within the loop.
    pub element: Option<String>,
}

impl Lower<'_> {
    pub fn expression(&mut self, expression: &mut IdedExpr) {
        if let Some(read) = self.read(expression) {
            expression.expr = Expr::Ident(variable(read));
            return;
        }
        match &mut expression.expr {
            Expr::Select(select) => {
                let mut operand = mem::take(select.operand.as_mut());
                self.expression(&mut operand);
                let key = IdedExpr {
                    id: expression.id,
                    expr: Expr::Literal(LiteralValue::String(mem::take(&mut select.field).into())),
                };
                let name = if select.test { own::HAS } else { own::AT };
                expression.expr = call(name, vec![operand, key]);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => list.elements.iter_mut().for_each(|element| self.expression(element)),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            _ => {}
        }
    }

    /// As `expression`, where a condition is needed.
    pub fn condition(&mut self, expression: &mut IdedExpr) {
        let certain = gives(expression) == Gives::Truth
            && !matches!(&expression.expr, Expr::Call(call) if call.func_name == cel_operators::CONDITIONAL);
        self.expression(expression);
        if !certain {
            let inner = mem::take(expression);
            *expression = IdedExpr { id: inner.id, expr: call(own::TRUTH, vec![inner]) };
        }
    }

    fn read(&self, expression: &IdedExpr) -> Option<usize> {
        let presence = Path::of_presence(expression);
        let (path, presence) = match presence {
            Some(path) => (path, true),
            None => (Path::of(expression)?, false),
        };
        if self.element.as_ref() == Some(&path.root) {
            return None;
        }
        self.reads.iter().position(|read| read.path == path && read.presence == presence)
    }

    fn call(&mut self, call: &mut CallExpr) {
        call.target.iter_mut().for_each(|target| self.expression(target));
        let conditions = match call.func_name.as_str() {
            cel_operators::LOGICAL_AND | cel_operators::LOGICAL_OR | cel_operators::LOGICAL_NOT => {
                call.args.len()
            }
            cel_operators::CONDITIONAL => 1,
            _ => 0,
        };
        for (at, argument) in call.args.iter_mut().enumerate() {
            if at < conditions {
                self.condition(argument);
            } else {
                self.expression(argument);
            }
        }
        if call.target.is_some() {
            return;
        }
        if let Some(name) = operator(&call.func_name) {
            call.func_name = name.to_owned();
        } else if call.func_name == "duration" {
            call.func_name = own::DURATION.to_owned();
        }
    }

    /// Only what the writer wrote: the range and the condition. The rest is CEL's, which knows its own shapes.
    fn comprehension(&mut self, comprehension: &mut ComprehensionExpr) {
        self.expression(&mut comprehension.iter_range);
        let range = mem::take(&mut comprehension.iter_range);
        comprehension.iter_range = IdedExpr { id: range.id, expr: call(own::ITEMS, vec![range]) };
        let Expr::Call(step) = &mut comprehension.loop_step.expr else { return };
        let at = usize::from(step.func_name != cel_operators::CONDITIONAL);
        self.element = Some(comprehension.iter_var.clone());
        self.condition(&mut step.args[at]);
        self.element = None;
    }
}

fn call(name: &str, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args })
}

/// Whether a written text is a timestamp or a duration.
pub(super) fn is_time(function: &str, text: &IdedExpr) -> bool {
    let mut written = IdedExpr { id: 0, expr: call(function, vec![text.clone()]) };
    Lower { reads: &[], element: None }.expression(&mut written);
    Value::resolve_val(&written, &Context::with_env(ENVIRONMENT.clone())).is_ok()
}
