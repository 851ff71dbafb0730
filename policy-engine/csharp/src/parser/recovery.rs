//! What is missing or misplaced, how it is worded, and where reading goes on.
use super::codes::{self, Rule};
use super::core::{Parser, Progress};
use super::lookahead::starts_expression;
use crate::ast::{Expr, ExprKind, Ident};
use crate::span::Span;
use crate::token::TokenKind::{self, *};

impl Parser<'_> {
    /// Reads `kind` or reports that it is missing after what was read last.
    pub(super) fn expect(&mut self, kind: TokenKind) -> bool {
        if self.eat(kind) {
            return true;
        }
        let rule = match kind {
            Semicolon => codes::SEMICOLON_EXPECTED,
            CloseParen => codes::CLOSE_PAREN_EXPECTED,
            CloseBrace => codes::CLOSE_BRACE_EXPECTED,
            CloseBracket => codes::CLOSE_BRACKET_EXPECTED,
            OpenBrace => codes::OPEN_BRACE_EXPECTED,
            In => codes::IN_EXPECTED,
            _ => codes::TOKEN_EXPECTED,
        };
        self.missing(rule, kind.text());
        false
    }

    /// What is wrong where a token is missing, if that can be told.
    fn why_missing(&self, what: &str) -> Option<&'static str> {
        match (what, self.kind()) {
            (";", CloseBracket | CloseParen) => Some("this bracket closes nothing: remove it"),
            (";", Identifier) if self.joined_to(Literal) && self.follows_verbatim() => {
                Some("in `@\"...\"` a quote is written `\"\"`, and `\\` is a character like any other")
            }
            ("in", Identifier) if self.at_word("of") => Some("write `in`"),
            ("in", Comma) => Some("one variable stands here: `var pair`, with `pair.Key` and `pair.Value`"),
            ("=>", Colon) => Some("arms are written `pattern => value`"),
            ("(", _) if self.follows_word(&["if", "while", "switch", "for", "foreach"]) => {
                Some("what stands after the keyword is put in parentheses")
            }
            (")", OpenBrace) if self.in_function() => Some("a lambda is written `x => ...`"),
            _ => None,
        }
    }

    /// `function(x)` stands before.
    fn in_function(&self) -> bool {
        let before = self.pos.checked_sub(1).filter(|at| self.token_at(*at).kind == CloseParen);
        let opener = before.and_then(|close| (0..close).find(|open| self.partner(*open) == Some(close)));
        let word = opener.and_then(|open| open.checked_sub(1)).map(|at| self.token_at(at));
        word.is_some_and(|token| matches!(self.source(token), "function" | "func" | "fn" | "lambda"))
    }

    /// Reports that `what` is missing.
    pub(super) fn missing(&mut self, rule: Rule, what: &str) {
        let span = Span::empty(self.prev_end());
        let (found, help) = (self.shown(), self.why_missing(what));
        self.report(rule, span, format!("`{what}` is expected"), |mut d| {
            d.help = help.map(str::to_owned);
            d.label(format!("before `{found}`"))
        });
    }

    /// Reads the closer of the bracket at token `open`, skipping what does not belong there.
    pub(super) fn close(&mut self, kind: TokenKind, open: usize) {
        if self.eat(kind) {
            return;
        }
        let opener = self.token_at(open).span;
        let rule = match kind {
            CloseParen => codes::CLOSE_PAREN_EXPECTED,
            CloseBrace => codes::CLOSE_BRACE_EXPECTED,
            _ => codes::CLOSE_BRACKET_EXPECTED,
        };
        let span = Span::empty(self.prev_end());
        let found = self.shown();
        let (message, label) = (format!("`{}` is expected", kind.text()), format!("before `{found}`"));
        let help = match kind {
            CloseBrace if self.at(Colon) => Some("members are written `name = value`, entries `[key] = value`"),
            _ => self.why_missing(kind.text()),
        };
        self.report(rule, span, message, |mut d| {
            d.help = help.map(str::to_owned);
            d.label(label).also(opener, "opened here")
        });
        match self.partner(open) {
            // Only within a statement: a far-off partner behind a `;` is more likely someone else's.
            Some(partner) if partner > self.pos && !self.has_between(Semicolon, partner) => {
                self.pos = partner;
                self.bump();
            }
            _ => {}
        }
    }

    /// Stands such a token before `end`, outside of brackets?
    pub(super) fn has_between(&self, kind: TokenKind, end: usize) -> bool {
        let mut at = self.pos;
        while at < end {
            if self.token_at(at).kind == kind {
                return true;
            }
            at = self.partner(at).unwrap_or(at).saturating_add(1);
        }
        false
    }

    /// Reads an identifier, or reports what stands in its place.
    pub(super) fn expect_ident(&mut self, what: &str) -> Ident {
        let token = self.token(0);
        if token.kind == Identifier {
            self.bump();
            return self.make_ident(token);
        }
        let word = self.shown();
        let follower = self.kind_at(1);
        if token.kind.is_keyword() && !matches!(token.kind, In | Is | As) && !starts_statement_keyword(token.kind)
            || (token.kind.is_keyword() && matches!(follower, Assign | Semicolon | FatArrow))
        {
            self.report(
                codes::IDENTIFIER_IS_KEYWORD,
                token.span,
                format!("{what} is expected, but `{word}` is a keyword"),
                |d| d.help(format!("write `@{word}` to use it as a name")),
            );
            self.bump();
            return Ident { name: crate::ast::Name::from(""), span: token.span };
        }
        let span = if token.kind == Eof { Span::empty(self.prev_end()) } else { token.span };
        self.report(codes::IDENTIFIER_EXPECTED, span, format!("{what} is expected before `{word}`"), |d| d);
        self.missing_ident()
    }

    /// Reports that no expression can begin here.
    pub(super) fn expected_expression(&mut self) -> Expr {
        let kind = self.kind();
        let span = if kind == Eof { Span::empty(self.prev_end()) } else { self.span() };
        let shown = self.shown();
        let help = match kind {
            Return => Some("`@( ... )` holds an expression only; write statements as `@{ ... return ...; }`"),
            If | Foreach | For | While | Try | Using | Const if self.in_expression_text() => {
                Some("`@( ... )` holds an expression only; write statements as `@{ ... return ...; }`")
            }
            Assign if self.follows_equality() => Some("C# compares with `==`; there is no `===`"),
            Assign if self.joined_to(NotEqual) => Some("C# compares with `!=`; there is no `!==`"),
            Greater if self.joined_to(Less) => Some("C# writes `!=`; there is no `<>`"),
            Colon if self.joined_to(Question) => Some("a value for the case of `null` is given with `??`"),
            OpenBrace => Some("JSON is made with `new JObject(new JProperty(\"name\", value))`, or parsed from a text"),
            Assign | Equal => Some("something must stand before the operator"),
            Less | Greater | LessEqual | GreaterEqual | NotEqual => {
                Some("both sides of `&&` and `||` need a whole comparison: `x >= 200 && x < 300`")
            }
            Is if self.follows_word(&["or", "and"]) => Some("leave out the `is`"),
            CloseParen if self.follows_kind(Comma) => Some("remove the `,`"),
            Eof if self.follows_kind(Comma) => Some("remove the `,`"),
            Eof if self.pos == 0 => Some("write a value, for instance a string `\"\"`"),
            _ => None,
        };
        self.report(codes::EXPRESSION_EXPECTED, span, format!("invalid expression term `{shown}`"), |mut d| {
            d.help = help.map(str::to_owned);
            d.label("an expression is expected here")
        });
        // What stands in braces there is all of it wrong.
        let before_braces = [Return, OpenParen, Comma, Assign, FatArrow, Colon, Question];
        if kind == OpenBrace && before_braces.iter().any(|before| self.follows_kind(*before)) {
            let start = self.start();
            self.skip_tree();
            return Expr { kind: ExprKind::Error, span: self.span_from(start) };
        }
        let mut missing = self.missing_expr();
        // INVARIANT: what looks like the start of an expression is always read, or lists that go by the look would not end.
        if is_junk_in_expression(kind) || starts_expression(kind) {
            missing = Expr { kind: ExprKind::Error, span: self.bump().span };
        }
        missing
    }

    /// After a statement whose `;` is missing: skips the rest of a broken line, never past the start of something else.
    pub(super) fn finish_statement(&mut self) {
        if self.expect(Semicolon) {
            return;
        }
        let mut progress = Progress::default();
        while !matches!(self.kind(), Eof | CloseBrace | OpenBrace)
            && !self.on_new_line()
            && !starts_statement_keyword(self.kind())
            && progress.made(self)
        {
            if self.eat(Semicolon) {
                return;
            }
            self.skip_tree();
        }
    }

    /// Steps over one token, or over everything up to the partner of a bracket.
    pub(super) fn skip_tree(&mut self) {
        if let Some(partner) = self.partner(self.pos) {
            self.pos = partner;
        }
        self.bump();
    }
}

/// Keywords that begin a statement and nothing else.
pub(super) const fn starts_statement_keyword(kind: TokenKind) -> bool {
    matches!(
        kind,
        If | For
            | Foreach
            | While
            | Do
            | Switch
            | Return
            | Break
            | Continue
            | Goto
            | Try
            | Catch
            | Finally
            | Using
            | Lock
            | Case
            | Const
            | Else
    )
}

/// Tokens that cannot begin, continue or end any expression, so that skipping them loses nothing.
const fn is_junk_in_expression(kind: TokenKind) -> bool {
    matches!(kind, BadLiteral | ColonColon | PointerArrow | Slash | Percent | Star | Dot)
        || matches!(
            kind,
            Abstract
                | Enum
                | Event
                | Explicit
                | Extern
                | Implicit
                | Internal
                | Operator
                | Override
                | Params
                | Private
                | Protected
                | Public
                | Readonly
                | Sealed
                | Virtual
                | Volatile
        )
}
