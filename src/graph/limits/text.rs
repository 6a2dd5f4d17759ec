//! One pass over the text of a document before it is parsed. A recursive parser given deep brackets runs
//! out of stack, which ends the process: so depth is judged here, on bytes, without recursion.
//!
//! The pass must see strings exactly as the parser does, or brackets could hide in what only one of the two
//! takes for a string. Therefore a string without an end is refused here and never reaches the parser.

use super::Refusal;
use super::brackets::Brackets;

/// The most a document's text may hold.
#[derive(Debug, Clone)]
pub struct TextLimits {
    pub bytes: usize,
    /// Nesting of `{`, `[` and `(` together.
    pub depth: usize,
    /// Names, numbers, strings and punctuators.
    pub tokens: usize,
    /// Characters of one name: suggestions for a misspelt name cost its length times the schema.
    pub name: usize,
}

impl Default for TextLimits {
    fn default() -> Self {
        Self { bytes: 256 * 1024, depth: 64, tokens: 10_000, name: 100 }
    }
}

/// Refuses text that is too large, too deep, or that no document may contain.
pub fn scan(text: &str, limits: &TextLimits) -> Result<(), Refusal> {
    if text.len() > limits.bytes {
        return Err(Refusal::too_costly(
            format!(
                "The document has {} bytes; the limit is {}. Split it into smaller operations and pass large \
                 values as variables.",
                text.len(),
                limits.bytes
            ),
            None,
        ));
    }
    Scanner { text, at: 0, tokens: 0, brackets: Brackets::default(), limits }.run()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    tokens: usize,
    brackets: Brackets<'a>,
    limits: &'a TextLimits,
}

impl<'a> Scanner<'a> {
    fn run(mut self) -> Result<(), Refusal> {
        while let Some(byte) = self.byte() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
                b'#' => self.comment()?,
                _ if self.rest().starts_with("\u{feff}".as_bytes()) => self.at += 3,
                _ => self.token(byte)?,
            }
        }
        Ok(())
    }

    fn token(&mut self, byte: u8) -> Result<(), Refusal> {
        self.tokens += 1;
        if self.tokens > self.limits.tokens {
            return Err(self.refuse(format!(
                "The document has more than {} tokens. Split it into smaller operations and pass large values \
                 as variables.",
                self.limits.tokens
            )));
        }
        match byte {
            b'{' | b'[' | b'(' => return self.open(byte),
            b'}' | b']' | b')' => return self.close(byte),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.name(),
            _ => {}
        }
        if let Some(field) = self.brackets.other(byte) {
            return Err(self.repeated(field));
        }
        match byte {
            b'"' if self.rest().starts_with(b"\"\"\"") => self.block_string(),
            b'"' => self.string(),
            b'.' if self.rest().starts_with(b"...") => {
                self.at += 3;
                Ok(())
            }
            b'0'..=b'9' | b'-' => {
                self.at += 1;
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'));
                Ok(())
            }
            _ => self.character(),
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Refusal> {
        self.brackets.open(byte);
        if self.brackets.depth() > self.limits.depth {
            return Err(self.refuse(format!(
                "Brackets are nested more than {} deep. Flatten the selection, or pass nested input as a variable.",
                self.limits.depth
            )));
        }
        self.at += 1;
        Ok(())
    }

    /// A bracket that closes nothing is the parser's to report: it reads no further.
    fn close(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.brackets.close(byte) {
            return Err(self.syntax("Syntax error: there is nothing in these parentheses; leave them out."));
        }
        self.at += 1;
        Ok(())
    }

    fn name(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let text: &'a str = self.text;
        self.brackets.name(text.get(start..self.at).unwrap_or_default());
        let length = self.at - start;
        if length > self.limits.name {
            self.at = start;
            return Err(self.refuse(format!(
                "A name has {length} characters; the limit is {}. Choose a shorter one.",
                self.limits.name
            )));
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Refusal> {
        while let Some(byte) = self.byte() {
            if matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.character()?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                None | Some(b'\n' | b'\r') => return Err(self.unterminated(start)),
                Some(_) => self.character()?,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        if self.rest().starts_with(b"\\u0000") {
            return Err(self.syntax("A string must not contain the character NUL; leave it out."));
        }
        self.at += 1;
        match self.byte() {
            // The end, or a line's: the loop over the string says so.
            None | Some(b'\n' | b'\r') => Ok(()),
            Some(_) => self.character(),
        }
    }

    fn block_string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 3;
        loop {
            let rest = self.rest();
            if rest.starts_with(b"\\\"\"\"") {
                self.at += 4;
            } else if rest.starts_with(b"\"\"\"") {
                break;
            } else if rest.is_empty() {
                return Err(self.unterminated(start));
            } else {
                self.character()?;
            }
        }
        self.at += 3;
        Ok(())
    }

    /// Steps over one byte, unless it is a control character that no document may contain.
    fn character(&mut self) -> Result<(), Refusal> {
        match self.byte() {
            Some(byte) if byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r') => Err(self
                .syntax(&format!("The document contains the control character U+{byte:04X}; leave it out."))),
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&belongs) {
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn unterminated(&mut self, start: usize) -> Refusal {
        self.at = start;
        self.syntax("A string begins here and does not end; close it with the quotes it began with.")
    }

    fn syntax(&self, message: &str) -> Refusal {
        Refusal::syntax(message, location(self.text, self.at))
    }

    fn repeated(&self, field: &str) -> Refusal {
        let message = format!("The field \"{field}\" stands twice in one input object; keep one of the two.");
        Refusal::invalid(message, location(self.text, self.at))
    }

    fn refuse(&self, message: String) -> Refusal {
        Refusal::too_costly(message, Some(location(self.text, self.at)))
    }
}

/// Line and column of a byte, both from 1, columns in characters.
fn location(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    // Continuation bytes of UTF-8 begin no character.
    let column = before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
    (line, column)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
