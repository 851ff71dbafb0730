//! Patterns.
use super::codes;
use super::core::{Parser, Progress};
use super::expression::Precedence;
use super::lookahead::Certainty;
use super::types::TypePlace;
use crate::ast::{
    Designation, Expr, Ident, Pattern, PatternKind, PositionalSubpattern, PropertySubpattern, RecursivePattern,
    RelationalOp, TypeSyntax,
};
use crate::token::TokenKind::{self, *};

impl Parser<'_> {
    pub(super) fn pattern_after_is(&mut self) -> Pattern {
        self.pattern()
    }

    /// A whole pattern. `and` binds tighter than `or`.
    pub(super) fn pattern(&mut self) -> Pattern {
        let outer = std::mem::replace(&mut self.in_pattern, true);
        let pattern = match self.nested(Self::or_pattern) {
            Some(pattern) => pattern,
            None => self.node(self.start(), PatternKind::Error),
        };
        self.in_pattern = outer;
        pattern
    }

    fn node(&self, start: u32, kind: PatternKind) -> Pattern {
        Pattern { kind, span: self.span_from(start) }
    }

    fn or_pattern(&mut self) -> Pattern {
        let start = self.start();
        let mut left = self.and_pattern();
        let mut progress = Progress::default();
        while self.at_word("or") && progress.made(self) && self.grow() {
            self.bump();
            let right = self.and_pattern();
            left = self.node(start, PatternKind::Or(Box::new(left), Box::new(right)));
        }
        left
    }

    fn and_pattern(&mut self) -> Pattern {
        let start = self.start();
        let mut left = self.not_pattern();
        let mut progress = Progress::default();
        while self.at_word("and") && progress.made(self) && self.grow() {
            self.bump();
            let right = self.not_pattern();
            left = self.node(start, PatternKind::And(Box::new(left), Box::new(right)));
        }
        left
    }

    fn not_pattern(&mut self) -> Pattern {
        let start = self.start();
        if self.at_word("not") && self.can_start_pattern(1) {
            self.bump();
            let inner = match self.nested(Self::not_pattern) {
                Some(inner) => inner,
                None => self.node(start, PatternKind::Error),
            };
            return self.node(start, PatternKind::Not(Box::new(inner)));
        }
        self.primary_pattern()
    }

    fn can_start_pattern(&self, ahead: usize) -> bool {
        matches!(self.kind_at(ahead), Less | LessEqual | Greater | GreaterEqual | OpenBrace)
            || self.can_start_expression(ahead)
    }

    fn primary_pattern(&mut self) -> Pattern {
        let start = self.start();
        let kind = match self.kind() {
            Less => self.relational(RelationalOp::Less),
            LessEqual => self.relational(RelationalOp::LessOrEqual),
            Greater => self.relational(RelationalOp::Greater),
            GreaterEqual => self.relational(RelationalOp::GreaterOrEqual),
            OpenBracket => self.list_pattern(),
            DotDot => self.misplaced_slice(),
            OpenBrace => self.recursive(None),
            OpenParen if !self.constant_cast_here() => self.bracketed_pattern(),
            Identifier if self.discard_here() => {
                self.bump();
                PatternKind::Discard
            }
            Identifier if self.at_word("var") && (self.kind_at(1) == OpenParen || self.designation_at(1)) => {
                self.bump();
                PatternKind::Var(self.designation())
            }
            _ => self.typed_or_constant(),
        };
        self.node(start, kind)
    }

    fn relational(&mut self, op: RelationalOp) -> PatternKind {
        self.bump();
        PatternKind::Relational { op, value: self.constant_operand() }
    }

    /// A constant's expression: binds tighter than the relational operators.
    fn constant_operand(&mut self) -> Expr {
        self.binary(Precedence::Shift)
    }

    /// `(T)x` inside a pattern, unlike the bracketed pattern `(T)`.
    fn constant_cast_here(&self) -> bool {
        let close = self.partner(self.pos);
        self.cast_here()
            && close.is_some_and(|close| self.can_start_expression(close.saturating_add(1).saturating_sub(self.pos)))
    }

    fn discard_here(&self) -> bool {
        self.at_word("_") && !matches!(self.kind_at(1), Dot | OpenParen | Less)
    }

    /// A name that a pattern may declare stands `ahead`.
    fn designation_at(&self, ahead: usize) -> bool {
        let token = self.token(ahead);
        token.kind == Identifier
            && !matches!(self.source(token), "and" | "or" | "when")
            && !(self.in_query && self.is_query_word(self.pos.saturating_add(ahead)))
    }

    fn typed_or_constant(&mut self) -> PatternKind {
        let Some(scan) = self.scan_type_in_expression(self.pos) else {
            return PatternKind::Constant(self.constant_operand());
        };
        let ahead = scan.end.saturating_sub(self.pos);
        let next = self.kind_at(ahead);
        let is_nameof = self.at_word("nameof");
        if self.designation_at(ahead) {
            let ty = self.ty_at(TypePlace::InExpression);
            return PatternKind::Declaration { ty, designation: self.designation() };
        }
        if next == OpenBrace || (next == OpenParen && !is_nameof && !self.kind().is_predefined_type()) {
            let ty = self.ty_at(TypePlace::InExpression);
            return self.recursive(Some(ty));
        }
        let sure = scan.certainty != Certainty::NameOnly && !matches!(next, Dot | OpenParen);
        if sure {
            PatternKind::Type(self.ty_at(TypePlace::InExpression))
        } else {
            PatternKind::Constant(self.constant_operand())
        }
    }

    /// `(p)` or the positional part of a recursive pattern.
    fn bracketed_pattern(&mut self) -> PatternKind {
        let elements = self.positional();
        let alone = !self.at(OpenBrace) && !self.designation_at(0);
        let mut elements = elements;
        if alone && elements.len() == 1 && elements.iter().all(|element| element.name.is_none()) {
            return match elements.pop() {
                Some(element) => PatternKind::Paren(Box::new(element.pattern)),
                None => PatternKind::Error,
            };
        }
        self.recursive_rest(None, Some(elements))
    }

    fn positional(&mut self) -> Vec<PositionalSubpattern> {
        let open = self.pos;
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseParen | Eof) && progress.made(self) {
            let name = (self.at(Identifier) && self.kind_at(1) == Colon).then(|| self.name_before_colon());
            elements.push(PositionalSubpattern { name, pattern: self.pattern() });
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseParen, open);
        elements
    }

    fn name_before_colon(&mut self) -> Ident {
        let token = self.bump();
        self.bump();
        self.make_ident(token)
    }

    fn recursive(&mut self, ty: Option<TypeSyntax>) -> PatternKind {
        let positional = self.at(OpenParen).then(|| self.positional());
        self.recursive_rest(ty, positional)
    }

    fn recursive_rest(&mut self, ty: Option<TypeSyntax>, positional: Option<Vec<PositionalSubpattern>>) -> PatternKind {
        let properties = self.at(OpenBrace).then(|| self.properties());
        let designation = self.optional_designation();
        PatternKind::Recursive(Box::new(RecursivePattern { ty, positional, properties, designation }))
    }

    fn optional_designation(&mut self) -> Option<Designation> {
        self.designation_at(0).then(|| self.designation())
    }

    fn properties(&mut self) -> Vec<PropertySubpattern> {
        let open = self.pos;
        self.bump();
        let mut properties = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof | Semicolon) && progress.made(self) {
            properties.push(self.property());
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseBrace, open);
        properties
    }

    fn property(&mut self) -> PropertySubpattern {
        let mut path = vec![self.expect_ident("a property name")];
        let mut progress = Progress::default();
        while self.at(Dot) && progress.made(self) {
            self.bump();
            path.push(self.expect_ident("a property name"));
        }
        if !self.eat(Colon) {
            self.missing(codes::TOKEN_EXPECTED, TokenKind::Colon.text());
        }
        PropertySubpattern { path, pattern: self.pattern() }
    }

    fn list_pattern(&mut self) -> PatternKind {
        let open = self.pos;
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBracket | Eof | Semicolon) && progress.made(self) {
            elements.push(if self.at(DotDot) { self.slice() } else { self.pattern() });
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseBracket, open);
        PatternKind::List { elements, designation: self.optional_designation() }
    }

    fn slice(&mut self) -> Pattern {
        let start = self.bump().span.start;
        let inner = (!matches!(self.kind(), Comma | CloseBracket)).then(|| Box::new(self.pattern()));
        self.node(start, PatternKind::Slice(inner))
    }

    fn misplaced_slice(&mut self) -> PatternKind {
        let span = self.span();
        self.report(codes::SLICE_MISPLACED, span, "a slice `..` can only stand directly inside a list pattern", |d| d);
        self.slice();
        PatternKind::Error
    }
}
