//! Concatenation and interpolation of texts.
use std::sync::Arc;

use dotnet::{Type, Value, utf16};

use super::tree::{Expr, Kind, Piece};
use super::{Binder, codes};
use crate::ast::{InterpolatedPart, StringLiteral};
use crate::numeric;
use crate::span::Span;

/// Bytes of constant texts that may be put together: each constant may hold the one before twice.
const MAX_FOLDED: usize = 64 << 20;

impl<'a> Binder<'a> {
    /// `left + right` where one is a text. Chains become one operation.
    pub(crate) fn concat(&mut self, l: Expr<'a>, r: Expr<'a>, span: Span) -> Expr<'a> {
        if let (Some(a), Some(b)) = (text_of(&l), text_of(&r)) {
            return self.folded_text(&[&a, &b], span);
        }
        let mut pieces = Vec::new();
        for side in [l, r] {
            match side.kind {
                Kind::Text(list) if side.ty == Type::STRING => pieces.extend(list),
                _ => match self.text_piece(side, 0, None) {
                    Some(p) => pieces.push(p),
                    None => return Expr::error(span),
                },
            }
        }
        Expr::new(Kind::Text(pieces), Type::STRING, span)
    }

    fn text_piece(&mut self, e: Expr<'a>, alignment: i32, format: Option<Arc<str>>) -> Option<Piece<'a>> {
        if let (Some(Value::Str(s)), 0) = (&e.constant, alignment) {
            return Some(Piece::Text(s.clone()));
        }
        if e.is_null_literal() && alignment == 0 {
            return Some(Piece::Text("".into()));
        }
        let value = if e.ty == Type::STRING { e } else { self.convert(e, &Type::OBJECT) };
        (!value.is_error()).then_some(Piece::Hole { value, alignment, format })
    }

    pub(crate) fn interpolated(&mut self, parts: &'a [InterpolatedPart], span: Span) -> Expr<'a> {
        let (mut pieces, mut failed) = (Vec::new(), false);
        for part in parts {
            match part {
                InterpolatedPart::Text(s) => pieces.push(Piece::Text(exact(s))),
                InterpolatedPart::Hole(hole) => {
                    let value = self.expr(&hole.value);
                    let value = if value.ty == Type::Void && !value.is_error() {
                        self.convert(value, &Type::OBJECT)
                    } else {
                        self.value(value)
                    };
                    let alignment = match &hole.alignment {
                        None => Some(0),
                        Some(e) => {
                            let e = self.expr(e);
                            let e = self.convert(e, &Type::INT);
                            let n = e.constant.as_ref().and_then(numeric::integer).and_then(|n| i32::try_from(n).ok());
                            if n.is_none() && !e.is_error() {
                                self.error(codes::NOT_CONSTANT, e.span, "the alignment must be a constant");
                            }
                            n
                        }
                    };
                    let format = hole.format.as_ref().map(exact);
                    let piece = match (value.is_error(), alignment) {
                        (false, Some(n)) => self.text_piece(value, n, format),
                        _ => None,
                    };
                    match piece {
                        Some(p) => pieces.push(p),
                        None => failed = true,
                    }
                }
            }
        }
        if failed {
            return Expr::error(span);
        }
        let all: Option<Vec<Arc<str>>> =
            pieces.iter().map(|p| if let Piece::Text(s) = p { Some(s.clone()) } else { None }).collect();
        if let Some(texts) = all {
            return self.folded_text(&texts.iter().map(|t| &**t).collect::<Vec<_>>(), span);
        }
        Expr::new(Kind::Text(pieces), Type::STRING, span)
    }

    /// A constant put together from constants.
    fn folded_text(&mut self, texts: &[&str], span: Span) -> Expr<'a> {
        let length = texts.iter().map(|t| t.len()).sum();
        self.folded = self.folded.saturating_add(length);
        if self.folded > MAX_FOLDED {
            return self.refuse(span, "a constant text put together from so many parts");
        }
        Expr::constant(Value::str(utf16::concat(texts)), Type::STRING, span)
    }
}

/// The text of a literal, which may hold half a character.
pub(super) fn exact(literal: &StringLiteral) -> Arc<str> {
    match &literal.utf16 {
        Some(units) => utf16::text(units).into(),
        None if utf16::has_halves(&literal.value) => utf16::arriving(&*literal.value).into(),
        None => literal.value.clone(),
    }
}

fn text_of(e: &Expr<'_>) -> Option<Arc<str>> {
    match &e.constant {
        Some(Value::Str(s)) => Some(s.clone()),
        Some(Value::Null) if e.ty == Type::STRING => Some("".into()),
        None if e.is_null_literal() => Some("".into()),
        _ => None,
    }
}
