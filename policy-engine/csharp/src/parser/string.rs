//! Interpolated strings.
use super::codes;
use super::core::{Parser, Progress};
use crate::ast::{Expr, ExprKind, InterpolatedPart, InterpolationHole, Literal};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    pub(super) fn interpolated(&mut self) -> Expr {
        let start = self.bump().span.start;
        let mut parts = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), InterpolatedEnd | Eof) && progress.made(self) {
            match self.kind() {
                InterpolatedText => {
                    let token = self.bump();
                    if let Some(Literal::String(text)) = self.literal(token)
                        && !text.value.is_empty()
                    {
                        parts.push(InterpolatedPart::Text(text));
                    }
                }
                HoleStart => parts.push(InterpolatedPart::Hole(Box::new(self.hole()))),
                _ => self.skip_tree(),
            }
        }
        self.eat(InterpolatedEnd);
        self.expr(start, ExprKind::Interpolated(parts))
    }

    fn hole(&mut self) -> InterpolationHole {
        let (open, start) = (self.pos, self.start());
        let outer = (std::mem::take(&mut self.in_query), std::mem::take(&mut self.in_pattern));
        self.bump();
        let value =
            if matches!(self.kind(), HoleEnd | HoleFormat) { self.empty_hole(start) } else { self.expression() };
        let alignment = self.eat(Comma).then(|| self.expression());
        let format = self.at(HoleFormat).then(|| self.bump()).and_then(|token| match self.literal(token) {
            Some(Literal::String(text)) => Some(text),
            _ => None,
        });
        self.close_hole(open);
        (self.in_query, self.in_pattern) = outer;
        InterpolationHole { value, alignment, format, span: self.span_from(start) }
    }

    fn empty_hole(&mut self, start: u32) -> Expr {
        let span = Span::new(start, self.span().end);
        if self.span().start == self.span().end {
            // The brace that closes the hole is made up: that it is missing has been said.
            return self.missing_expr();
        }
        self.report(codes::HOLE_EMPTY, span, "an expression is expected between the braces", |d| {
            d.help("a brace as text is written `{{` or `}}`")
        });
        self.missing_expr()
    }

    fn close_hole(&mut self, open: usize) {
        if self.eat(HoleEnd) {
            return;
        }
        let (span, shown) = (self.span(), self.shown());
        self.report(
            codes::UNEXPECTED_TOKEN,
            span,
            format!("unexpected `{shown}` in a hole of an interpolated string"),
            |d| d.help("a hole holds one expression: `{value,alignment:format}`"),
        );
        if let Some(partner) = self.partner(open).filter(|partner| *partner >= self.pos) {
            self.pos = partner;
            self.bump();
        }
    }
}
