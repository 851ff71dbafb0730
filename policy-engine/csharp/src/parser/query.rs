//! LINQ query syntax.
use super::codes;
use super::core::{Parser, Progress};
use crate::ast::{
    Expr, ExprKind, FromClause, Ident, JoinClause, Ordering, Query, QueryBody, QueryClause, QueryContinuation,
    QueryEnd, TypeSyntax,
};
use crate::span::Span;
use crate::token::TokenKind::*;

impl Parser<'_> {
    pub(super) fn query(&mut self) -> Expr {
        let start = self.start();
        let outer = std::mem::replace(&mut self.in_query, true);
        let from = self.first_clause();
        let body = self.query_body();
        self.in_query = outer;
        self.expr(start, ExprKind::Query(Box::new(Query { from, body })))
    }

    fn query_body(&mut self) -> QueryBody {
        let mut clauses = Vec::new();
        let mut progress = Progress::default();
        while let Some(clause) = self.query_clause() {
            clauses.push(clause);
            if !progress.made(self) {
                break;
            }
        }
        let end = self.query_end();
        let continuation = self.at_word("into").then(|| self.continuation()).flatten();
        QueryBody { clauses, end, continuation }
    }

    fn continuation(&mut self) -> Option<Box<QueryContinuation>> {
        self.nested(|p| {
            let start = p.bump().span.start;
            let name = p.expect_ident("a variable name");
            let body = p.query_body();
            Box::new(QueryContinuation { name, body, span: p.span_from(start) })
        })
    }

    fn query_clause(&mut self) -> Option<QueryClause> {
        let start = self.start();
        Some(if self.at_word("from") {
            QueryClause::From(self.first_clause())
        } else if self.eat_word("let") {
            let name = self.expect_ident("a variable name");
            self.expect(Assign);
            let value = self.expression();
            QueryClause::Let { name, value, span: self.span_from(start) }
        } else if self.eat_word("where") {
            let condition = self.expression();
            QueryClause::Where { condition, span: self.span_from(start) }
        } else if self.at_word("join") {
            QueryClause::Join(Box::new(self.join_clause()))
        } else if self.eat_word("orderby") {
            let orderings = self.orderings();
            QueryClause::OrderBy { orderings, span: self.span_from(start) }
        } else {
            return None;
        })
    }

    fn first_clause(&mut self) -> FromClause {
        let start = self.bump().span.start;
        let (ty, name) = self.range_variable();
        self.expect(In);
        let source = self.expression();
        FromClause { ty, name, source, span: self.span_from(start) }
    }

    fn range_variable(&mut self) -> (Option<TypeSyntax>, Ident) {
        let untyped = self.at(Identifier) && self.kind_at(1) == In;
        let ty = (!untyped && self.scan_type(self.pos).is_some_and(|scan| self.token_at(scan.end).kind == Identifier))
            .then(|| self.ty());
        (ty, self.expect_ident("a variable name"))
    }

    fn join_clause(&mut self) -> JoinClause {
        let start = self.bump().span.start;
        let (ty, name) = self.range_variable();
        self.expect(In);
        let source = self.expression();
        self.expect_word("on");
        let left = self.expression();
        self.expect_word("equals");
        let right = self.expression();
        let into = self.eat_word("into").then(|| self.expect_ident("a variable name"));
        JoinClause { ty, name, source, left, right, into, span: self.span_from(start) }
    }

    fn expect_word(&mut self, word: &str) {
        if !self.eat_word(word) {
            self.missing(codes::TOKEN_EXPECTED, word);
        }
    }

    fn orderings(&mut self) -> Vec<Ordering> {
        let mut orderings = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            let key = self.expression();
            let descending = self.at_word("descending");
            if descending || self.at_word("ascending") {
                self.bump();
            }
            orderings.push(Ordering { key, descending });
            if !self.eat(Comma) {
                break;
            }
        }
        orderings
    }

    fn query_end(&mut self) -> QueryEnd {
        let start = self.start();
        if self.eat_word("select") {
            let value = self.expression();
            return QueryEnd::Select { value, span: self.span_from(start) };
        }
        if self.eat_word("group") {
            let element = self.expression();
            if !self.eat_word("by") {
                self.missing(codes::BY_EXPECTED, "by");
            }
            let key = self.expression();
            return QueryEnd::Group { element, key, span: self.span_from(start) };
        }
        let span = Span::empty(self.prev_end());
        self.report(codes::QUERY_END_EXPECTED, span, "a query ends with a `select` or `group` clause", |d| d);
        QueryEnd::Select { value: self.missing_expr(), span }
    }
}
