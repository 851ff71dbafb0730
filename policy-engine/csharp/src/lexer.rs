//! Text to tokens. Reads the whole text at once, reports what it cannot read and goes on; comments and white space leave no tokens.
//!
//! Interpolated strings become flat runs of tokens (`InterpolatedStart`, text, `HoleStart`, the hole's own tokens, ...), so the parser reads
//! holes like any other expression and every span is right without shifting.
mod escape;
mod interpolation;
mod number;
mod string;

use crate::ast::{Literal, Name, StringLiteral};
use crate::cursor::{Cursor, is_newline};
use crate::diagnostic::Diagnostic;
use crate::parser::codes::{self, Rule};
use crate::span::Span;
use crate::token::{Token, TokenKind};
use interpolation::Frame;

pub(crate) use escape::identifier_text;

/// More findings than this in one text are not kept.
pub(crate) const MAX_DIAGNOSTICS: usize = 100;

/// A text's tokens, ending with `Eof`.
pub(crate) struct Tokens {
    pub(crate) list: Vec<Token>,
    pub(crate) literals: Vec<Literal>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads all tokens of `text`.
pub(crate) fn tokenize(text: &str) -> Tokens {
    let mut lexer = Lexer {
        cursor: Cursor::new(text),
        tokens: Vec::with_capacity(text.len() / 4),
        literals: Vec::new(),
        diagnostics: Vec::new(),
        frames: Vec::new(),
        line_start: true,
    };
    lexer.run();
    Tokens { list: lexer.tokens, literals: lexer.literals, diagnostics: lexer.diagnostics }
}

struct Lexer<'a> {
    cursor: Cursor<'a>,
    tokens: Vec<Token>,
    literals: Vec<Literal>,
    diagnostics: Vec<Diagnostic>,
    /// Interpolated strings that are open here, innermost last.
    frames: Vec<Frame>,
    /// Only white space so far on this line.
    line_start: bool,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        while !self.cursor.is_at_end() {
            let before = self.cursor.pos();
            let depth = self.frames.len();
            match self.frames.last() {
                Some(frame) if !frame.in_hole => self.interpolated_text(),
                _ => self.next(),
            }
            // INVARIANT: each turn reads something or closes a frame; the bump is a last resort against a hang.
            if self.cursor.pos() == before && self.frames.len() >= depth {
                self.cursor.bump();
            }
        }
        self.close_frames_at_end();
        self.push(TokenKind::Eof, self.cursor.pos());
    }

    fn next(&mut self) {
        let start = self.cursor.pos();
        let Some(c) = self.cursor.peek() else { return };
        if self.trivia(c) {
            return;
        }
        if c == '#' {
            return self.preprocessor(start);
        }
        self.line_start = false;
        match c {
            '0'..='9' => self.number(start),
            '.' if self.cursor.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(start),
            '"' => self.plain_string(start),
            '\'' => self.char_literal(start),
            '$' | '@' if self.special_string(start) => {}
            '@' if !self.verbatim_identifier_follows() => self.lone_at(start),
            _ if c == '@' || is_identifier_start(c) || self.escape_starts_identifier() => self.identifier(start),
            _ => self.punctuation(start, c),
        }
    }

    /// Skips white space or a comment; false when neither is here.
    fn trivia(&mut self, c: char) -> bool {
        if is_newline(c) {
            self.cursor.bump();
            self.line_start = true;
            return true;
        }
        if c.is_whitespace() || c == '\u{feff}' || c == '\u{1a}' {
            self.cursor.bump();
            return true;
        }
        match (c, self.cursor.byte(1)) {
            ('/', Some(b'/')) => self.cursor.eat_while(|c| !is_newline(c)),
            ('/', Some(b'*')) => self.block_comment(),
            _ => return false,
        }
        true
    }

    fn block_comment(&mut self) {
        let start = self.cursor.pos();
        self.cursor.skip(2);
        match self.cursor.rest().find("*/") {
            Some(at) => self.cursor.skip(at.saturating_add(2)),
            None => {
                self.cursor.skip(self.cursor.rest().len());
                self.report(
                    codes::UNTERMINATED_COMMENT,
                    Span::new(start, start.saturating_add(2)),
                    "this comment is never closed",
                    |d| d.label("opened here").help("end it with `*/`"),
                );
            }
        }
    }

    fn preprocessor(&mut self, start: u32) {
        let at_line_start = self.line_start;
        self.cursor.eat_while(|c| !is_newline(c));
        let span = self.span_from(start);
        let directive = span.slice(self.cursor.text()).trim_start_matches('#').trim();
        let word = directive.split(char::is_whitespace).next().unwrap_or_default();
        if at_line_start && matches!(word, "pragma" | "region" | "endregion" | "nullable" | "warning" | "line") {
            // They change nothing that a policy expression can observe.
        } else if at_line_start && word == "error" {
            self.report(codes::ERROR_DIRECTIVE, span, directive.to_owned(), |d| d);
        } else if at_line_start {
            self.report(
                codes::PREPROCESSOR,
                span,
                "preprocessor lines are not supported in a policy expression",
                |d| d.help("remove the line; use `if` for conditions"),
            );
        } else {
            self.report(codes::PREPROCESSOR_MISPLACED, span, "`#` can only begin a line", |d| d);
        }
    }

    fn identifier(&mut self, start: u32) {
        self.cursor.eat(b'@');
        loop {
            match self.cursor.peek() {
                Some(c) if is_identifier_part(c) => {
                    self.cursor.bump();
                }
                Some('\\') if self.escape_starts_identifier() => escape::skip_unicode_escape(&mut self.cursor),
                _ => break,
            }
        }
        let kind = TokenKind::keyword(self.cursor.slice_from(start)).unwrap_or(TokenKind::Identifier);
        self.push(kind, start);
    }

    fn verbatim_identifier_follows(&self) -> bool {
        let after = self.cursor.rest().chars().nth(1);
        after.is_some_and(is_identifier_start) || after == Some('\\')
    }

    /// `\u0041` begins or continues an identifier when it stands for a character that may.
    fn escape_starts_identifier(&self) -> bool {
        self.cursor.byte(0) == Some(b'\\')
            && escape::peek_unicode_escape(self.cursor.rest()).is_some_and(is_identifier_part)
    }

    fn lone_at(&mut self, start: u32) {
        self.cursor.bump();
        let span = self.span_from(start);
        let help = match self.cursor.byte(0) {
            Some(b'(' | b'{') => "only the start of the whole expression is marked with `@`; remove this one",
            _ => "remove the `@`, or write it directly before a string or an identifier",
        };
        self.report(codes::LONE_AT, span, "a string or an identifier is expected after `@`", |d| d.help(help));
    }

    fn punctuation(&mut self, start: u32, c: char) {
        if self.hole_punctuation(start, c) {
            return;
        }
        let (kind, length) = operator(c, self.cursor.byte(1), self.cursor.byte(2));
        match kind {
            Some(kind) => {
                self.cursor.skip(length);
                self.push(kind, start);
            }
            None => self.unexpected_character(start, c),
        }
    }

    /// Text in quotes of another kind, as word processors and other languages write it: one finding for all of it.
    fn foreign_quotes(&mut self, start: u32, c: char) -> bool {
        let (opening, closing) = match c {
            '\u{201c}' | '\u{201d}' => (c.len_utf8(), "\u{201d}"),
            '\u{2018}' | '\u{2019}' => (c.len_utf8(), "\u{2019}"),
            '\u{ab}' => (c.len_utf8(), "\u{bb}"),
            '`' => (1, "`"),
            '\\' if self.cursor.byte(1) == Some(b'"') => (2, "\\\""),
            _ => return false,
        };
        let rest = self.cursor.rest().get(opening..).unwrap_or_default();
        let line = rest.split(crate::cursor::is_newline).next().unwrap_or_default();
        let Some(length) = line.find(closing) else { return false };
        self.cursor.skip(opening.saturating_add(length).saturating_add(closing.len()));
        let span = self.span_from(start);
        let help = match c {
            '\\' => "quotes need no backslash here, not in attributes either: `\"...\"`",
            _ => "a string stands between straight double quotes: `\"...\"`, with holes: `$\"... {value}\"`",
        };
        self.report(codes::UNEXPECTED_CHARACTER, span, format!("unexpected character `{c}`"), |d| d.help(help));
        self.push(TokenKind::BadLiteral, start);
        true
    }

    fn unexpected_character(&mut self, start: u32, c: char) {
        if self.foreign_quotes(start, c) {
            return;
        }
        self.cursor.bump();
        let span = self.span_from(start);
        let help = match c {
            '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => Some("write straight double quotes `\"`"),
            '\u{2018}' | '\u{2019}' | '`' => Some("write a straight quote: `'` for a character, `\"` for a string"),
            '\u{2013}' | '\u{2014}' | '\u{2212}' => Some("write a plain minus `-`"),
            '\\' => Some("a backslash has a meaning in strings and characters only"),
            '$' => Some("`$` belongs directly before a string: `$\"...\"`"),
            _ => None,
        };
        let shown = if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { c.to_string() };
        self.report(codes::UNEXPECTED_CHARACTER, span, format!("unexpected character `{shown}`"), |mut d| {
            d.help = help.map(str::to_owned);
            d
        });
    }

    // === output ===

    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.cursor.pos())
    }

    fn push(&mut self, kind: TokenKind, start: u32) {
        let span = self.span_from(start);
        self.tokens.push(Token { kind, span, payload: 0 });
    }

    fn push_literal(&mut self, kind: TokenKind, start: u32, value: Literal) {
        let payload = u32::try_from(self.literals.len()).unwrap_or(u32::MAX);
        self.literals.push(value);
        let span = self.span_from(start);
        self.tokens.push(Token { kind, span, payload });
    }

    fn push_string(&mut self, start: u32, value: StringLiteral) {
        self.push_literal(TokenKind::Literal, start, Literal::String(value));
    }

    fn report(
        &mut self,
        rule: Rule,
        span: Span,
        message: impl Into<String>,
        finish: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            let mut diagnostic = Diagnostic::error(rule.code, span, message);
            diagnostic.csharp_code = rule.csharp;
            self.diagnostics.push(finish(diagnostic));
        }
    }

    fn name(&self, text: &str) -> Name {
        Name::from(text)
    }
}

/// A letter or `_`.
pub(crate) fn is_identifier_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && unicode_ident::is_xid_start(c))
}

/// A character that may continue an identifier.
pub(crate) fn is_identifier_part(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || (!c.is_ascii() && (unicode_ident::is_xid_continue(c) || matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}')))
}

/// The longest operator that begins with these bytes. `>` never joins another `>`: see [`TokenKind`].
fn operator(c: char, second: Option<u8>, third: Option<u8>) -> (Option<TokenKind>, usize) {
    use TokenKind::*;
    let (second, third) = (second.unwrap_or(0), third.unwrap_or(0));
    let (kind, length) = match (c, second, third) {
        ('?', b'?', b'=') => (CoalesceAssign, 3),
        ('<', b'<', b'=') => (ShiftLeftAssign, 3),
        ('?', b'?', _) => (Coalesce, 2),
        ('<', b'<', _) => (ShiftLeft, 2),
        ('.', b'.', _) => (DotDot, 2),
        (':', b':', _) => (ColonColon, 2),
        ('+', b'+', _) => (PlusPlus, 2),
        ('+', b'=', _) => (PlusAssign, 2),
        ('-', b'-', _) => (MinusMinus, 2),
        ('-', b'=', _) => (MinusAssign, 2),
        ('-', b'>', _) => (PointerArrow, 2),
        ('*', b'=', _) => (StarAssign, 2),
        ('/', b'=', _) => (SlashAssign, 2),
        ('%', b'=', _) => (PercentAssign, 2),
        ('&', b'&', _) => (AndAnd, 2),
        ('&', b'=', _) => (AndAssign, 2),
        ('|', b'|', _) => (OrOr, 2),
        ('|', b'=', _) => (OrAssign, 2),
        ('^', b'=', _) => (CaretAssign, 2),
        ('!', b'=', _) => (NotEqual, 2),
        ('=', b'=', _) => (Equal, 2),
        ('=', b'>', _) => (FatArrow, 2),
        ('<', b'=', _) => (LessEqual, 2),
        ('>', b'=', _) => (GreaterEqual, 2),
        ('{', ..) => (OpenBrace, 1),
        ('}', ..) => (CloseBrace, 1),
        ('(', ..) => (OpenParen, 1),
        (')', ..) => (CloseParen, 1),
        ('[', ..) => (OpenBracket, 1),
        (']', ..) => (CloseBracket, 1),
        ('.', ..) => (Dot, 1),
        (',', ..) => (Comma, 1),
        (';', ..) => (Semicolon, 1),
        (':', ..) => (Colon, 1),
        ('?', ..) => (Question, 1),
        ('+', ..) => (Plus, 1),
        ('-', ..) => (Minus, 1),
        ('*', ..) => (Star, 1),
        ('/', ..) => (Slash, 1),
        ('%', ..) => (Percent, 1),
        ('&', ..) => (And, 1),
        ('|', ..) => (Or, 1),
        ('^', ..) => (Caret, 1),
        ('!', ..) => (Not, 1),
        ('~', ..) => (Tilde, 1),
        ('=', ..) => (Assign, 1),
        ('<', ..) => (Less, 1),
        ('>', ..) => (Greater, 1),
        _ => return (None, 0),
    };
    (Some(kind), length)
}
