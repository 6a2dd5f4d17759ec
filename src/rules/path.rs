//! A path that a rule reads: a root name and the keys below it, `traits.address.city`.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

/// What a rule reads: a root, and the keys below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    pub root: String,
    pub keys: Vec<String>,
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root)?;
        for key in &self.keys {
            let mut letters = key.chars();
            let plain = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
                && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if plain {
                write!(f, ".{key}")?;
            } else {
                write!(f, "[{key:?}]")?;
            }
        }
        Ok(())
    }
}

impl Path {
    /// The path that an expression spells: a name, with `.key` or `["key"]` behind it.
    pub(super) fn of(expression: &IdedExpr) -> Option<Self> {
        match &expression.expr {
            Expr::Ident(root) => Some(Self { root: root.clone(), keys: Vec::new() }),
            Expr::Select(select) if !select.test => Self::of(&select.operand)?.then(&select.field),
            Expr::Call(call) if call.func_name == operators::INDEX => match call.args.as_slice() {
                [of, IdedExpr { expr: Expr::Literal(LiteralValue::String(key)), .. }] => {
                    Self::of(of)?.then(key.inner())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The path whose presence `has(…)` asks for.
    pub(super) fn of_presence(expression: &IdedExpr) -> Option<Self> {
        match &expression.expr {
            Expr::Select(select) if select.test => Self::of(&select.operand)?.then(&select.field),
            _ => None,
        }
    }

    fn then(mut self, key: &str) -> Option<Self> {
        self.keys.push(key.to_owned());
        Some(self)
    }
}
