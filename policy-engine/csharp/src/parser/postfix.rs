//! What follows an operand: members, calls, indexers, `?.` chains, `++`, `--`, `!`; and argument lists.
use super::codes;
use super::core::{Parser, Progress};
use super::recovery::starts_statement_keyword;
use crate::ast::{Argument, Expr, ExprKind, Passing, PostfixOp, SimpleName};
use crate::token::TokenKind::{self, *};

impl Parser<'_> {
    /// An operand and everything that binds to it directly.
    pub(super) fn postfix(&mut self) -> Expr {
        let start = self.start();
        let operand = self.operand();
        self.links(start, operand)
    }

    /// The links of a chain that starts with `target`.
    fn links(&mut self, start: u32, mut target: Expr) -> Expr {
        let mut progress = Progress::default();
        loop {
            if !self.link_here() || !progress.made(self) || !self.grow() {
                return target;
            }
            let kind = match self.kind() {
                Dot => {
                    self.bump();
                    ExprKind::Member { target: Box::new(target), name: self.member_name() }
                }
                PointerArrow => {
                    let span = self.bump().span;
                    self.report_also(codes::POINTER, span, "pointers are not allowed in a policy expression", |d| {
                        d.help("a member is reached with `.`, a lambda is written with `=>`")
                    });
                    ExprKind::Member { target: Box::new(target), name: self.member_name() }
                }
                OpenParen => self.call(target),
                OpenBracket => {
                    ExprKind::Index { target: Box::new(target), args: self.arguments(OpenBracket, CloseBracket) }
                }
                Question => self.conditional_access(target),
                PlusPlus => self.postfix_operator(PostfixOp::Increment, target),
                MinusMinus => self.postfix_operator(PostfixOp::Decrement, target),
                _ => self.postfix_operator(PostfixOp::NullForgiving, target),
            };
            target = self.expr(start, kind);
        }
    }

    fn link_here(&self) -> bool {
        match self.kind() {
            Dot | PointerArrow | OpenParen | OpenBracket | PlusPlus | MinusMinus => true,
            Not => {
                !self.can_start_expression(1)
                    || matches!(
                        self.kind_at(1),
                        OpenBracket | Minus | Plus | Caret | TokenKind::And | PlusPlus | MinusMinus | OpenParen
                    )
            }
            Question => self.conditional_access_here(),
            _ => false,
        }
    }

    /// `?.` and `?[` against the conditional operator: `a ? [1] : [2]`, with a space before the bracket, holds two collections.
    fn conditional_access_here(&self) -> bool {
        match self.kind_at(1) {
            Dot => true,
            OpenBracket => {
                let close = self.partner(self.pos.saturating_add(1));
                let collection = close.is_some_and(|close| self.token_at(close.saturating_add(1)).kind == Colon);
                self.is_joined(0) || !collection
            }
            _ => false,
        }
    }

    fn conditional_access(&mut self, target: Expr) -> ExprKind {
        self.bump();
        let access = match self.nested(Self::access_chain) {
            Some(access) => access,
            None => self.missing_expr(),
        };
        ExprKind::ConditionalAccess { target: Box::new(target), access: Box::new(access) }
    }

    fn access_chain(&mut self) -> Expr {
        let start = self.start();
        let receiver = Expr { kind: ExprKind::ConditionalReceiver, span: crate::span::Span::empty(start) };
        self.links(start, receiver)
    }

    fn postfix_operator(&mut self, op: PostfixOp, operand: Expr) -> ExprKind {
        self.bump();
        ExprKind::Postfix { op, operand: Box::new(operand) }
    }

    fn member_name(&mut self) -> SimpleName {
        if self.on_new_line() && !self.at(Identifier) || starts_statement_keyword(self.kind()) {
            let ident = self.missing_ident();
            let (span, shown) = (ident.span, self.shown());
            self.report(codes::IDENTIFIER_EXPECTED, span, format!("a member name is expected before `{shown}`"), |d| d);
            return SimpleName { span, ident, type_args: None };
        }
        self.simple_name("a member name")
    }

    /// A name with generic arguments where C# reads them as such.
    pub(super) fn simple_name(&mut self, what: &str) -> SimpleName {
        let start = self.start();
        let ident = self.expect_ident(what);
        let type_args = self.type_args_here().then(|| self.type_args());
        SimpleName { ident, type_args, span: self.span_from(start) }
    }

    fn call(&mut self, target: Expr) -> ExprKind {
        let named = target.as_name().is_some_and(|name| &**name == "nameof");
        let mut args = self.arguments(OpenParen, CloseParen);
        let plain = args.len() == 1 && args.iter().all(|arg| arg.name.is_none() && arg.passing == Passing::Value);
        if named
            && plain
            && let Some(arg) = args.pop()
        {
            return ExprKind::NameOf(Box::new(arg.value));
        }
        ExprKind::Call { target: Box::new(target), args }
    }

    // === arguments ===

    /// An argument list in the given brackets.
    pub(super) fn arguments(&mut self, opener: TokenKind, closer: TokenKind) -> Vec<Argument> {
        let open = self.pos;
        self.expect(opener);
        let mut args = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), Eof | CloseParen | CloseBracket | CloseBrace | Semicolon) && progress.made(self) {
            args.push(self.argument());
            if self.eat(Comma) {
                if self.at(closer) {
                    self.expected_expression();
                }
                continue;
            }
            // Two expressions side by side: a comma was forgotten.
            if !self.comma_forgotten(open) {
                break;
            }
            self.missing(codes::TOKEN_EXPECTED, ",");
        }
        if opener == OpenBracket && args.is_empty() && self.at(CloseBracket) {
            let span = self.span();
            self.report(codes::EXPRESSION_EXPECTED, span, "an index is expected between the brackets", |d| d);
        }
        self.close(closer, open);
        args
    }

    /// Another argument follows: on this line, or on the next one when the list is closed within the statement.
    fn comma_forgotten(&self, open: usize) -> bool {
        self.can_start_expression(0)
            && !matches!(self.kind(), OpenBracket | Ref)
            && (!self.on_new_line() || self.partner(open).is_some_and(|close| !self.has_between(Semicolon, close)))
    }

    fn argument(&mut self) -> Argument {
        let start = self.start();
        let name = (self.at(Identifier) && self.kind_at(1) == Colon).then(|| {
            let token = self.bump();
            self.bump();
            self.make_ident(token)
        });
        let passing = match self.kind() {
            Ref => Passing::Ref,
            Out => Passing::Out,
            In => Passing::In,
            _ => Passing::Value,
        };
        if passing != Passing::Value {
            self.bump();
        }
        let value = if passing == Passing::Out { self.out_value() } else { self.expression() };
        Argument { name, passing, value, span: self.span_from(start) }
    }

    fn out_value(&mut self) -> Expr {
        if self.declaration_expression_here() {
            self.declaration_expression()
        } else if self.at_word("var") && matches!(self.kind_at(1), Comma | CloseParen) {
            let start = self.bump().span.start;
            let (span, shown) = (self.span(), self.shown());
            self.report(
                codes::IDENTIFIER_EXPECTED,
                span,
                format!("a variable name is expected before `{shown}`"),
                |d| d,
            );
            self.expr(start, ExprKind::Error)
        } else {
            self.expression()
        }
    }
}
