//! Interpolated strings: regular, verbatim and raw. Each open one is a [`Frame`]; inside its hole the ordinary rules apply, plus the few here.
use super::Lexer;
use super::escape::TextBuilder;
use super::string::{dedent, first_line_end, strip_last_newline};
use crate::ast::{Literal, StringLiteral};
use crate::cursor::is_newline;
use crate::parser::codes;
use crate::span::Span;
use crate::token::TokenKind;

/// An interpolated string that is not closed yet.
pub(super) struct Frame {
    form: Form,
    opener: Span,
    pub(super) in_hole: bool,
    hole_start: u32,
    /// Brackets open inside the hole.
    nest: u32,
    /// Text pieces of a raw string over several lines; their indentation is known at the end only.
    texts: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Regular,
    Verbatim,
    Raw { dollars: usize, quotes: usize, multiline: bool },
}

impl Form {
    /// How many braces open or close a hole.
    fn braces(self) -> usize {
        if let Self::Raw { dollars, .. } = self { dollars } else { 1 }
    }
}

impl Lexer<'_> {
    pub(super) fn open_interpolated(&mut self, start: u32, opener: usize, form: Form) {
        self.cursor.skip(opener);
        self.push(TokenKind::InterpolatedStart, start);
        let opener = self.span_from(start);
        self.frames.push(Frame { form, opener, in_hole: false, hole_start: start, nest: 0, texts: Vec::new() });
    }

    pub(super) fn open_raw(&mut self, start: u32, dollars: usize, quotes: usize) {
        let after = self.cursor.rest().get(dollars.saturating_add(quotes)..).unwrap_or_default();
        let first_line = after.split(is_newline).next().unwrap_or_default();
        let multiline = first_line.trim().is_empty() && first_line.len() < after.len();
        self.open_interpolated(start, dollars.saturating_add(quotes), Form::Raw { dollars, quotes, multiline });
    }

    /// Reads text up to the next hole or the end of the string.
    pub(super) fn interpolated_text(&mut self) {
        let Some(form) = self.frames.last().map(|frame| frame.form) else { return };
        let start = self.cursor.pos();
        let mut text = TextBuilder::default();
        let stop = loop {
            match self.text_step(form, &mut text) {
                Some(stop) => break stop,
                None => continue,
            }
        };
        if self.cursor.pos() > start {
            self.push_literal(TokenKind::InterpolatedText, start, Literal::String(text.finish()));
            let index = u32::try_from(self.literals.len().saturating_sub(1)).unwrap_or(u32::MAX);
            if let Some(frame) = self.frames.last_mut() {
                frame.texts.push(index);
            }
        }
        match stop {
            Stop::Hole => self.open_hole(form),
            Stop::End(quotes) => {
                let start = self.cursor.pos();
                self.cursor.skip(quotes);
                self.close_frame(start, true);
            }
            Stop::Unterminated => self.unterminated(form),
        }
    }

    /// Reads one piece of text, or says why reading stops here.
    fn text_step(&mut self, form: Form, text: &mut TextBuilder) -> Option<Stop> {
        let Some(c) = self.cursor.peek() else { return Some(Stop::Unterminated) };
        match (form, c) {
            (Form::Raw { quotes, .. }, '"') => {
                let run = self.cursor.run_of(b'"');
                if run >= quotes {
                    return Some(Stop::End(run));
                }
                text.push_str(&"\"".repeat(run));
                self.cursor.skip(run);
            }
            (Form::Verbatim, '"') if self.cursor.byte(1) == Some(b'"') => {
                text.push('"');
                self.cursor.skip(2);
            }
            (_, '"') => return Some(Stop::End(1)),
            (Form::Regular, '\\') => {
                let decoded = self.escape();
                text.push_decoded(decoded);
            }
            (Form::Regular, c) if is_newline(c) => return Some(Stop::Unterminated),
            (Form::Raw { multiline: false, .. }, c) if is_newline(c) => return Some(Stop::Unterminated),
            (Form::Raw { dollars, .. }, '{' | '}') => return self.raw_braces(c, dollars, text),
            (_, '{') if self.cursor.byte(1) != Some(b'{') => return Some(Stop::Hole),
            (_, '{') => {
                text.push('{');
                self.cursor.skip(2);
            }
            (_, '}') => self.close_brace_in_text(text),
            (_, c) => {
                text.push(c);
                self.cursor.bump();
            }
        }
        None
    }

    fn close_brace_in_text(&mut self, text: &mut TextBuilder) {
        text.push('}');
        let start = self.cursor.pos();
        self.cursor.skip(1);
        if !self.cursor.eat(b'}') {
            let span = self.span_from(start);
            self.report(codes::LONE_CLOSE_BRACE, span, "a `}` in an interpolated string must be doubled", |d| {
                d.help("write `}}` for a brace")
            });
        }
    }

    fn raw_braces(&mut self, c: char, dollars: usize, text: &mut TextBuilder) -> Option<Stop> {
        let run = self.cursor.run_of(u8::try_from(c).unwrap_or(b'{'));
        if run < dollars {
            text.push_str(&c.to_string().repeat(run));
            self.cursor.skip(run);
            return None;
        }
        if c == '{' && run < dollars.saturating_mul(2) {
            let literal = run.saturating_sub(dollars);
            text.push_str(&"{".repeat(literal));
            self.cursor.skip(literal);
            return Some(Stop::Hole);
        }
        let start = self.cursor.pos();
        self.cursor.skip(run);
        let span = self.span_from(start);
        self.report(codes::RAW_BRACES, span, "too many braces in a row for this raw string", |d| {
            d.help("begin the string with more `$` signs")
        });
        None
    }

    fn open_hole(&mut self, form: Form) {
        let start = self.cursor.pos();
        self.cursor.skip(form.braces());
        self.push(TokenKind::HoleStart, start);
        if let Some(frame) = self.frames.last_mut() {
            (frame.in_hole, frame.hole_start, frame.nest) = (true, start, 0);
        }
    }

    /// Characters that mean something else inside a hole. True when one was read.
    pub(super) fn hole_punctuation(&mut self, start: u32, c: char) -> bool {
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.in_hole) else { return false };
        match (c, frame.nest) {
            ('}', 0) => {
                frame.in_hole = false;
                let braces = frame.form.braces();
                self.cursor.skip(self.cursor.run_of(b'}').min(braces));
                self.push(TokenKind::HoleEnd, start);
                true
            }
            (':', 0) if self.cursor.byte(1) != Some(b':') => {
                self.hole_format(start);
                true
            }
            (';', 0) => {
                self.hole_not_closed();
                false
            }
            ('(' | '[' | '{', _) => {
                frame.nest = frame.nest.saturating_add(1);
                false
            }
            (')' | ']' | '}', _) => {
                frame.nest = frame.nest.saturating_sub(1);
                false
            }
            _ => false,
        }
    }

    /// A quote inside a hole that has no partner on its line is the end of the outer string, whose hole was not closed.
    pub(super) fn quote_ends_hole(&mut self) -> bool {
        let in_hole = self.frames.last().is_some_and(|frame| frame.in_hole && !matches!(frame.form, Form::Raw { .. }));
        // Looks no further than to the next quote: every string of a long line comes here.
        let quotes = |rest: &str| rest.chars().take_while(|c| !is_newline(*c)).filter(|c| *c == '"').take(2).count();
        if !in_hole || quotes(self.cursor.rest()) != 1 {
            return false;
        }
        self.cursor.skip(1);
        self.hole_not_closed();
        true
    }

    fn hole_format(&mut self, start: u32) {
        let Some(form) = self.frames.last().map(|frame| frame.form) else { return };
        self.cursor.skip(1);
        let mut text = TextBuilder::default();
        let closed = loop {
            let Some(c) = self.cursor.peek() else { break false };
            match (form, c) {
                (Form::Raw { dollars, .. }, '}') if self.cursor.run_of(b'}') >= dollars => break true,
                (Form::Raw { .. }, c) if !is_newline(c) => {
                    text.push(c);
                    self.cursor.bump();
                }
                (_, '}') if self.cursor.byte(1) == Some(b'}') => {
                    text.push('}');
                    self.cursor.skip(2);
                }
                (_, '}') => break true,
                (Form::Verbatim, '"') if self.cursor.byte(1) == Some(b'"') => {
                    text.push('"');
                    self.cursor.skip(2);
                }
                (_, '"') => break false,
                (_, c) if is_newline(c) => break false,
                (_, '{') => self.open_brace_in_format(&mut text),
                (Form::Regular, '\\') => {
                    let decoded = self.escape();
                    text.push_decoded(decoded);
                }
                (_, c) => {
                    text.push(c);
                    self.cursor.bump();
                }
            }
        };
        let value = text.finish();
        if value.value.is_empty() && closed {
            let span = self.span_from(start);
            self.report(codes::EMPTY_FORMAT, span, "a format is expected after `:`", |d| d);
        }
        self.push_literal(TokenKind::HoleFormat, start, Literal::String(value));
        if !closed {
            self.cursor.eat(b'"');
            self.hole_not_closed();
        }
    }

    fn open_brace_in_format(&mut self, text: &mut TextBuilder) {
        text.push('{');
        let start = self.cursor.pos();
        self.cursor.skip(1);
        if !self.cursor.eat(b'{') {
            let span = self.span_from(start);
            self.report(codes::LONE_OPEN_BRACE, span, "a `{` in a format must be doubled", |d| d);
        }
    }

    fn hole_not_closed(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let braces = u32::try_from(frame.form.braces()).unwrap_or(1);
        let (span, opener) = (Span::new(frame.hole_start, frame.hole_start.saturating_add(braces)), frame.opener);
        self.report(codes::HOLE_NOT_CLOSED, span, "this `{` of an interpolated string is never closed", |d| {
            d.help("close it with `}`; a brace as text is written `{{`").also(opener, "the string begins here")
        });
        let at = self.cursor.pos();
        self.push(TokenKind::HoleEnd, at);
        self.close_frame(at, false);
    }

    fn unterminated(&mut self, form: Form) {
        let Some(opener) = self.frames.last().map(|frame| frame.opener) else { return };
        match form {
            Form::Regular => self.newline_in_constant(opener.start),
            Form::Verbatim => self.unterminated_verbatim(opener.start, opener.len()),
            Form::Raw { .. } => self.report(codes::UNTERMINATED_RAW, opener, "this raw string is never closed", |d| d),
        }
        self.close_frame(self.cursor.pos(), false);
    }

    /// Ends the innermost interpolated string.
    fn close_frame(&mut self, start: u32, complete: bool) {
        self.push(TokenKind::InterpolatedEnd, start);
        let Some(frame) = self.frames.pop() else { return };
        match frame.form {
            Form::Raw { quotes, .. } if complete && self.span_from(start).len() as usize > quotes => {
                self.raw_misfit(&frame)
            }
            Form::Raw { multiline: true, .. } if complete && self.dedent_pieces(&frame.texts).is_none() => {
                self.raw_misfit(&frame);
            }
            _ => {}
        }
    }

    fn raw_misfit(&mut self, frame: &Frame) {
        self.report(
            codes::RAW_LAYOUT,
            frame.opener,
            "the lines of this raw string do not fit its closing quotes",
            |d| d.help("each line begins with the white space that stands before the closing quotes"),
        );
    }

    /// Takes the first and last line end and the indentation off the pieces of a raw string.
    fn dedent_pieces(&mut self, pieces: &[u32]) -> Option<()> {
        let (first, last) = (*pieces.first()?, *pieces.last()?);
        let ending = self.piece(last)?;
        let last_line = ending.rfind(is_newline)?;
        let indent = ending.get(last_line..)?.trim_start_matches(is_newline).to_owned();
        if !indent.chars().all(char::is_whitespace) {
            return None;
        }
        for &index in pieces {
            let mut text = self.piece(index)?;
            if index == last {
                let at = text.len().checked_sub(indent.len())?;
                text.truncate(at);
            }
            let mut at_line_start = false;
            if index == first {
                let at = first_line_end(&text)?;
                text.drain(..at);
                at_line_start = true;
            }
            let text = if index == last { strip_last_newline(&text).to_owned() } else { text };
            let value = dedent(&text, &indent, at_line_start)?;
            if let Some(slot) = self.literals.get_mut(index as usize) {
                *slot = Literal::String(StringLiteral { value: value.into(), utf16: None });
            }
        }
        Some(())
    }

    fn piece(&self, index: u32) -> Option<String> {
        match self.literals.get(index as usize) {
            Some(Literal::String(text)) => Some(text.value.to_string()),
            _ => None,
        }
    }

    pub(super) fn close_frames_at_end(&mut self) {
        while let Some(frame) = self.frames.last() {
            let form = frame.form;
            if frame.in_hole { self.hole_not_closed() } else { self.unterminated(form) }
        }
    }
}

/// Why reading text stopped.
enum Stop {
    Hole,
    /// At the closing quotes, this many.
    End(usize),
    Unterminated,
}
