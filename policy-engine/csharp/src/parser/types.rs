//! Types, names with generic arguments, parameters.
use super::codes;
use super::core::{Parser, Progress};
use crate::ast::{
    Parameter, ParameterModifier, PredefinedType, QualifiedName, SimpleName, TupleTypeElement, TypeKind, TypeSyntax,
};
use crate::span::Span;
use crate::token::TokenKind::{self, *};

/// Where a type stands decides whose the `?` after it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypePlace {
    /// `?` always makes a nullable type.
    Plain,
    /// At the end of an expression (`is`, `as`, patterns): `?` belongs to `?:` when an expression can follow it.
    InExpression,
    /// After `new`: brackets are not part of the type.
    Creation,
}

impl Parser<'_> {
    pub(super) fn ty(&mut self) -> TypeSyntax {
        self.ty_at(TypePlace::Plain)
    }

    pub(super) fn ty_at(&mut self, place: TypePlace) -> TypeSyntax {
        match self.nested(|p| p.ty_inner(place)) {
            Some(ty) => ty,
            None => self.missing_type(),
        }
    }

    fn missing_type(&self) -> TypeSyntax {
        TypeSyntax { kind: TypeKind::Error, span: Span::empty(self.start()) }
    }

    fn ty_inner(&mut self, place: TypePlace) -> TypeSyntax {
        let start = self.start();
        if self.at(Ref) {
            self.bump();
            self.eat(Readonly);
            let referred = Box::new(self.ty_at(place));
            return TypeSyntax { kind: TypeKind::Ref(referred), span: self.span_from(start) };
        }
        let mut ty = self.underlying_type();
        if self.nullable_mark_here(place) {
            self.bump();
            ty = TypeSyntax { kind: TypeKind::Nullable(Box::new(ty)), span: self.span_from(start) };
        }
        self.reject_pointer();
        if place == TypePlace::Creation {
            return ty;
        }
        let mut progress = Progress::default();
        while self.rank_specifier_here() && progress.made(self) && self.grow() {
            ty = self.rank_specifiers(ty, start);
            if self.nullable_mark_here(place) {
                self.bump();
                ty = TypeSyntax { kind: TypeKind::Nullable(Box::new(ty)), span: self.span_from(start) };
            }
        }
        ty
    }

    fn reject_pointer(&mut self) {
        if self.at(Star) && matches!(self.kind_at(1), Identifier | CloseParen | Greater | Star) {
            let span = self.bump().span;
            self.report_also(codes::POINTER, span, "pointers are not allowed in a policy expression", |d| d);
            while self.eat(Star) {}
        }
    }

    fn nullable_mark_here(&self, place: TypePlace) -> bool {
        self.at(Question) && (place != TypePlace::InExpression || !self.can_start_expression(1))
    }

    /// `[` that begins `[]` or `[,]`, or in a plain type any `[`, so that a size there can be reported.
    fn rank_specifier_here(&self) -> bool {
        self.at(OpenBracket) && matches!(self.kind_at(1), CloseBracket | Comma)
    }

    /// All directly following rank specifiers; the first one is the outermost array.
    pub(super) fn rank_specifiers(&mut self, element: TypeSyntax, start: u32) -> TypeSyntax {
        let mut ranks = Vec::new();
        let mut progress = Progress::default();
        while self.rank_specifier_here() && progress.made(self) && self.grow() {
            self.bump();
            let mut rank = 1_u32;
            while self.eat(Comma) {
                rank = rank.saturating_add(1);
            }
            self.expect(CloseBracket);
            ranks.push(rank);
        }
        let span = self.span_from(start);
        ranks.into_iter().rev().fold(element, |element, rank| TypeSyntax {
            kind: TypeKind::Array { element: Box::new(element), rank },
            span,
        })
    }

    fn underlying_type(&mut self) -> TypeSyntax {
        let start = self.start();
        let kind = match self.kind() {
            kind if kind.is_predefined_type() => {
                self.bump();
                predefined(kind).map_or(TypeKind::Error, TypeKind::Predefined)
            }
            OpenParen => self.tuple_type(),
            Identifier if self.at_word("var") && !matches!(self.kind_at(1), Dot | Less | ColonColon) => {
                self.bump();
                TypeKind::Var
            }
            Identifier => TypeKind::Name(self.qualified_name()),
            Comma | Greater => {
                self.type_expected();
                TypeKind::Error
            }
            _ => {
                self.type_expected();
                if self.kind().is_keyword() && !super::recovery::starts_statement_keyword(self.kind()) {
                    self.bump();
                }
                TypeKind::Error
            }
        };
        TypeSyntax { kind, span: self.span_from(start) }
    }

    fn type_expected(&mut self) {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::TYPE_EXPECTED, span, format!("a type is expected before `{shown}`"), |d| d);
    }

    fn tuple_type(&mut self) -> TypeKind {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while !self.at(CloseParen) && progress.made(self) {
            let start = self.start();
            let ty = self.ty();
            let name = (self.at(Identifier)).then(|| {
                let token = self.bump();
                self.make_ident(token)
            });
            elements.push(TupleTypeElement { ty, name, span: self.span_from(start) });
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseParen, open);
        if elements.len() < 2 {
            let span = self.span_from(start);
            self.report_also(codes::TUPLE_TOO_SHORT, span, "a tuple type has at least two elements", |d| d);
        }
        TypeKind::Tuple(elements)
    }

    fn qualified_name(&mut self) -> QualifiedName {
        let alias = (self.kind_at(1) == ColonColon).then(|| {
            let token = self.bump();
            self.bump();
            self.make_ident(token)
        });
        let mut parts = vec![self.simple_name_of_type()];
        let mut progress = Progress::default();
        while self.at(Dot) && progress.made(self) {
            self.bump();
            parts.push(self.simple_name_of_type());
        }
        QualifiedName { alias, parts }
    }

    fn simple_name_of_type(&mut self) -> SimpleName {
        let start = self.start();
        let ident = self.expect_ident("a type name");
        let type_args = self.at(Less).then(|| self.type_args());
        SimpleName { ident, type_args, span: self.span_from(start) }
    }

    /// `<A, B>`, or `<,>` of an unbound generic.
    pub(super) fn type_args(&mut self) -> Vec<TypeSyntax> {
        self.bump();
        let mut args = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            if matches!(self.kind(), Comma | Greater) {
                args.push(TypeSyntax { kind: TypeKind::Omitted, span: Span::empty(self.start()) });
            } else {
                args.push(self.ty());
            }
            if !self.eat(Comma) {
                break;
            }
        }
        self.expect(Greater);
        args
    }

    // === parameters ===

    /// `(T a, ref U b = 1, params V[] c)`
    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        let open = self.pos;
        self.expect(OpenParen);
        let mut parameters = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseParen | Eof) && progress.made(self) {
            parameters.push(self.parameter());
            if !self.eat(Comma) {
                break;
            }
            if self.at(CloseParen) {
                self.type_expected();
            }
        }
        self.close(CloseParen, open);
        parameters
    }

    fn parameter(&mut self) -> Parameter {
        self.reject_attributes();
        let start = self.start();
        let modifier = self.parameter_modifier();
        let untyped = self.at(Identifier) && matches!(self.kind_at(1), Comma | CloseParen | Assign);
        let ty = (!untyped).then(|| self.ty());
        let name = self.expect_ident("a parameter name");
        let default = self.eat(Assign).then(|| self.expression());
        Parameter { modifier, ty, name, default, span: self.span_from(start) }
    }

    fn parameter_modifier(&mut self) -> ParameterModifier {
        let modifier = match self.kind() {
            Ref => ParameterModifier::Ref,
            Out => ParameterModifier::Out,
            In => ParameterModifier::In,
            Params => ParameterModifier::Params,
            _ if self.at_word("scoped") && matches!(self.kind_at(1), Ref | In | Identifier) => {
                self.bump();
                return self.parameter_modifier();
            }
            This => {
                let span = self.bump().span;
                self.report_also(
                    codes::THIS_OR_BASE,
                    span,
                    "extension methods cannot be declared in a policy expression",
                    |d| d,
                );
                return ParameterModifier::None;
            }
            _ => return ParameterModifier::None,
        };
        self.bump();
        if modifier == ParameterModifier::Ref {
            self.eat(Readonly);
        }
        modifier
    }

    pub(super) fn reject_attributes(&mut self) {
        if self.at(OpenBracket) {
            let start = self.start();
            self.skip_tree();
            let span = self.span_from(start);
            self.report_also(codes::ATTRIBUTES, span, "attributes are not supported in a policy expression", |d| d);
        }
    }
}

pub(super) const fn predefined(kind: TokenKind) -> Option<PredefinedType> {
    Some(match kind {
        Bool => PredefinedType::Bool,
        Byte => PredefinedType::Byte,
        Sbyte => PredefinedType::SByte,
        Short => PredefinedType::Short,
        Ushort => PredefinedType::UShort,
        Int => PredefinedType::Int,
        Uint => PredefinedType::UInt,
        Long => PredefinedType::Long,
        Ulong => PredefinedType::ULong,
        Char => PredefinedType::Char,
        Float => PredefinedType::Float,
        Double => PredefinedType::Double,
        Decimal => PredefinedType::Decimal,
        String => PredefinedType::String,
        Object => PredefinedType::Object,
        Void => PredefinedType::Void,
        _ => return None,
    })
}
