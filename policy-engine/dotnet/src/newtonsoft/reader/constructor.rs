//! Constructors, which are JavaScript and no JSON, but read by Newtonsoft: `new Date(1577836800000)`.
use super::{Container, Event, Reader, is_space};
use crate::exception::{Exception, Result};

impl Reader<'_> {
    /// From `new` to the bracket after the name.
    pub(super) fn constructor(&mut self) -> Result<Event> {
        const WORD: &str = "new";
        if self.rest().len() < WORD.len() {
            return Err(self.unexpected_end());
        }
        let matching = self.rest().bytes().zip(WORD.bytes()).take_while(|(a, b)| a == b).count();
        self.at = self.at.saturating_add(matching);
        if matching < WORD.len() || !self.at_separator() {
            return Err(self.error("Unexpected content while parsing JSON."));
        }
        self.skip_space();
        let start = self.at;
        loop {
            match self.peek() {
                Some(c) if c.is_alphanumeric() => self.advance(c),
                Some(c) if is_space(c) || c == '(' => break,
                Some(c) => return Err(self.error(&format!("Unexpected character while parsing constructor: {c}."))),
                None => return Err(self.error("Unexpected end while parsing constructor.")),
            }
        }
        let name = self.text.get(start..self.at).unwrap_or_default();
        self.skip_space();
        match self.peek() {
            Some('(') => self.advance('('),
            // Newtonsoft shows the terminating zero of its buffer at the end of the text.
            other => {
                let c = other.unwrap_or('\0');
                return Err(self.error(&format!("Unexpected character while parsing constructor: {c}.")));
            }
        }
        if name.is_empty() {
            return Err(Exception::argument("Constructor name cannot be empty.", "name"));
        }
        self.push(Container::Constructor)?;
        Ok(Event::StartConstructor(name.into()))
    }
}
