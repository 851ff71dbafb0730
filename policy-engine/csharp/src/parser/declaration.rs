//! Local variables, constants and functions.
use super::codes;
use super::core::{Parser, Progress};
use super::types::predefined;
use crate::ast::{
    Declarator, Expr, Ident, LambdaBody, LocalDeclaration, LocalFunction, PredefinedType, StmtKind, TypeBound,
    TypeConstraints, TypeKind, TypeSyntax,
};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    /// `declaration_here` was true.
    pub(super) fn local_declaration_or_function(&mut self) -> StmtKind {
        let ty = if self.at(Ref) { self.pos.saturating_add(1) } else { self.pos };
        let name = self.scan_type(ty).map(|scan| scan.end);
        if name.is_some_and(|name| self.token_at(name).kind == Identifier && self.local_function_follows(name)) {
            return self.local_function(false);
        }
        let local = self.local_declaration(false, false);
        self.finish_statement();
        StmtKind::Local(Box::new(local))
    }

    pub(super) fn const_declaration(&mut self) -> StmtKind {
        self.bump();
        if self.at(Identifier) && self.kind_at(1) == Assign {
            let (span, name) = (self.span(), self.shown());
            let message = format!("constant `{name}` needs a type before its name");
            self.report(codes::IDENTIFIER_EXPECTED, span, message, |d| {
                d.help(format!("write `const int {name} = ...`"))
            });
            self.bump();
            self.bump();
            self.expression();
            self.finish_statement();
            return StmtKind::Error;
        }
        let local = self.local_declaration(true, false);
        self.finish_statement();
        StmtKind::Local(Box::new(local))
    }

    /// `T a = x, b`, without `;`.
    pub(super) fn local_declaration(&mut self, is_const: bool, is_using: bool) -> LocalDeclaration {
        let ty = self.ty();
        let mut declarators = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            declarators.push(self.declarator(is_const));
            // `for (int i = 0, i < 3`: what follows the comma is no name with a value.
            let is_condition = matches!(self.kind_at(2), Less | Greater | LessEqual | GreaterEqual | NotEqual | Equal);
            if (self.at(Comma) && is_condition) || !self.eat(Comma) {
                break;
            }
        }
        if let (TypeKind::Var, Some(second)) = (&ty.kind, declarators.get(1)) {
            self.report_also(codes::VAR_SEVERAL, second.span, "one `var` declares one variable", |d| {
                d.help("declare each variable in a statement of its own")
            });
        }
        LocalDeclaration { is_const, is_using, ty, declarators }
    }

    fn declarator(&mut self, is_const: bool) -> Declarator {
        let start = self.start();
        let name = self.expect_ident("a variable name");
        self.brackets_after_name();
        let value = self.eat(Assign).then(|| self.declared_value());
        if is_const && value.is_none() {
            let span = name.span;
            self.report(codes::CONST_NEEDS_VALUE, span, "a constant needs a value", |d| d);
        }
        Declarator { name, value, span: self.span_from(start) }
    }

    fn declared_value(&mut self) -> Expr {
        if self.at(OpenBrace) { self.array_initializer() } else { self.expression() }
    }

    /// `int a[5]`, the order of C.
    fn brackets_after_name(&mut self) {
        if self.at(OpenBracket) {
            let start = self.start();
            self.skip_tree();
            let span = self.span_from(start);
            self.report_also(codes::BRACKETS_AFTER_NAME, span, "the brackets of an array stand after its type", |d| {
                d.help("write `int[] a = new int[5]`")
            });
        }
    }

    // === local functions ===

    /// `static`, `async` and refused modifiers in front of a local function.
    pub(super) fn modified_function(&mut self) -> StmtKind {
        let mut is_static = false;
        let mut progress = Progress::default();
        while progress.made(self) {
            match self.kind() {
                Static => is_static = true,
                Unsafe | Extern => {
                    let (span, shown) = (self.span(), self.shown());
                    self.report_also(
                        codes::UNSAFE_CODE,
                        span,
                        format!("`{shown}` is not allowed in a policy expression"),
                        |d| d,
                    );
                    if self.kind_at(1) == OpenBrace {
                        self.bump();
                        return StmtKind::Block(self.block());
                    }
                }
                Identifier if self.async_function_here() => self.reject_async(),
                _ => break,
            }
            self.bump();
        }
        if self.scan_type(self.pos).is_none() {
            return self.refused_modifier();
        }
        self.local_function(is_static)
    }

    fn refused_modifier(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::STATEMENT_EXPECTED, span, format!("a local function is expected before `{shown}`"), |d| d);
        self.finish_statement();
        StmtKind::Error
    }

    /// `async T Name(`
    pub(super) fn async_function_here(&self) -> bool {
        let after = self.pos.saturating_add(1);
        self.at_word("async")
            && (self.kind_at(1) == Static
                || self.scan_type(after).is_some_and(|scan| {
                    self.token_at(scan.end).kind == Identifier && self.local_function_follows(scan.end)
                }))
    }

    fn local_function(&mut self, is_static: bool) -> StmtKind {
        let return_type = self.return_type();
        let name = self.expect_ident("a function name");
        let type_parameters = if self.at(Less) { self.type_parameters() } else { Vec::new() };
        let parameters = self.parameters();
        for p in parameters.iter().filter(|p| p.ty.is_none() && !p.name.name.is_empty()) {
            let message = format!("parameter `{}` needs a type before its name", p.name.name);
            let help = format!("write `string {}`", p.name.name);
            self.report_also(codes::IDENTIFIER_EXPECTED, p.span, message, |d| d.help(help));
        }
        let constraints = self.constraints();
        let body = self.function_body();
        StmtKind::LocalFunction(Box::new(LocalFunction {
            is_static,
            return_type,
            name,
            type_parameters,
            parameters,
            constraints,
            body,
        }))
    }

    fn return_type(&mut self) -> TypeSyntax {
        let token = self.token(0);
        match predefined(token.kind) {
            Some(PredefinedType::Void) => {
                self.bump();
                TypeSyntax { kind: TypeKind::Predefined(PredefinedType::Void), span: token.span }
            }
            _ => self.ty(),
        }
    }

    fn type_parameters(&mut self) -> Vec<Ident> {
        self.bump();
        let mut names = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            names.push(self.expect_ident("a type parameter"));
            if !self.eat(Comma) {
                break;
            }
        }
        self.expect(Greater);
        names
    }

    fn constraints(&mut self) -> Vec<TypeConstraints> {
        let mut constraints = Vec::new();
        let mut progress = Progress::default();
        while self.at_word("where") && progress.made(self) {
            let start = self.bump().span.start;
            let parameter = self.expect_ident("a type parameter");
            self.expect(Colon);
            let mut bounds = Vec::new();
            let mut inner = Progress::default();
            while inner.made(self) {
                bounds.push(self.type_bound());
                if !self.eat(Comma) {
                    break;
                }
            }
            constraints.push(TypeConstraints { parameter, bounds, span: self.span_from(start) });
        }
        constraints
    }

    fn type_bound(&mut self) -> TypeBound {
        let bound = match self.kind() {
            Class => TypeBound::Class,
            Struct => TypeBound::Struct,
            Default => TypeBound::Default,
            New => {
                self.bump();
                self.expect(OpenParen);
                self.expect(CloseParen);
                return TypeBound::New;
            }
            _ if self.at_word("notnull") => TypeBound::NotNull,
            _ if self.at_word("unmanaged") => TypeBound::Unmanaged,
            _ => return TypeBound::Type(self.ty()),
        };
        self.bump();
        if bound == TypeBound::Class {
            self.eat(Question);
        }
        bound
    }

    fn function_body(&mut self) -> LambdaBody {
        if self.eat(FatArrow) {
            let body = self.expression_or_throw();
            self.finish_statement();
            return LambdaBody::Expr(body);
        }
        if self.at(Semicolon) {
            let span = self.bump().span;
            self.report_also(codes::LOCAL_FUNCTION_BODY, span, "a local function needs a body", |d| d);
            return LambdaBody::Expr(Expr { kind: crate::ast::ExprKind::Error, span: Span::empty(span.start) });
        }
        LambdaBody::Block(self.inner_block())
    }
}
