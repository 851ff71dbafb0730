//! Backslash escapes, and strings that may hold lone surrogates.
use std::borrow::Cow;

use super::Lexer;
use crate::ast::StringLiteral;
use crate::cursor::Cursor;
use crate::parser::codes;

/// Collects a string's value. Kept as UTF-8 until a lone surrogate appears, which only UTF-16 can hold.
#[derive(Default)]
pub(super) struct TextBuilder {
    text: String,
    wide: Option<Vec<u16>>,
    pending_high: Option<u16>,
}

impl TextBuilder {
    pub(super) fn push(&mut self, c: char) {
        self.flush();
        self.text.push(c);
        if let Some(wide) = &mut self.wide {
            wide.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.flush();
        self.text.push_str(text);
        if let Some(wide) = &mut self.wide {
            wide.extend(text.encode_utf16());
        }
    }

    /// One UTF-16 unit, as `\ud83d` writes it; two of them may form one character.
    pub(super) fn push_unit(&mut self, unit: u16) {
        match (self.pending_high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = 0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                self.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (high, unit) => {
                self.pending_high = high;
                self.flush();
                match char::from_u32(u32::from(unit)) {
                    Some(c) => self.push(c),
                    None if unit < 0xDC00 => self.pending_high = Some(unit),
                    None => self.lone(unit),
                }
            }
        }
    }

    pub(super) fn push_decoded(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::Char(c) => self.push(c),
            Decoded::Unit(unit) => self.push_unit(unit),
        }
    }

    pub(super) fn finish(mut self) -> StringLiteral {
        self.flush();
        StringLiteral { value: self.text.into(), utf16: self.wide.map(Into::into) }
    }

    fn flush(&mut self) {
        if let Some(high) = self.pending_high.take() {
            self.lone(high);
        }
    }

    fn lone(&mut self, unit: u16) {
        self.wide.get_or_insert_with(|| self.text.encode_utf16().collect()).push(unit);
        self.text.push(char::REPLACEMENT_CHARACTER);
    }
}

/// What an escape stands for.
#[derive(Clone, Copy)]
pub(super) enum Decoded {
    Char(char),
    Unit(u16),
}

impl Lexer<'_> {
    /// Reads an escape that starts at the backslash here. An unknown one is reported and stands for its own character.
    pub(super) fn escape(&mut self) -> Decoded {
        let start = self.cursor.pos();
        self.cursor.bump();
        let Some(c) = self.cursor.peek() else { return Decoded::Char('\\') };
        let simple = match c {
            '\'' | '"' | '\\' => c,
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => return self.hex_escape(start, 1, 4),
            'u' => return self.hex_escape(start, 4, 4),
            'U' => return self.hex_escape(start, 8, 8),
            _ => {
                if crate::cursor::is_newline(c) {
                    return Decoded::Char('\\');
                }
                self.cursor.bump();
                self.bad_escape(start);
                return Decoded::Char(c);
            }
        };
        self.cursor.bump();
        Decoded::Char(simple)
    }

    fn hex_escape(&mut self, start: u32, least: usize, most: usize) -> Decoded {
        self.cursor.bump();
        let (value, count) = read_hex(self.cursor.rest(), most);
        self.cursor.skip(count);
        if count < least {
            self.bad_escape(start);
            return Decoded::Char(char::REPLACEMENT_CHARACTER);
        }
        match (u16::try_from(value), char::from_u32(value)) {
            (Ok(unit), _) => Decoded::Unit(unit),
            (_, Some(c)) => Decoded::Char(c),
            _ => {
                let span = self.span_from(start);
                self.report(codes::CODE_POINT_TOO_LARGE, span, "no character has this code", |d| {
                    d.help("the largest is `\\U0010FFFF`")
                });
                Decoded::Char(char::REPLACEMENT_CHARACTER)
            }
        }
    }

    fn bad_escape(&mut self, start: u32) {
        let span = self.span_from(start);
        let shown = self.cursor.slice_from(start).to_owned();
        self.report(codes::BAD_ESCAPE, span, format!("unrecognized escape sequence `{shown}`"), |d| {
            d.help("write `\\\\` for a backslash, or use a verbatim string: `@\"...\"`")
        });
    }
}

/// Value and length of the hexadecimal digits at the start of `text`, at most `most` of them.
fn read_hex(text: &str, most: usize) -> (u32, usize) {
    let digits = text.chars().take(most).map_while(|c| c.to_digit(16));
    digits.fold((0, 0), |(value, count), digit| (value * 16 + digit, count + 1))
}

/// The character that a `\uXXXX` or `\UXXXXXXXX` at the start of `text` stands for.
pub(super) fn peek_unicode_escape(text: &str) -> Option<char> {
    let (digits, wanted) = match text.as_bytes().get(..2)? {
        b"\\u" => (text.get(2..)?, 4),
        b"\\U" => (text.get(2..)?, 8),
        _ => return None,
    };
    let (value, count) = read_hex(digits, wanted);
    (count == wanted).then_some(value).and_then(char::from_u32)
}

/// Steps over the escape that [`peek_unicode_escape`] found.
pub(super) fn skip_unicode_escape(cursor: &mut Cursor<'_>) {
    let length = if cursor.byte(1) == Some(b'U') { 10 } else { 6 };
    cursor.skip(length);
}

/// An identifier's meaning: without `@`, escapes replaced.
pub(crate) fn identifier_text(written: &str) -> Cow<'_, str> {
    let text = written.strip_prefix('@').unwrap_or(written);
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut cursor = Cursor::new(text);
    while let Some(c) = cursor.peek() {
        match peek_unicode_escape(cursor.rest()) {
            Some(escaped) => {
                decoded.push(escaped);
                skip_unicode_escape(&mut cursor);
            }
            None => {
                decoded.push(c);
                cursor.bump();
            }
        }
    }
    Cow::Owned(decoded)
}
