//! Where an expression ends in raw policy text. Knows strings, characters, comments and brackets and nothing else: what it skips is checked by
//! the real lexer later, but both agree on where the text ends.
use std::fmt;

use super::codes::{self, Rule};
use crate::cursor::{Cursor, is_newline};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Why no end was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScanError {
    pub kind: ScanErrorKind,
    /// What was opened and never closed.
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScanErrorKind {
    /// The text does not start with `@(` or `@{`.
    NotAnExpression,
    /// A bracket is never closed.
    Bracket(char),
    /// A string is not closed on its line, or not at all.
    String,
    /// A character literal is not closed on its line.
    Char,
    /// A `/* */` comment is never closed.
    Comment,
    /// A hole of an interpolated string is never closed.
    Hole,
    /// More brackets or strings are open at once than is read.
    TooDeep,
}

/// Brackets and strings open at once.
const MAX_OPEN: usize = 2_000;

/// The position after the bracket that closes the expression. `text` starts at `@(` or `@{`.
pub fn find_expression_end(text: &str) -> Result<usize, ScanError> {
    let mut scan = Scan { cursor: Cursor::new(text), open: Vec::new() };
    scan.run()
}

impl ScanErrorKind {
    fn rule(self) -> Rule {
        match self {
            Self::NotAnExpression => codes::LONE_AT,
            Self::Bracket(')') => codes::CLOSE_PAREN_EXPECTED,
            Self::Bracket('}') => codes::CLOSE_BRACE_EXPECTED,
            Self::Bracket(_) => codes::CLOSE_BRACKET_EXPECTED,
            Self::String | Self::Char => codes::NEWLINE_IN_CONSTANT,
            Self::Comment => codes::UNTERMINATED_COMMENT,
            Self::Hole => codes::HOLE_NOT_CLOSED,
            Self::TooDeep => codes::TOO_COMPLEX,
        }
    }
}

impl ScanError {
    /// The finding to show, relative to the scanned text.
    pub fn diagnostic(&self) -> Diagnostic {
        let rule = self.kind.rule();
        let mut diagnostic = Diagnostic::error(rule.code, self.span, self.to_string()).label("opened here");
        diagnostic.csharp_code = rule.csharp;
        diagnostic
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ScanErrorKind::NotAnExpression => f.write_str("an expression starts with `@(` or `@{`"),
            ScanErrorKind::Bracket(closer) => write!(f, "`{closer}` is expected: the expression has no end"),
            ScanErrorKind::String => f.write_str("this string of the expression is never closed"),
            ScanErrorKind::Char => f.write_str("this character of the expression is never closed"),
            ScanErrorKind::Comment => f.write_str("this comment of the expression is never closed"),
            ScanErrorKind::Hole => f.write_str("this `{` of an interpolated string is never closed"),
            ScanErrorKind::TooDeep => f.write_str("this expression is too deeply nested"),
        }
    }
}

impl std::error::Error for ScanError {}

/// What is open: a bracket, or an interpolated string whose hole is being read.
#[derive(Clone, Copy)]
struct Open {
    closer: u8,
    at: u32,
    /// `Some` when the closer ends a hole and the string goes on.
    string: Option<Interpolated>,
}

#[derive(Clone, Copy)]
struct Interpolated {
    start: u32,
    verbatim: bool,
    /// Quotes of a raw string, otherwise 0; and the braces that make a hole.
    quotes: usize,
    braces: usize,
}

struct Scan<'a> {
    cursor: Cursor<'a>,
    open: Vec<Open>,
}

impl Scan<'_> {
    fn run(&mut self) -> Result<usize, ScanError> {
        let closer = match (self.cursor.byte(0), self.cursor.byte(1)) {
            (Some(b'@'), Some(b'(')) => b')',
            (Some(b'@'), Some(b'{')) => b'}',
            _ => return self.fail(ScanErrorKind::NotAnExpression, 0, 1),
        };
        self.cursor.skip(2);
        self.open.push(Open { closer, at: 0, string: None });
        while let Some(c) = self.cursor.peek() {
            self.step(c)?;
            if self.open.is_empty() {
                return Ok(self.cursor.pos() as usize);
            }
            if self.open.len() > MAX_OPEN {
                return self.fail(ScanErrorKind::TooDeep, self.cursor.pos(), 1);
            }
        }
        // The outermost bracket is what the author looks for, unless a hole inside swallowed the rest.
        let hole = self.open.iter().rev().find(|open| open.string.is_some()).map(|open| (ScanErrorKind::Hole, open.at));
        let outer = self.open.first().map(|open| (ScanErrorKind::Bracket(char::from(open.closer)), open.at));
        let (kind, at) = hole.or(outer).unwrap_or((ScanErrorKind::Bracket(')'), 0));
        self.fail(kind, at, if at == 0 { 2 } else { 1 })
    }

    fn fail<T>(&self, kind: ScanErrorKind, at: u32, length: u32) -> Result<T, ScanError> {
        let end = u32::try_from(self.cursor.text().len()).unwrap_or(u32::MAX);
        Err(ScanError { kind, span: Span::new(at, at.saturating_add(length).min(end)) })
    }

    fn step(&mut self, c: char) -> Result<(), ScanError> {
        match (c, self.cursor.byte(1)) {
            ('/', Some(b'/')) => self.cursor.eat_while(|c| !is_newline(c)),
            ('/', Some(b'*')) => self.comment()?,
            ('"' | '$' | '@', _) => self.string_or_sign(c)?,
            ('\'', _) => self.quoted('\'', ScanErrorKind::Char)?,
            ('(', _) => self.push(b')'),
            ('[', _) => self.push(b']'),
            ('{', _) => self.push(b'}'),
            (')' | ']' | '}', _) => self.closer(u8::try_from(c).unwrap_or(0))?,
            (':', next) if next != Some(b':') && self.hole_on_top() => self.format()?,
            (':', Some(b':')) => self.cursor.skip(2),
            _ => {
                self.cursor.bump();
            }
        }
        Ok(())
    }

    fn hole_on_top(&self) -> bool {
        self.open.last().is_some_and(|open| open.string.is_some())
    }

    fn push(&mut self, closer: u8) {
        self.open.push(Open { closer, at: self.cursor.pos(), string: None });
        self.cursor.skip(1);
    }

    /// A closer ends the nearest bracket that it fits; inner ones left open by mistake are dropped. One that fits nothing is skipped.
    fn closer(&mut self, closer: u8) -> Result<(), ScanError> {
        let wall = self.open.iter().rposition(|open| open.string.is_some()).unwrap_or(0);
        let fitting = self.open.iter().rposition(|open| open.closer == closer).filter(|at| *at >= wall);
        let Some(index) = fitting else {
            self.cursor.skip(1);
            return Ok(());
        };
        let ended = self.open.get(index).copied();
        self.open.truncate(index);
        match ended.and_then(|open| open.string) {
            Some(string) => {
                let run = self.cursor.run_of(b'}');
                self.cursor.skip(run.min(string.braces));
                self.interpolated_text(string)
            }
            None => {
                self.cursor.skip(1);
                Ok(())
            }
        }
    }

    fn comment(&mut self) -> Result<(), ScanError> {
        let start = self.cursor.pos();
        self.cursor.skip(2);
        match self.cursor.rest().find("*/") {
            Some(at) => {
                self.cursor.skip(at.saturating_add(2));
                Ok(())
            }
            None => self.fail(ScanErrorKind::Comment, start, 2),
        }
    }

    // === strings ===

    fn string_or_sign(&mut self, c: char) -> Result<(), ScanError> {
        let start = self.cursor.pos();
        let rest = self.cursor.rest();
        let dollars = self.cursor.run_of(b'$');
        let after = rest.get(dollars..).unwrap_or_default();
        let quotes = after.bytes().take_while(|b| *b == b'"').count();
        if c == '"' && quotes >= 3 {
            return self.raw(start, quotes);
        }
        if c == '"' {
            self.check_quote_in_hole()?;
            return self.quoted('"', ScanErrorKind::String);
        }
        if rest.starts_with("@\"") {
            return self.verbatim(start);
        }
        let (opener, string) = if rest.starts_with("@$\"") || (dollars == 1 && after.starts_with("@\"")) {
            (3, Interpolated { start, verbatim: true, quotes: 0, braces: 1 })
        } else if dollars > 0 && quotes >= 3 {
            (dollars.saturating_add(quotes), Interpolated { start, verbatim: false, quotes, braces: dollars })
        } else if dollars == 1 && quotes > 0 {
            (2, Interpolated { start, verbatim: false, quotes: 0, braces: 1 })
        } else {
            self.cursor.skip(1);
            return Ok(());
        };
        self.cursor.skip(opener);
        self.interpolated_text(string)
    }

    /// A quote without a partner on its line ends the outer string, so it was the hole that was not closed; the lexer reads it so too.
    fn check_quote_in_hole(&self) -> Result<(), ScanError> {
        let hole = self.open.iter().rev().find_map(|open| Some((open.at, open.string?)));
        let rest_of_line = self.cursor.rest().split(is_newline).next().unwrap_or_default();
        match hole {
            Some((at, string)) if string.quotes == 0 && rest_of_line.matches('"').count() == 1 => {
                self.fail(ScanErrorKind::Hole, at, 1)
            }
            _ => Ok(()),
        }
    }

    /// A string or character with backslash escapes, on one line.
    fn quoted(&mut self, quote: char, kind: ScanErrorKind) -> Result<(), ScanError> {
        let start = self.cursor.pos();
        self.cursor.bump();
        while let Some(c) = self.cursor.bump() {
            match c {
                c if c == quote => return Ok(()),
                '\\' if !self.cursor.peek().is_none_or(is_newline) => {
                    self.cursor.bump();
                }
                c if is_newline(c) => break,
                _ => {}
            }
        }
        self.fail(kind, start, 1)
    }

    fn verbatim(&mut self, start: u32) -> Result<(), ScanError> {
        self.cursor.skip(2);
        while let Some(at) = self.cursor.rest().find('"') {
            self.cursor.skip(at.saturating_add(1));
            if !self.cursor.eat(b'"') {
                return Ok(());
            }
        }
        self.fail(ScanErrorKind::String, start, 2)
    }

    fn raw(&mut self, start: u32, quotes: usize) -> Result<(), ScanError> {
        self.cursor.skip(quotes);
        match self.cursor.rest().find(&"\"".repeat(quotes)) {
            Some(at) => {
                self.cursor.skip(at);
                self.cursor.skip(self.cursor.run_of(b'"'));
                Ok(())
            }
            None => self.fail(ScanErrorKind::String, start, 3),
        }
    }

    /// Reads on to the next hole or the end of the string.
    fn interpolated_text(&mut self, string: Interpolated) -> Result<(), ScanError> {
        while let Some(c) = self.cursor.peek() {
            let run = |byte| self.cursor.run_of(byte);
            match c {
                '"' if string.quotes > 0 => {
                    let run = run(b'"');
                    self.cursor.skip(run);
                    if run >= string.quotes {
                        return Ok(());
                    }
                }
                '"' if string.verbatim && self.cursor.byte(1) == Some(b'"') => self.cursor.skip(2),
                '"' => {
                    self.cursor.skip(1);
                    return Ok(());
                }
                '{' if string.quotes > 0
                    && (run(b'{') < string.braces || run(b'{') >= string.braces.saturating_mul(2)) =>
                {
                    self.cursor.skip(self.cursor.run_of(b'{'));
                }
                '{' if string.quotes == 0 && self.cursor.byte(1) == Some(b'{') => self.cursor.skip(2),
                '{' => {
                    let literal = if string.quotes > 0 { run(b'{').saturating_sub(string.braces) } else { 0 };
                    self.cursor.skip(literal);
                    self.open.push(Open { closer: b'}', at: self.cursor.pos(), string: Some(string) });
                    self.cursor.skip(string.braces);
                    return Ok(());
                }
                '\\' if !string.verbatim && string.quotes == 0 => {
                    self.cursor.bump();
                    if !self.cursor.peek().is_none_or(is_newline) {
                        self.cursor.bump();
                    }
                }
                c if is_newline(c) && !string.verbatim && string.quotes == 0 => break,
                _ => {
                    self.cursor.bump();
                }
            }
        }
        self.fail(ScanErrorKind::String, string.start, 2)
    }

    /// The text between `:` and the `}` of a hole, in which quotes and brackets mean nothing.
    fn format(&mut self) -> Result<(), ScanError> {
        let Some((hole, string)) = self.open.last().and_then(|open| Some((open.at, open.string?))) else {
            return Ok(());
        };
        self.cursor.skip(1);
        while let Some(c) = self.cursor.peek() {
            match c {
                '}' if string.quotes > 0 && self.cursor.run_of(b'}') < string.braces => {
                    self.cursor.skip(1);
                }
                '}' if string.quotes == 0 && self.cursor.byte(1) == Some(b'}') => self.cursor.skip(2),
                '}' => return Ok(()),
                '"' if string.verbatim && self.cursor.byte(1) == Some(b'"') => self.cursor.skip(2),
                '"' if string.quotes == 0 => break,
                c if is_newline(c) => break,
                '\\' if !string.verbatim && string.quotes == 0 => {
                    self.cursor.bump();
                    if !self.cursor.peek().is_none_or(is_newline) {
                        self.cursor.bump();
                    }
                }
                _ => {
                    self.cursor.bump();
                }
            }
        }
        self.fail(ScanErrorKind::Hole, hole, 1)
    }
}
