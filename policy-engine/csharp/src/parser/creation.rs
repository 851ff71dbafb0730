//! `new`: objects, arrays, anonymous types, and their initialisers.
use super::codes;
use super::core::{Parser, Progress};
use super::types::TypePlace;
use crate::ast::{
    AnonymousMember, ArrayCreation, CollectionAdd, Expr, ExprKind, Ident, Initializer, InitializerKind, MemberTarget,
    MemberValue, ObjectCreation, ObjectMember,
};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    pub(super) fn creation(&mut self) -> Expr {
        let start = self.start();
        match self.kind_at(1) {
            OpenBrace => {
                self.bump();
                self.anonymous_object(start)
            }
            OpenBracket => {
                self.bump();
                let made = self.array_after_new();
                self.expr(start, made.kind)
            }
            OpenParen if !self.tuple_array_follows() => {
                self.bump();
                let args = self.arguments(OpenParen, CloseParen);
                let initializer = self.at(OpenBrace).then(|| self.initializer());
                self.expr(start, ExprKind::New(Box::new(ObjectCreation { ty: None, args: Some(args), initializer })))
            }
            _ => self.typed_creation(start),
        }
    }

    /// `new (int, string)[2]`
    fn tuple_array_follows(&self) -> bool {
        let open = self.pos.saturating_add(1);
        self.scan_type(open).is_some_and(|scan| {
            let end = self.token_at(scan.end.saturating_sub(1)).kind;
            end == CloseBracket || (end == CloseParen && self.token_at(scan.end).kind == OpenBracket)
        })
    }

    fn typed_creation(&mut self, start: u32) -> Expr {
        self.bump();
        let ty = self.ty_at(TypePlace::Creation);
        if self.at(OpenBracket) {
            return self.array_creation(start, Some(ty));
        }
        let args = self.at(OpenParen).then(|| self.arguments(OpenParen, CloseParen));
        let initializer = self.at(OpenBrace).then(|| self.initializer());
        if args.is_none() && initializer.is_none() {
            let span = Span::empty(self.prev_end());
            let name = ty.span.slice(self.text).to_owned();
            self.report(codes::NEW_NEEDS_ARGUMENTS, span, "`new` needs `()`, `[]` or `{}` after the type", |d| {
                match name.split_once(">.") {
                    Some((ty, member)) => d.help(format!("write `new {ty}>().{member}`")),
                    None if name.is_empty() => d,
                    None => d.help(format!("write `new {name}()`")),
                }
            });
        }
        self.expr(start, ExprKind::New(Box::new(ObjectCreation { ty: Some(ty), args, initializer })))
    }

    // === arrays ===

    /// What follows `new` or `stackalloc` when it is an array.
    pub(super) fn array_after_new(&mut self) -> Expr {
        let start = self.start();
        let element = (!self.at(OpenBracket)).then(|| self.ty_at(TypePlace::Creation));
        self.array_creation(start, element)
    }

    fn array_creation(&mut self, start: u32, element: Option<crate::ast::TypeSyntax>) -> Expr {
        let open = self.pos;
        self.expect(OpenBracket);
        let mut rank = 1_u32;
        let mut sizes = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) && !matches!(self.kind(), CloseBracket | Eof | Semicolon) {
            if self.eat(Comma) {
                rank = rank.saturating_add(1);
                continue;
            }
            sizes.push(self.expression());
            if !matches!(self.kind(), Comma | CloseBracket) {
                break;
            }
        }
        self.close(CloseBracket, open);
        let element = element.map(|element| {
            let from = element.span.start;
            self.rank_specifiers(element, from)
        });
        if sizes.is_empty() && self.at(OpenBracket) && self.partner(self.pos).is_some() {
            return self.elements_in_brackets(start);
        }
        self.sizes_in_later_brackets();
        let initializer = self.at(OpenBrace).then(|| self.array_initializer());
        self.check_sizes(start, rank, sizes.len(), element.is_some(), initializer.is_some());
        self.expr(start, ExprKind::NewArray(Box::new(ArrayCreation { element, rank, sizes, initializer })))
    }

    /// `new string[] ["a"]`
    fn elements_in_brackets(&mut self, start: u32) -> Expr {
        self.skip_tree();
        let span = self.span_from(start);
        self.report_also(codes::ARRAY_NEEDS_SIZE, span, "array creation needs a size or an initialiser", |d| {
            d.help("elements stand in braces: `new[] { ... }`")
        });
        self.expr(start, ExprKind::Error)
    }

    fn sizes_in_later_brackets(&mut self) {
        // `new int[2][3]` makes no jagged array; `new int[2] [0]` is no access either.
        if self.at(OpenBracket) && self.partner(self.pos).is_some() {
            let start = self.start();
            self.skip_tree();
            let span = self.span_from(start);
            self.report_also(
                codes::RANK_MISMATCH,
                span,
                "only the first brackets of an array creation hold sizes",
                |d| d.help("make the inner arrays in a loop or with an initialiser"),
            );
        }
    }

    fn check_sizes(&mut self, start: u32, rank: u32, sizes: usize, typed: bool, initialised: bool) {
        let span = self.span_from(start);
        if sizes == 0 && !initialised {
            self.report_also(codes::ARRAY_NEEDS_SIZE, span, "array creation needs a size or an initialiser", |d| d);
        } else if sizes != 0 && (sizes != rank as usize || !typed) {
            self.report_also(codes::RANK_MISMATCH, span, "give a size for every dimension, or none", |d| d);
        }
    }

    /// `{ a, { b } }` of an array.
    pub(super) fn array_initializer(&mut self) -> Expr {
        match self.nested(Self::array_initializer_inner) {
            Some(expr) => expr,
            None => self.missing_expr(),
        }
    }

    fn array_initializer_inner(&mut self) -> Expr {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof | Semicolon) && progress.made(self) {
            elements.push(if self.at(OpenBrace) { self.array_initializer() } else { self.expression() });
            if !self.list_goes_on(true) {
                break;
            }
        }
        self.close(CloseBrace, open);
        self.expr(start, ExprKind::ArrayInitializer(elements))
    }

    /// Reads the comma between elements; reports one that was forgotten. `braces`: an element may begin with `{`.
    pub(super) fn list_goes_on(&mut self, braces: bool) -> bool {
        if self.eat(Comma) {
            return true;
        }
        let forgotten = (braces && self.at(OpenBrace)) || self.can_start_expression(0);
        if forgotten {
            self.missing(codes::TOKEN_EXPECTED, ",");
        }
        forgotten
    }

    // === objects ===

    pub(super) fn initializer(&mut self) -> Initializer {
        match self.nested(Self::initializer_inner) {
            Some(initializer) => initializer,
            None => Initializer { kind: InitializerKind::Object(Vec::new()), span: self.span() },
        }
    }

    fn initializer_inner(&mut self) -> Initializer {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let kind = if self.at(CloseBrace) || self.member_target_here() {
            InitializerKind::Object(self.members())
        } else {
            InitializerKind::Collection(self.collection_adds())
        };
        self.close(CloseBrace, open);
        Initializer { kind, span: self.span_from(start) }
    }

    /// `Name =` or `[key] =`
    fn member_target_here(&self) -> bool {
        match self.kind() {
            Identifier => self.kind_at(1) == Assign,
            OpenBracket => {
                self.partner(self.pos).is_some_and(|close| self.token_at(close.saturating_add(1)).kind == Assign)
            }
            _ => false,
        }
    }

    fn members(&mut self) -> Vec<ObjectMember> {
        let mut members = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof | Semicolon) && progress.made(self) {
            if self.member_target_here() {
                members.push(self.member());
            } else {
                self.stray_element();
            }
            if !self.list_goes_on(true) {
                break;
            }
        }
        members
    }

    fn stray_element(&mut self) {
        let start = self.start();
        let errors = self.error_count();
        if self.at(OpenBrace) {
            self.skip_tree()
        } else {
            drop(self.expression())
        }
        if self.error_count() == errors {
            let span = self.span_from(start);
            self.report_also(codes::MIXED_INITIALIZER, span, "this is not a member with a value", |d| {
                d.help("write `Name = value` or `[key] = value`, or only elements without `=`")
            });
        }
    }

    fn member(&mut self) -> ObjectMember {
        let start = self.start();
        let target = if self.at(OpenBracket) {
            MemberTarget::Index(self.arguments(OpenBracket, CloseBracket))
        } else {
            MemberTarget::Name(self.expect_ident("a member name"))
        };
        self.expect(Assign);
        let value = if self.at(OpenBrace) {
            MemberValue::Nested(self.initializer())
        } else {
            MemberValue::Expr(self.expression())
        };
        ObjectMember { target, value, span: self.span_from(start) }
    }

    /// The braces after `with`.
    pub(super) fn with_members(&mut self) -> Vec<ObjectMember> {
        let open = self.pos;
        self.bump();
        let members = self.members();
        self.close(CloseBrace, open);
        members
    }

    fn collection_adds(&mut self) -> Vec<CollectionAdd> {
        let mut adds = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof | Semicolon) && progress.made(self) {
            let start = self.start();
            if self.member_target_here() {
                let member = self.member();
                self.report_also(
                    codes::MIXED_INITIALIZER,
                    member.span,
                    "elements and members cannot stand in one initialiser",
                    |d| d,
                );
            } else {
                let args = if self.at(OpenBrace) { self.add_arguments() } else { vec![self.expression()] };
                adds.push(CollectionAdd { args, span: self.span_from(start) });
            }
            if !self.list_goes_on(true) {
                break;
            }
        }
        adds
    }

    fn add_arguments(&mut self) -> Vec<Expr> {
        match self.array_initializer().kind {
            ExprKind::ArrayInitializer(args) => args,
            _ => Vec::new(),
        }
    }

    // === anonymous types ===

    fn anonymous_object(&mut self, start: u32) -> Expr {
        let open = self.pos;
        self.bump();
        let mut members = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof | Semicolon) && progress.made(self) {
            members.push(self.anonymous_member());
            if !self.list_goes_on(false) {
                break;
            }
        }
        self.close(CloseBrace, open);
        self.expr(start, ExprKind::NewAnonymous(members))
    }

    fn anonymous_member(&mut self) -> AnonymousMember {
        if self.at(Identifier) && self.kind_at(1) == Assign {
            let token = self.bump();
            self.bump();
            let name = Some(self.make_ident(token));
            return AnonymousMember { name, inferred: false, value: self.expression() };
        }
        let errors = self.error_count();
        let value = self.expression();
        let name = inferred_name(&value);
        if name.is_none() && self.error_count() == errors {
            self.report_also(
                codes::ANONYMOUS_MEMBER_NAME,
                value.span,
                "this member of an anonymous type needs a name",
                |d| d.help("write `Name = value`; only names and member accesses give one by themselves"),
            );
        }
        AnonymousMember { name, inferred: true, value }
    }
}

/// The name that an anonymous type's member takes from its value.
fn inferred_name(value: &Expr) -> Option<Ident> {
    match &value.kind {
        ExprKind::Name(name) | ExprKind::Member { name, .. } | ExprKind::AliasName { name, .. } => {
            Some(name.ident.clone())
        }
        ExprKind::ConditionalAccess { access, .. } => inferred_name(access),
        _ => None,
    }
}
