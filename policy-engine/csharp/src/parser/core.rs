//! The parser's state: tokens, position, findings, and the limits on nesting.
use super::codes::{self, Rule};
use super::{MAX_DEPTH, MAX_HEIGHT, MAX_SOURCE_BYTES};
use crate::ast::{Expr, ExprKind, Ident, Literal, Name};
use crate::diagnostic::Diagnostic;
use crate::lexer::{MAX_DIAGNOSTICS, Tokens, identifier_text, tokenize};
use crate::span::Span;
use crate::token::{Token, TokenKind};

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    literals: Vec<Literal>,
    /// For each opening bracket, where its partner stands.
    partners: Vec<u32>,
    pub(super) pos: usize,
    /// What closes the whole text: `)` or `}`.
    closer: &'static str,
    depth: u32,
    /// Height of what was read since it was last reset; see [`Parser::nested`].
    pub(super) height: u32,
    /// Inside a query the query keywords are no identifiers.
    pub(super) in_query: bool,
    /// The block that begins here is what an `if` does.
    pub(super) in_then: bool,
    /// Inside a pattern `and`, `or` and `when` end an operand.
    pub(super) in_pattern: bool,
    diagnostics: Vec<Diagnostic>,
    /// Token of the last finding: a second one at the same place is an echo.
    last_error_at: Option<usize>,
    gave_up: bool,
}

/// Holds every loop of the parser to reading at least one token a turn.
#[derive(Default)]
pub(super) struct Progress(Option<usize>);

impl Progress {
    /// False when nothing was read since the last call; the loop must end then.
    pub(super) fn made(&mut self, parser: &Parser<'_>) -> bool {
        let made = self.0 != Some(parser.pos);
        debug_assert!(made, "no progress at token {} of {:?}", parser.pos, parser.text);
        self.0 = Some(parser.pos);
        made
    }
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, closer: &'static str) -> Self {
        let too_large = text.len() > MAX_SOURCE_BYTES;
        let Tokens { list, literals, diagnostics } = tokenize(if too_large { "" } else { text });
        let partners = partners(&list);
        let mut parser = Self {
            text,
            tokens: list,
            literals,
            partners,
            pos: 0,
            closer,
            depth: 0,
            height: 0,
            in_query: false,
            in_then: false,
            in_pattern: false,
            diagnostics,
            last_error_at: None,
            gave_up: false,
        };
        if too_large {
            let message = format!("this expression is larger than {MAX_SOURCE_BYTES} bytes");
            parser.report(codes::TOO_LARGE, Span::empty(0), message, |d| d);
            parser.gave_up = true;
        }
        parser
    }

    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|d| d.span.start);
        self.diagnostics
    }

    // === reading ===

    pub(super) fn token(&self, ahead: usize) -> Token {
        self.token_at(self.pos.saturating_add(ahead))
    }

    pub(super) fn token_at(&self, index: usize) -> Token {
        let end = || Span::empty(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.tokens.get(index).copied().unwrap_or_else(|| Token { kind: TokenKind::Eof, span: end(), payload: 0 })
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    pub(super) fn kind_at(&self, ahead: usize) -> TokenKind {
        self.token(ahead).kind
    }

    pub(super) fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    pub(super) fn span(&self) -> Span {
        self.token(0).span
    }

    pub(super) fn start(&self) -> u32 {
        self.span().start
    }

    /// Where the token before this one ended.
    pub(super) fn prev_end(&self) -> u32 {
        match self.pos.checked_sub(1) {
            Some(index) => self.token_at(index).span.end,
            None => self.start(),
        }
    }

    /// Stands an `==` before this token?
    pub(super) fn follows_equality(&self) -> bool {
        self.pos.checked_sub(1).is_some_and(|at| self.token_at(at).kind == TokenKind::Equal)
    }

    /// Is the token before this one one of these words?
    pub(super) fn follows_word(&self, words: &[&str]) -> bool {
        let before = self.pos.checked_sub(1).map(|at| self.token_at(at));
        before.is_some_and(|token| words.contains(&self.source(token)))
    }

    /// Stand `&` and the name of an entity before this token?
    pub(super) fn follows_entity(&self) -> bool {
        let and = self.pos.checked_sub(2).is_some_and(|at| self.token_at(at).kind == TokenKind::And);
        and && self.follows_word(&["lt", "gt", "amp", "quot", "lte", "gte", "le", "ge"])
    }

    /// Stands such a token before this one?
    pub(super) fn follows_kind(&self, kind: TokenKind) -> bool {
        self.pos.checked_sub(1).is_some_and(|at| self.token_at(at).kind == kind)
    }

    /// Stands such a token before this one, without a space between?
    pub(super) fn joined_to(&self, kind: TokenKind) -> bool {
        let before = self.pos.checked_sub(1).map(|at| self.token_at(at));
        before.is_some_and(|token| token.kind == kind && token.span.end == self.start())
    }

    /// Is the token before this one a verbatim string that seems to end with an escaped quote?
    pub(super) fn follows_verbatim(&self) -> bool {
        let before = self.pos.checked_sub(1).map(|at| self.source(self.token_at(at)));
        before.is_some_and(|text| text.starts_with('@') && text.ends_with("\\\""))
    }

    /// Stands a string before this token?
    pub(super) fn follows_string(&self) -> bool {
        let before = self.pos.checked_sub(1).map(|at| self.token_at(at));
        before.is_some_and(|token| token.kind == TokenKind::Literal && self.source(token).ends_with('"'))
    }

    /// From `start` to the end of what was read last.
    pub(super) fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.prev_end().max(start))
    }

    pub(super) fn bump(&mut self) -> Token {
        let token = self.token(0);
        if token.kind != TokenKind::Eof {
            self.pos = self.pos.saturating_add(1);
        }
        token
    }

    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn source(&self, token: Token) -> &'a str {
        token.span.slice(self.text)
    }

    /// An identifier spelled so, which some place treats as a keyword. `@word` never counts.
    pub(super) fn word_at(&self, ahead: usize, word: &str) -> bool {
        let token = self.token(ahead);
        token.kind == TokenKind::Identifier && self.source(token) == word
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.word_at(0, word)
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn literal(&self, token: Token) -> Option<Literal> {
        self.literals.get(token.payload as usize).cloned()
    }

    /// Index of the token that closes the bracket at `index`.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.partners.get(index).copied().filter(|p| *p != u32::MAX).map(|p| p as usize)
    }

    /// True when nothing stands between this token and the next.
    pub(super) fn is_joined(&self, ahead: usize) -> bool {
        self.token(ahead).span.end == self.token(ahead.saturating_add(1)).span.start
    }

    /// True when a line ends between the last token and this one.
    pub(super) fn on_new_line(&self) -> bool {
        Span::new(self.prev_end(), self.start()).slice(self.text).contains(crate::cursor::is_newline)
    }

    // === nodes ===

    pub(super) fn make_ident(&self, token: Token) -> Ident {
        Ident { name: Name::from(&*identifier_text(self.source(token))), span: token.span }
    }

    pub(super) fn missing_ident(&self) -> Ident {
        Ident { name: Name::from(""), span: Span::empty(self.prev_end()) }
    }

    pub(super) fn missing_expr(&self) -> Expr {
        Expr { kind: ExprKind::Error, span: Span::empty(self.start()) }
    }

    pub(super) fn expr(&self, start: u32, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span_from(start) }
    }

    // === limits ===

    /// Runs `parse` one level deeper; at the limit it is not run, the rest of the text is given up and `None` returned.
    ///
    /// `height` is the height of the tallest thing read since it was last set to 0. INVARIANT: at depth `d` it never exceeds
    /// `MAX_HEIGHT - d`, since [`Parser::grow`] stops every chain there.
    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.too_complex();
            return None;
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.height, 0);
        let result = parse(self);
        self.depth -= 1;
        self.height = outer.max(self.height.saturating_add(1));
        Some(result)
    }

    /// One more link on a left-leaning chain. False when the chain must end.
    pub(super) fn grow(&mut self) -> bool {
        self.height = self.height.saturating_add(1);
        let fits = self.height.saturating_add(self.depth) < MAX_HEIGHT;
        if !fits {
            self.too_complex();
        }
        fits
    }

    fn too_complex(&mut self) {
        let span = self.span();
        self.last_error_at = None;
        self.report(codes::TOO_COMPLEX, span, "this expression is too long or too deeply nested to compile", |d| {
            d.help("name parts of it with local variables")
        });
        self.give_up();
    }

    /// Goes to the end of the text and reports nothing more.
    fn give_up(&mut self) {
        self.pos = self.tokens.len().saturating_sub(1);
        self.gave_up = true;
    }

    // === findings ===

    /// Keeps a finding, unless one was made at this very token already.
    pub(super) fn report(
        &mut self,
        rule: Rule,
        span: Span,
        message: impl Into<String>,
        finish: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.last_error_at == Some(self.pos) {
            return;
        }
        self.last_error_at = Some(self.pos);
        self.report_also(rule, span, message, finish);
    }

    /// Keeps a finding about something already read, whatever was found at this token.
    pub(super) fn report_also(
        &mut self,
        rule: Rule,
        span: Span,
        message: impl Into<String>,
        finish: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.gave_up {
            return;
        }
        if self.diagnostics.len() >= MAX_DIAGNOSTICS {
            let last = Diagnostic::error(codes::TOO_MANY.code, span, "too many errors; the rest is not shown");
            self.diagnostics.push(last);
            return self.give_up();
        }
        let mut diagnostic = Diagnostic::error(rule.code, span, message);
        diagnostic.csharp_code = rule.csharp;
        self.diagnostics.push(finish(diagnostic));
    }

    /// The text is the content of `@( ... )`.
    pub(super) fn in_expression_text(&self) -> bool {
        self.closer == ")"
    }

    pub(super) fn error_count(&self) -> usize {
        self.diagnostics.len()
    }

    /// How the token here is shown in a message.
    pub(super) fn shown(&self) -> &'a str {
        let token = self.token(0);
        if token.kind == TokenKind::Eof { self.closer } else { shorten(self.source(token)) }
    }
}

/// The first few characters, on one line.
fn shorten(text: &str) -> &str {
    const LONGEST: usize = 40;
    let line = text.split(crate::cursor::is_newline).next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => line.get(..at).unwrap_or(line),
        None => line,
    }
}

/// Pairs brackets. A closer that fits an outer bracket ends the inner ones unpaired; one that fits none is left alone.
fn partners(tokens: &[Token]) -> Vec<u32> {
    use TokenKind::*;
    let mut result = vec![u32::MAX; tokens.len()];
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    // Where in `open` each kind stands, so that no closer searches: text may be one bracket after the other.
    let mut places: [Vec<usize>; 4] = [const { Vec::new() }; 4];
    let place_of = |kind| match kind {
        OpenParen => 0,
        OpenBracket => 1,
        OpenBrace => 2,
        _ => 3,
    };
    for (index, token) in tokens.iter().enumerate() {
        let opener = match token.kind {
            OpenParen | OpenBracket | OpenBrace | HoleStart => {
                if let Some(places) = places.get_mut(place_of(token.kind)) {
                    places.push(open.len());
                }
                open.push((token.kind, index));
                continue;
            }
            CloseParen => OpenParen,
            CloseBracket => OpenBracket,
            CloseBrace => OpenBrace,
            HoleEnd => HoleStart,
            _ => continue,
        };
        // A hole is a wall: brackets inside never pair with those outside.
        let last = |kind| places.get(place_of(kind)).and_then(|places| places.last().copied());
        let (fitting, wall) = (last(opener), last(HoleStart));
        if let Some(at) = fitting.filter(|at| wall.is_none_or(|wall| *at >= wall)) {
            if let Some(slot) = open.get(at).and_then(|(_, index)| result.get_mut(*index)) {
                *slot = u32::try_from(index).unwrap_or(u32::MAX);
            }
            for (kind, _) in open.drain(at..) {
                if let Some(places) = places.get_mut(place_of(kind)) {
                    places.pop();
                }
            }
        }
    }
    result
}
