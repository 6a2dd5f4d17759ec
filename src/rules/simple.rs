//! Clauses so simple that no interpreter is needed: a value beside a written number or text, a text in a list.
//! What is found of another kind is left to the interpreter, which knows what to say of it.

use std::cmp::Ordering;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as cel_operators};
use serde_json::Value as Json;

use super::check::Read;
use super::facts::{Fact, Found};
use super::lower::variable;
use super::operators as own;

/// Beyond it whole numbers are not told apart as decimal ones.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A simple clause, over one read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Simple {
    pub read: usize,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Number(Sign, f64),
    Text { equal: bool, text: String },
    Within(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
    Equals,
    NotEquals,
}

impl Sign {
    fn of(function: &str) -> Option<Self> {
        Some(match function {
            own::LESS => Self::Less,
            own::LESS_EQUALS => Self::LessEquals,
            own::GREATER => Self::Greater,
            own::GREATER_EQUALS => Self::GreaterEquals,
            cel_operators::EQUALS => Self::Equals,
            cel_operators::NOT_EQUALS => Self::NotEquals,
            _ => return None,
        })
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessEquals => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterEquals => order != Ordering::Less,
            Self::Equals => order == Ordering::Equal,
            Self::NotEquals => order != Ordering::Equal,
        }
    }
}

impl Simple {
    /// The clause that a lowered expression is, if it is a simple one.
    pub fn of(expression: &IdedExpr, reads: &[Read]) -> Option<Self> {
        let Expr::Call(call) = &expression.expr else { return None };
        let [left, right] = call.args.as_slice() else { return None };
        let read = |side: &IdedExpr| match &side.expr {
            Expr::Ident(name) => {
                (0..reads.len()).find(|read| !reads[*read].presence && *name == variable(*read))
            }
            _ => None,
        };
        if call.func_name == own::IN {
            let Expr::Literal(LiteralValue::String(text)) = &left.expr else { return None };
            return Some(Self { read: read(right)?, test: Test::Within(text.inner().to_owned()) });
        }
        let (read, sign) = (read(left)?, Sign::of(&call.func_name)?);
        let test = match &right.expr {
            Expr::Literal(LiteralValue::Int(whole)) => Test::Number(sign, exact(*whole.inner() as f64)?),
            Expr::Literal(LiteralValue::Double(decimal)) => Test::Number(sign, exact(*decimal.inner())?),
            Expr::Literal(LiteralValue::String(text)) => {
                let equal = match sign {
                    Sign::Equals => true,
                    Sign::NotEquals => false,
                    _ => return None,
                };
                Test::Text { equal, text: text.inner().to_owned() }
            }
            _ => return None,
        };
        Some(Self { read, test })
    }

    /// Whether the clause holds of what was found; `None` where only the interpreter can tell.
    pub fn holds(&self, found: Option<Found<'_>>) -> Option<bool> {
        let is_null = matches!(found, None | Some(Found::Fact(Fact::Null) | Found::Json(Json::Null)));
        match &self.test {
            Test::Number(sign, _) if is_null => Some(*sign == Sign::NotEquals),
            Test::Number(sign, number) => Some(sign.accepts(decimal(found?)?.partial_cmp(number)?)),
            Test::Text { equal, .. } if is_null => Some(!equal),
            Test::Text { equal, text } => Some((written(found?)? == text) == *equal),
            Test::Within(_) if is_null => Some(false),
            Test::Within(text) => within(found?, text),
        }
    }
}

fn exact(number: f64) -> Option<f64> {
    (number.abs() < EXACT).then_some(number)
}

fn decimal(found: Found<'_>) -> Option<f64> {
    match found {
        Found::Fact(Fact::Int(whole)) => exact(*whole as f64),
        Found::Fact(Fact::Float(decimal)) => exact(*decimal),
        Found::Json(Json::Number(number)) => exact(number.as_f64()?),
        _ => None,
    }
}

fn written(found: Found<'_>) -> Option<&str> {
    match found {
        Found::Fact(Fact::Text(text)) => Some(text),
        Found::Json(Json::String(text)) => Some(text),
        _ => None,
    }
}

fn within(found: Found<'_>, text: &str) -> Option<bool> {
    match found {
        Found::Fact(Fact::List(list)) => {
            Some(list.iter().any(|fact| matches!(fact, Fact::Text(own) if own == text)))
        }
        Found::Json(Json::Array(list)) => Some(list.iter().any(|json| json.as_str() == Some(text))),
        _ => None,
    }
}
