//! Kinds of values, as far as a rule's text and its vocabulary tell them, and comparisons of two kinds that are never
//! equal and have no order: `attributes.visits_90d >= "3"`.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::path::Path;
use super::vocabulary::Vocabulary;

/// What kind of value stands at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    Truth,
    Timestamp,
    Duration,
    List,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "a truth value",
            Self::Timestamp => "a time",
            Self::Duration => "a duration",
            Self::List => "a list",
        }
    }
}

/// Knows the kinds of expressions.
pub(super) struct Kinds<'a> {
    pub vocabulary: &'a Vocabulary,
    /// The name of a loop's element, of which nothing is known.
    pub element: Option<&'a str>,
}

impl Kinds<'_> {
    /// The side of a comparison whose kind is not the other's, and what is wrong with it. Only comparisons of a name
    /// whose kind is known are told.
    pub fn mismatch<'e>(&self, call: &'e CallExpr) -> Option<(&'e IdedExpr, String)> {
        let [left, right] = call.args.as_slice() else { return None };
        match call.func_name.as_str() {
            operators::EQUALS
            | operators::NOT_EQUALS
            | operators::LESS
            | operators::LESS_EQUALS
            | operators::GREATER
            | operators::GREATER_EQUALS => self.pair(left, right).or_else(|| self.pair(right, left)),
            operators::IN => self.within(left, right),
            _ => None,
        }
    }

    fn pair<'e>(&self, name: &IdedExpr, other: &'e IdedExpr) -> Option<(&'e IdedExpr, String)> {
        let (path, kind) = self.named(name)?;
        let other_kind = self.of(other).filter(|other| *other != kind)?;
        let advice = advice(&path, kind, other_kind, other);
        let (kind, other_kind) = (kind.words(), other_kind.words());
        Some((other, format!("`{path}` is {kind}, and this is {other_kind}; {advice}")))
    }

    fn within<'e>(&self, value: &IdedExpr, container: &'e IdedExpr) -> Option<(&'e IdedExpr, String)> {
        if let Expr::List(list) = &container.expr {
            return list.elements.iter().find_map(|element| self.pair(value, element));
        }
        let (path, kind) = self.named(container).filter(|(_, kind)| *kind != Kind::List)?;
        let message = format!("`{path}` is {}, which nothing is in; compare it with `==`", kind.words());
        Some((container, message))
    }

    /// A name whose kind is known.
    fn named(&self, expression: &IdedExpr) -> Option<(Path, Kind)> {
        let path = Path::of(expression).filter(|path| self.element != Some(&path.root))?;
        let kind = self.vocabulary.kind(&path)?;
        Some((path, kind))
    }

    fn of(&self, expression: &IdedExpr) -> Option<Kind> {
        Some(match &expression.expr {
            Expr::Literal(LiteralValue::Int(_) | LiteralValue::Double(_)) => Kind::Number,
            Expr::Literal(LiteralValue::String(_)) => Kind::Text,
            Expr::Literal(LiteralValue::Boolean(_)) => Kind::Truth,
            Expr::List(_) => Kind::List,
            Expr::Call(call) => match call.func_name.as_str() {
                operators::NEGATE => return self.of(call.args.first()?),
                "int" | "double" | "size" => Kind::Number,
                "string" => Kind::Text,
                "timestamp" => Kind::Timestamp,
                "duration" => Kind::Duration,
                _ => return None,
            },
            _ => return self.named(expression).map(|(_, kind)| kind),
        })
    }
}

/// What to write instead.
fn advice(path: &Path, kind: Kind, other_kind: Kind, other: &IdedExpr) -> String {
    let text = match &other.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    };
    match (kind, other_kind) {
        (Kind::Number, _) => match text.filter(|text| text.parse::<f64>().is_ok()) {
            Some(number) => format!("write `{number}` without quotes"),
            None => "compare it with a number such as `3`".to_owned(),
        },
        (Kind::Text, Kind::Timestamp) => format!("write `timestamp({path})`"),
        (Kind::Text, _) => "compare it with a text such as `\"gold\"`, in quotes".to_owned(),
        (Kind::Truth, _) => "compare it with `true` or `false`, without quotes".to_owned(),
        (Kind::Timestamp, _) => {
            let example = text.filter(|text| text.contains('-')).map_or("2026-03-01T18:30:00Z", |text| text);
            format!("compare it with a time such as `timestamp(\"{example}\")`")
        }
        (Kind::Duration, _) => "compare it with a duration such as `duration(\"P7D\")`".to_owned(),
        (Kind::List, _) => format!("ask for what is in it, such as `\"…\" in {path}`"),
    }
}
