//! Strings without holes, and character literals.
use super::escape::TextBuilder;
use super::{Lexer, interpolation::Form};
use crate::ast::{Literal, StringLiteral};
use crate::cursor::is_newline;
use crate::parser::codes;
use crate::span::Span;
use crate::token::TokenKind;

impl Lexer<'_> {
    /// A string that starts with `"`: regular or raw. Inside an unclosed hole the quote may end the outer string instead.
    pub(super) fn plain_string(&mut self, start: u32) {
        let quotes = self.cursor.run_of(b'"');
        if self.quote_ends_hole() {
            return;
        }
        if quotes >= 3 {
            return self.raw_string(start, quotes);
        }
        self.cursor.skip(1);
        let mut text = TextBuilder::default();
        loop {
            match self.cursor.peek() {
                Some('"') => {
                    self.cursor.skip(1);
                    break;
                }
                Some('\\') => {
                    let decoded = self.escape();
                    text.push_decoded(decoded);
                }
                Some(c) if !is_newline(c) => {
                    self.cursor.bump();
                    text.push(c);
                }
                _ => {
                    self.newline_in_constant(start);
                    break;
                }
            }
        }
        self.push_string(start, text.finish());
        self.utf8_suffix(start);
    }

    pub(super) fn newline_in_constant(&mut self, start: u32) {
        let span = self.span_from(start);
        self.report(codes::NEWLINE_IN_CONSTANT, span, "this string is not closed on its line", |d| {
            d.label("opened here").help("end it with `\"`; a string over several lines is written `@\"...\"`")
        });
    }

    /// Strings that start with `$` or `@`. False when no string follows.
    pub(super) fn special_string(&mut self, start: u32) -> bool {
        let dollars = self.cursor.run_of(b'$');
        let rest = self.cursor.rest();
        let after = rest.get(dollars..).unwrap_or_default();
        let quotes = after.bytes().take_while(|b| *b == b'"').count();
        match dollars {
            0 if rest.starts_with("@\"") => self.verbatim_string(start),
            0 if rest.starts_with("@$\"") => self.open_interpolated(start, 3, Form::Verbatim),
            1 if after.starts_with("@\"") => self.open_interpolated(start, 3, Form::Verbatim),
            1.. if quotes >= 3 => self.open_raw(start, dollars, quotes),
            1 if quotes > 0 => self.open_interpolated(start, 2, Form::Regular),
            _ => return false,
        }
        true
    }

    fn verbatim_string(&mut self, start: u32) {
        self.cursor.skip(2);
        let mut text = TextBuilder::default();
        loop {
            match self.cursor.rest().find('"') {
                Some(at) => {
                    text.push_str(self.cursor.rest().get(..at).unwrap_or_default());
                    self.cursor.skip(at.saturating_add(1));
                    if !self.cursor.eat(b'"') {
                        break;
                    }
                    text.push('"');
                }
                None => {
                    text.push_str(self.cursor.rest());
                    self.cursor.skip(self.cursor.rest().len());
                    self.unterminated_verbatim(start, 2);
                    break;
                }
            }
        }
        self.push_string(start, text.finish());
        self.utf8_suffix(start);
    }

    pub(super) fn unterminated_verbatim(&mut self, start: u32, opener: u32) {
        let span = Span::new(start, start.saturating_add(opener));
        self.report(codes::UNTERMINATED_VERBATIM, span, "this string is never closed", |d| {
            d.label("opened here").help("end it with `\"`; inside a verbatim string a quote is written `\"\"`")
        });
    }

    fn raw_string(&mut self, start: u32, quotes: usize) {
        self.cursor.skip(quotes);
        let opener = self.span_from(start);
        let closing = "\"".repeat(quotes);
        let rest = self.cursor.rest();
        let first_line = rest.split(is_newline).next().unwrap_or_default();
        let multiline = first_line.trim().is_empty() && first_line.len() < rest.len();
        let (content, length) = match rest.find(&closing) {
            Some(at) if multiline || at < first_line.len() => {
                (rest.get(..at).unwrap_or_default(), at.saturating_add(quotes))
            }
            _ => {
                let length = if multiline { rest.len() } else { first_line.len() };
                self.cursor.skip(length);
                self.report(codes::UNTERMINATED_RAW, opener, "this raw string is never closed", |d| {
                    d.label("opened here").help(format!("end it with {quotes} quotes"))
                });
                return self.push(TokenKind::BadLiteral, start);
            }
        };
        self.cursor.skip(length);
        let extra = self.cursor.run_of(b'"');
        self.cursor.skip(extra);
        let value = if multiline { dedent_whole(content) } else { Some(content.to_owned()) };
        match value {
            Some(value) if extra == 0 => {
                self.push_string(start, StringLiteral { value: value.into(), utf16: None });
                self.utf8_suffix(start);
            }
            _ => self.raw_layout(start),
        }
    }

    fn raw_layout(&mut self, start: u32) {
        let span = self.span_from(start);
        self.report(codes::RAW_LAYOUT, span, "the lines of this raw string do not fit its closing quotes", |d| {
            d.help("each line begins with the white space that stands before the closing quotes, which stand on a line of their own")
        });
        self.push(TokenKind::BadLiteral, start);
    }

    pub(super) fn utf8_suffix(&mut self, start: u32) {
        if matches!(self.cursor.byte(0), Some(b'u' | b'U')) && self.cursor.byte(1) == Some(b'8') {
            self.cursor.skip(2);
            let span = self.span_from(start);
            self.report(
                codes::UTF8_STRING,
                span,
                "UTF-8 string literals are not supported in a policy expression",
                |d| d.help("use `Encoding.UTF8.GetBytes(\"...\")`"),
            );
        }
    }

    pub(super) fn char_literal(&mut self, start: u32) {
        self.cursor.skip(1);
        let mut text = TextBuilder::default();
        let closed = loop {
            match self.cursor.peek() {
                Some('\'') => {
                    self.cursor.skip(1);
                    break true;
                }
                Some('\\') => {
                    let decoded = self.escape();
                    text.push_decoded(decoded);
                }
                Some(c) if !is_newline(c) => {
                    self.cursor.bump();
                    text.push(c);
                }
                _ => break false,
            }
        };
        let value = text.finish();
        let units: Vec<u16> =
            value.utf16.as_deref().map_or_else(|| value.value.encode_utf16().collect(), <[u16]>::to_vec);
        let span = self.span_from(start);
        match (closed, units.as_slice()) {
            (true, [unit]) => return self.push_literal(TokenKind::Literal, start, Literal::Char(*unit)),
            (true, []) => self.report(codes::EMPTY_CHAR, span, "empty character literal", |d| {
                d.help("an empty string is written `\"\"`")
            }),
            (true, _) => {
                let inner = span.slice(self.cursor.text()).trim_matches('\'').to_owned();
                self.report(codes::LONG_CHAR, span, "too many characters in a character literal", |d| {
                    d.help(format!("write a string with double quotes: `\"{inner}\"`"))
                });
            }
            (false, _) => {
                self.report(codes::NEWLINE_IN_CONSTANT, span, "this character literal is not closed on its line", |d| {
                    d.label("opened here").help("end it with `'`")
                })
            }
        }
        self.push(TokenKind::BadLiteral, start);
    }
}

/// The text of a raw string over several lines: first and last line end dropped, the last line's indentation taken off every line.
fn dedent_whole(content: &str) -> Option<String> {
    let body = content.get(first_line_end(content)?..)?;
    let last_line = body.rfind(is_newline).map_or(0, |at| at.saturating_add(newline_at(body, at)));
    let indent = body.get(last_line..)?;
    if !indent.chars().all(char::is_whitespace) {
        return None;
    }
    if last_line == 0 {
        return Some(String::new());
    }
    let lines = strip_last_newline(body.get(..last_line)?);
    dedent(lines, indent, true)
}

/// Takes `indent` off each line of `text`; blank lines may be shorter. `at_line_start` tells whether `text` itself begins a line.
pub(super) fn dedent(text: &str, indent: &str, at_line_start: bool) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let kept = match line.strip_prefix(indent) {
            _ if number == 0 && !at_line_start => line,
            Some(kept) => kept,
            None if line.trim().is_empty() => line.trim_start_matches([' ', '\t']),
            None => return None,
        };
        result.push_str(kept);
    }
    Some(result)
}

/// Where the text after the first line end begins.
pub(super) fn first_line_end(text: &str) -> Option<usize> {
    let at = text.find(is_newline)?;
    Some(at.saturating_add(newline_at(text, at)))
}

fn newline_at(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with("\r\n") { 2 } else { rest.chars().next().map_or(0, char::len_utf8) }
}

pub(super) fn strip_last_newline(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix(is_newline)).unwrap_or(text)
}
