//! A read position in a text. Moves by whole characters, so every slice it cuts is valid.

pub(crate) struct Cursor<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, pos: 0 }
    }

    pub(crate) fn pos(&self) -> u32 {
        u32::try_from(self.pos).unwrap_or(u32::MAX)
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.pos >= self.text.len()
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        match self.byte(0)? {
            ascii if ascii < 0x80 => Some(char::from(ascii)),
            _ => self.rest().chars().next(),
        }
    }

    /// The byte `ahead` of the position; good for ASCII look-ahead.
    pub(crate) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.pos.saturating_add(ahead)).copied()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos = self.pos.saturating_add(c.len_utf8());
        Some(c)
    }

    /// Steps over `count` bytes that are known to be ASCII.
    pub(crate) fn skip(&mut self, count: usize) {
        let target = self.pos.saturating_add(count).min(self.text.len());
        if self.text.is_char_boundary(target) {
            self.pos = target;
        }
    }

    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.byte(0) == Some(byte);
        if found {
            self.pos = self.pos.saturating_add(1);
        }
        found
    }

    pub(crate) fn eat_while(&mut self, mut wanted: impl FnMut(char) -> bool) {
        while self.peek().is_some_and(&mut wanted) {
            self.bump();
        }
    }

    /// How many times `byte` stands here in a row.
    pub(crate) fn run_of(&self, byte: u8) -> usize {
        self.rest().bytes().take_while(|b| *b == byte).count()
    }

    pub(crate) fn slice_from(&self, start: u32) -> &'a str {
        self.text.get(start as usize..self.pos).unwrap_or_default()
    }
}

/// A character that ends a line in C#.
pub(crate) const fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
