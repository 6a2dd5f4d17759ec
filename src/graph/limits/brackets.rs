//! What the parser does not see of brackets: it takes `()` for nothing, and of two fields of one name in an
//! input object it keeps the last.

use std::collections::HashSet;

/// The brackets that are open at a place of the text, and what was read there last.
#[derive(Default)]
pub(super) struct Brackets<'a> {
    open: Vec<Bracket<'a>>,
    /// How many of the open ones are `(`: a `{` in there begins an object, no selection set.
    round: usize,
    last: Last<'a>,
}

enum Bracket<'a> {
    Round,
    Object(HashSet<&'a str>),
    Other,
}

#[derive(Default)]
enum Last<'a> {
    Name(&'a str),
    Round,
    #[default]
    Other,
}

impl<'a> Brackets<'a> {
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    pub fn open(&mut self, byte: u8) {
        self.last = Last::Other;
        self.open.push(match byte {
            b'(' => {
                self.round += 1;
                self.last = Last::Round;
                Bracket::Round
            }
            b'{' if self.round > 0 => Bracket::Object(HashSet::new()),
            _ => Bracket::Other,
        });
    }

    /// Closes the innermost bracket, if there is one; tells whether it was `()`.
    pub fn close(&mut self, byte: u8) -> bool {
        if matches!(self.open.pop(), Some(Bracket::Round)) {
            self.round -= 1;
        }
        byte == b')' && matches!(std::mem::take(&mut self.last), Last::Round)
    }

    pub fn name(&mut self, name: &'a str) {
        self.last = Last::Name(name);
    }

    /// Any other token; gives the name of a field that its object has already.
    pub fn other(&mut self, byte: u8) -> Option<&'a str> {
        let Last::Name(name) = std::mem::take(&mut self.last) else { return None };
        match self.open.last_mut() {
            Some(Bracket::Object(fields)) if byte == b':' => (!fields.insert(name)).then_some(name),
            _ => None,
        }
    }
}
