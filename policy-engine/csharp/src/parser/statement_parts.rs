//! Compound statements: conditions, loops, `switch`, `try`, `using`, `lock`, `checked`.
use super::codes;
use super::core::{Parser, Progress};
use crate::ast::{
    CatchClause, Expr, ExprKind, ForInit, ForStmt, ForeachStmt, ForeachTarget, Ident, Stmt, StmtKind, SwitchLabel,
    SwitchLabelKind, SwitchSection, SwitchStmt, TryStmt, TypeKind, TypeSyntax, UsingResource, UsingStmt,
};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    /// `(condition)`
    fn condition(&mut self) -> Expr {
        let open = self.pos;
        if !self.expect(OpenParen) {
            return if self.at(OpenBrace) || self.at(Semicolon) { self.missing_expr() } else { self.expression() };
        }
        let condition = self.expression();
        self.close(CloseParen, open);
        condition
    }

    /// `else if` chains are read in a loop, so that they may be long, and nested afterwards.
    pub(super) fn if_statement(&mut self) -> StmtKind {
        let mut arms: Vec<(u32, Expr, Stmt)> = Vec::new();
        let mut last = None;
        let mut progress = Progress::default();
        while progress.made(self) && self.grow() {
            let start = self.bump().span.start;
            let condition = self.condition();
            self.in_then = self.at(OpenBrace);
            arms.push((start, condition, self.embedded()));
            if !self.eat(Else) {
                break;
            }
            if !self.at(If) {
                last = Some(Box::new(self.embedded()));
                break;
            }
        }
        let end = self.prev_end();
        let mut otherwise = last;
        let mut kind = StmtKind::Error;
        while let Some((start, condition, then)) = arms.pop() {
            kind = StmtKind::If { condition, then: Box::new(then), otherwise: otherwise.take() };
            if !arms.is_empty() {
                let nested = std::mem::replace(&mut kind, StmtKind::Error);
                otherwise = Some(Box::new(Stmt { kind: nested, span: Span::new(start, end) }));
            }
        }
        kind
    }

    pub(super) fn while_statement(&mut self) -> StmtKind {
        self.bump();
        let condition = self.condition();
        StmtKind::While { condition, body: Box::new(self.embedded()) }
    }

    pub(super) fn do_statement(&mut self) -> StmtKind {
        self.bump();
        let body = Box::new(self.embedded());
        let condition = if self.expect(While) { self.condition() } else { self.missing_expr() };
        self.finish_statement();
        StmtKind::DoWhile { body, condition }
    }

    pub(super) fn for_statement(&mut self) -> StmtKind {
        self.bump();
        let open = self.pos;
        self.expect(OpenParen);
        let init = if self.at(Semicolon) {
            ForInit::Exprs(Vec::new())
        } else if self.declaration_here() {
            ForInit::Local(self.local_declaration(false, false))
        } else {
            ForInit::Exprs(self.effects())
        };
        let (mut condition, mut step) = (None, Vec::new());
        if self.for_semicolon() {
            condition = (!matches!(self.kind(), Semicolon | CloseParen)).then(|| self.expression());
            if self.for_semicolon() && !self.at(CloseParen) {
                step = self.effects();
            }
        }
        self.close(CloseParen, open);
        StmtKind::For(Box::new(ForStmt { init, condition, step, body: self.embedded() }))
    }

    /// A `;` of the head of a `for`. Without it the parts that follow cannot be told apart.
    fn for_semicolon(&mut self) -> bool {
        if self.eat(Semicolon) {
            return true;
        }
        let (span, shown) = (Span::empty(self.prev_end()), self.shown());
        self.report(codes::SEMICOLON_EXPECTED, span, "`;` is expected", |d| {
            d.label(format!("before `{shown}`")).help("`for` has three parts: `for (int i = 0; i < n; i++)`")
        });
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseParen | CloseBrace | OpenBrace | Eof) && progress.made(self) {
            self.skip_tree();
        }
        false
    }

    /// Expressions that do something.
    fn effects(&mut self) -> Vec<Expr> {
        let errors = self.error_count();
        let list = self.expression_list();
        if self.error_count() == errors {
            list.iter().for_each(|e| self.check_alone(e));
        }
        list
    }

    fn expression_list(&mut self) -> Vec<Expr> {
        let mut list = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            list.push(self.expression());
            if !self.eat(Comma) {
                break;
            }
        }
        list
    }

    // === foreach ===

    pub(super) fn foreach_statement(&mut self) -> StmtKind {
        self.bump();
        let open = self.pos;
        self.expect(OpenParen);
        let target = self.foreach_target();
        if !self.expect(In) && self.at(Identifier) && self.can_start_expression(1) {
            // Some other word stands in the place of `in`.
            self.bump();
        }
        let source = self.expression();
        self.close(CloseParen, open);
        StmtKind::Foreach(Box::new(ForeachStmt { target, source, body: self.embedded() }))
    }

    fn foreach_target(&mut self) -> ForeachTarget {
        let start = self.start();
        if self.kind_at(1) == In {
            let span = self.span();
            let name = self.shown();
            self.report(codes::FOREACH_PARTS, span, "a foreach variable needs a type and a name", |d| {
                d.help(format!("write `var {name}`"))
            });
            let name = if self.at(Identifier) { self.expect_ident("a name") } else { self.bumped_name() };
            return ForeachTarget::Variable {
                ty: TypeSyntax { kind: TypeKind::Error, span: Span::empty(start) },
                name,
            };
        }
        if self.at_word("var") && self.kind_at(1) == OpenParen {
            return ForeachTarget::Deconstruct(self.declaration_expression());
        }
        let typed = self.scan_type(self.pos).is_some_and(|scan| self.token_at(scan.end).kind == Identifier);
        if self.at(OpenParen) && !typed {
            return ForeachTarget::Deconstruct(self.expression());
        }
        let ty = self.ty();
        ForeachTarget::Variable { ty, name: self.expect_ident("a variable name") }
    }

    fn bumped_name(&mut self) -> Ident {
        self.bump();
        self.missing_ident()
    }

    // === switch ===

    pub(super) fn switch_statement(&mut self) -> StmtKind {
        self.bump();
        let value = self.switch_value();
        let open = self.pos;
        let mut sections = Vec::new();
        if self.expect(OpenBrace) {
            let mut progress = Progress::default();
            while !matches!(self.kind(), CloseBrace | Eof) && progress.made(self) {
                sections.extend(self.switch_section());
            }
            self.close_block(open);
        }
        StmtKind::Switch(Box::new(SwitchStmt { value, sections }))
    }

    /// `(value)`, or `(a, b)` which is a tuple.
    fn switch_value(&mut self) -> Expr {
        let start = self.start();
        if !self.at(OpenParen) {
            return self.condition();
        }
        let bracketed = self.operand();
        match bracketed.kind {
            ExprKind::Paren(inner) => *inner,
            kind => self.expr(start, kind),
        }
    }

    fn switch_section(&mut self) -> Option<SwitchSection> {
        let start = self.start();
        let mut labels = Vec::new();
        let mut progress = Progress::default();
        while matches!(self.kind(), Case | Default) && progress.made(self) {
            labels.push(self.switch_label());
        }
        if labels.is_empty() {
            let (span, shown) = (self.span(), self.shown());
            self.report(
                codes::TOKEN_EXPECTED,
                span,
                format!("`case` or `default` is expected before `{shown}`"),
                |d| d,
            );
            self.pattern();
            self.eat(Colon);
        }
        let body = self.section_body();
        (!labels.is_empty()).then(|| SwitchSection { labels, body, span: self.span_from(start) })
    }

    fn section_body(&mut self) -> Vec<Stmt> {
        let mut body = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), Case | CloseBrace | Eof)
            && (!self.at(Default) || self.kind_at(1) != Colon)
            && progress.made(self)
        {
            body.extend(self.statements(|kind| matches!(kind, Case | Default)));
            if self.at(Default) && self.kind_at(1) != Colon {
                body.push(self.statement());
            }
        }
        body
    }

    fn switch_label(&mut self) -> SwitchLabel {
        let start = self.start();
        let kind = if self.bump().kind == Default {
            SwitchLabelKind::Default
        } else {
            let pattern = self.pattern();
            let guard = self.eat_word("when").then(|| self.expression());
            SwitchLabelKind::Case { pattern, guard }
        };
        if !self.expect(Colon) {
            self.eat(Semicolon);
        }
        SwitchLabel { kind, span: self.span_from(start) }
    }

    // === try ===

    pub(super) fn try_statement(&mut self) -> StmtKind {
        let try_span = self.bump().span;
        let body = self.block();
        let mut catches: Vec<CatchClause> = Vec::new();
        let mut progress = Progress::default();
        while self.at(Catch) && progress.made(self) {
            if catches.last().is_some_and(|last| last.ty.is_none() && last.filter.is_none()) {
                let span = self.span();
                self.report_also(
                    codes::CATCH_AFTER_GENERAL,
                    span,
                    "nothing is left to catch after a bare `catch`",
                    |d| d,
                );
            }
            catches.push(self.catch_clause());
        }
        let finally = self.eat(Finally).then(|| self.block());
        if catches.is_empty() && finally.is_none() {
            let span = Span::empty(self.prev_end());
            self.report(
                codes::CATCH_OR_FINALLY_EXPECTED,
                span,
                "`catch` or `finally` is expected after a `try` block",
                |d| d.also(try_span, "the `try` is here"),
            );
        }
        StmtKind::Try(Box::new(TryStmt { body, catches, finally }))
    }

    fn catch_clause(&mut self) -> CatchClause {
        let start = self.bump().span.start;
        let (mut ty, mut name, mut filter) = (None, None, None);
        if self.at(OpenParen) {
            let open = self.pos;
            self.bump();
            ty = Some(self.ty());
            if self.at(Identifier) {
                name = Some(self.expect_ident("a name"));
            }
            self.close(CloseParen, open);
        }
        if ty.is_none() && self.at(Identifier) && self.kind_at(1) == Identifier && self.kind_at(2) == OpenBrace {
            let span = self.span();
            self.report(codes::TOKEN_EXPECTED, span, "`(` is expected", |d| {
                d.help("the type and the name stand in parentheses: `catch (Exception e)`")
            });
            ty = Some(self.ty());
            name = Some(self.expect_ident("a name"));
        }
        if self.eat_word("when") {
            filter = Some(self.condition());
        }
        let body = self.block();
        CatchClause { ty, name, filter, body, span: self.span_from(start) }
    }

    // === the rest ===

    pub(super) fn using(&mut self) -> StmtKind {
        if self.kind_at(1) == OpenParen {
            return self.using_statement();
        }
        let start = self.bump().span.start;
        if self.using_directive_here() {
            let mut progress = Progress::default();
            while !matches!(self.kind(), Semicolon | Eof) && progress.made(self) {
                self.bump();
            }
            let span = self.span_from(start);
            self.report_also(
                codes::USING_DIRECTIVE,
                span,
                "namespaces cannot be imported in a policy expression",
                |d| d.help("the documented namespaces are imported already; other types need their full name"),
            );
            self.eat(Semicolon);
            return StmtKind::Error;
        }
        let local = self.local_declaration(false, true);
        self.finish_statement();
        StmtKind::Local(Box::new(local))
    }

    /// `using System.Text;`, `using static System.Math;`, `using X = System.Text;`
    fn using_directive_here(&self) -> bool {
        let static_import = self.at(Static);
        let alias = self.at(Identifier) && self.kind_at(1) == Assign;
        let name = self.scan_type(self.pos).is_some_and(|scan| self.token_at(scan.end).kind == Semicolon);
        static_import || alias || name
    }

    fn using_statement(&mut self) -> StmtKind {
        self.bump();
        let open = self.pos;
        self.bump();
        let resource = if self.declaration_here() {
            UsingResource::Local(self.local_declaration(false, true))
        } else {
            UsingResource::Expr(self.expression())
        };
        self.close(CloseParen, open);
        StmtKind::Using(Box::new(UsingStmt { resource, body: self.embedded() }))
    }

    pub(super) fn lock_statement(&mut self) -> StmtKind {
        self.bump();
        let target = self.condition();
        StmtKind::Lock { target, body: Box::new(self.embedded()) }
    }

    pub(super) fn checked_block(&mut self) -> StmtKind {
        let checked = self.bump().kind == Checked;
        StmtKind::Checked { checked, body: self.block() }
    }
}
