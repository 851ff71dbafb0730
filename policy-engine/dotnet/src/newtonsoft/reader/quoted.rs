//! Quoted texts: runs of plain characters, escapes, surrogate pairs.
use super::Reader;
use crate::exception::Result;
use crate::utf16;

/// May a run of plain characters in a quoted text end at this byte?
fn ends_run(b: u8, quote: char) -> bool {
    match b {
        b'\\' | b'\n' | b'\r' => true,
        b'"' | b'\'' => char::from(b) == quote,
        _ => false,
    }
}

impl Reader<'_> {
    /// Reads to the closing quote and past it; `None` if the text stands in the source as it is.
    pub(super) fn quoted(&mut self, quote: char) -> Result<Option<String>> {
        let mut unescaped: Option<String> = None;
        let mut from = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|b| ends_run(*b, quote)) else {
                self.at = self.text.len();
                return Err(self.error(&format!("Unterminated string. Expected delimiter: {quote}.")));
            };
            self.at = self.at.saturating_add(found);
            let before = self.text.get(from..self.at).unwrap_or_default();
            match self.peek() {
                Some('\\') => {
                    unescaped.get_or_insert_default().push_str(before);
                    self.at = self.at.saturating_add(1);
                    let c = self.escape()?;
                    utf16::push_char(unescaped.get_or_insert_default(), c);
                    from = self.at;
                }
                Some(c) if c == quote => {
                    if let Some(text) = &mut unescaped {
                        text.push_str(before);
                    }
                    self.at = self.at.saturating_add(1);
                    return Ok(unescaped);
                }
                Some(c) => self.pass_space(c),
                None => {}
            }
        }
    }

    /// The character after a backslash.
    fn escape(&mut self) -> Result<char> {
        let Some(c) = self.peek() else {
            return Err(self.error("Unterminated string. Expected delimiter: \"."));
        };
        self.advance(c);
        Ok(match c {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            '\\' | '"' | '\'' | '/' => c,
            'u' => return self.unicode(),
            c => return Err(self.error(&format!("Bad JSON escape sequence: \\{c}."))),
        })
    }

    /// `\uXXXX`, two of them for a surrogate pair. An escaped half of one becomes U+FFFD, as the library does.
    fn unicode(&mut self) -> Result<char> {
        let first = self.hex()?;
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at = self.at.saturating_add(2);
            let second = self.hex()?;
            if let Some(Ok(c)) = char::decode_utf16([first, second]).next() {
                return Ok(c);
            }
            self.at = back;
        }
        Ok(char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u16> {
        let rest = self.rest();
        let end = rest.char_indices().nth(4).map_or(rest.len(), |(i, _)| i);
        let digits = rest.get(..end).unwrap_or_default();
        if digits.chars().count() < 4 {
            return Err(self.error("Unexpected end while parsing Unicode escape sequence."));
        }
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(self.error(&format!("Invalid Unicode escape sequence: \\u{digits}.")));
        }
        self.at = self.at.saturating_add(4);
        Ok(u16::from_str_radix(digits, 16).unwrap_or(0xfffd))
    }
}
