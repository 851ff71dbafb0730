//! Lambdas and anonymous methods.
use super::codes;
use super::core::Parser;
use crate::ast::{Expr, ExprKind, Lambda, LambdaBody, Parameter, ParameterModifier};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    /// A lambda or anonymous method; `lambda_here` was true.
    pub(super) fn lambda(&mut self) -> Expr {
        let start = self.start();
        let is_static = self.lambda_modifiers();
        if self.at(Delegate) {
            return self.anonymous_method(start, is_static);
        }
        let simple = self.at(Identifier) && self.kind_at(1) == FatArrow;
        let return_type = (!simple && !self.parameters_here()).then(|| self.ty());
        let parameters = if simple {
            let token = self.bump();
            let name = self.make_ident(token);
            vec![Parameter { modifier: ParameterModifier::None, ty: None, name, default: None, span: token.span }]
        } else {
            self.lambda_parameters()
        };
        self.expect(FatArrow);
        let body = if self.at(OpenBrace) {
            LambdaBody::Block(self.inner_block())
        } else {
            LambdaBody::Expr(self.expression_or_throw())
        };
        let lambda = Lambda { is_static, parameters: Some(parameters), return_type, is_anonymous_method: false, body };
        self.expr(start, ExprKind::Lambda(Box::new(lambda)))
    }

    /// Reads `static` and `async`; true when `static` was among them.
    fn lambda_modifiers(&mut self) -> bool {
        let mut is_static = false;
        loop {
            if self.eat(Static) {
                is_static = true;
            } else if self.at_word("async") && self.kind_at(1) != FatArrow {
                self.reject_async();
                self.bump();
            } else {
                return is_static;
            }
        }
    }

    pub(super) fn reject_async(&mut self) {
        let span = self.span();
        self.report_also(
            codes::ASYNC_FUNCTION,
            span,
            "`async` is not supported: `Task` is no type that policy expressions may use",
            |d| d.help("remove `async`; an expression runs to its end at once"),
        );
    }

    /// The bracket here is a parameter list and not a tuple type in front of one.
    fn parameters_here(&self) -> bool {
        self.at(OpenParen)
            && self.partner(self.pos).is_some_and(|close| self.token_at(close.saturating_add(1)).kind == FatArrow)
    }

    fn lambda_parameters(&mut self) -> Vec<Parameter> {
        let start = self.start();
        let parameters = self.parameters();
        let untyped = parameters.iter().filter(|p| p.ty.is_none()).count();
        if untyped != 0 && untyped != parameters.len() {
            let span: Span = self.span_from(start);
            self.report_also(codes::LAMBDA_PARAMETERS_MIXED, span, "give every parameter a type, or none", |d| d);
        }
        parameters
    }

    fn anonymous_method(&mut self, start: u32, is_static: bool) -> Expr {
        self.bump();
        let parameters = self.at(OpenParen).then(|| self.parameters());
        let body = LambdaBody::Block(self.inner_block());
        let lambda = Lambda { is_static, parameters, return_type: None, is_anonymous_method: true, body };
        self.expr(start, ExprKind::Lambda(Box::new(lambda)))
    }

    /// The block of a function inside an expression: what holds for a query or pattern around it ends here.
    pub(super) fn inner_block(&mut self) -> crate::ast::Block {
        let outer = (std::mem::take(&mut self.in_query), std::mem::take(&mut self.in_pattern));
        let block = self.block();
        (self.in_query, self.in_pattern) = outer;
        block
    }
}
