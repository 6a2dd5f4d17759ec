//! Why a text is no rule: where, what, and what to do about it.

/// A text that is no rule. Line and column count from one, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct RuleError {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl RuleError {
    /// An error at a byte of the source.
    pub(super) fn at(source: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = source.get(..byte).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, message: message.into() }
    }
}

/// What the parser says, in words for the writer of the rule.
pub(super) fn of_parser(message: &str) -> String {
    let message = message.trim_start_matches("Syntax error: ");
    if let Some(rest) = message.strip_prefix("token recognition error at: ") {
        let text = rest.trim_matches('\'').trim();
        return match text {
            "=" => "`=` sets, it does not compare; write `==`".into(),
            "&" => "write `&&` for “and”".into(),
            "|" => "write `||` for “or”".into(),
            _ => format!("`{text}` has no meaning here"),
        };
    }
    let Some((head, _)) = message.split_once(" expecting ") else { return message.to_owned() };
    let word = head.split('\'').nth(1).unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "<eof>" => "the rule ends where a value should follow".into(),
        "and" => "write `&&` for “and”".into(),
        "or" => "write `||` for “or”".into(),
        "not" => "write `!` for “not”".into(),
        _ => format!("`{word}` is not expected here; an operator or a bracket may be missing before it"),
    }
}
