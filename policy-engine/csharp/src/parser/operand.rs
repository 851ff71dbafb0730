//! Operands: literals, names, brackets, and the keywords that stand for a value.
use super::codes;
use super::core::{Parser, Progress};
use super::types::predefined;
use crate::ast::{CollectionElement, Designation, Expr, ExprKind, Literal as Value, TupleElement};
use crate::token::TokenKind::*;

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Expr {
        let start = self.start();
        match self.kind() {
            Literal => {
                let token = self.bump();
                let kind = self.literal(token).map_or(ExprKind::Error, ExprKind::Literal);
                self.expr(start, kind)
            }
            BadLiteral => {
                self.bump();
                self.expr(start, ExprKind::Error)
            }
            True => self.constant(Value::Bool(true)),
            False => self.constant(Value::Bool(false)),
            Null => self.constant(Value::Null),
            InterpolatedStart => self.interpolated(),
            Identifier => self.name(),
            kind if kind.is_predefined_type() => self.predefined_operand(),
            OpenParen => self.parenthesised(),
            OpenBracket => self.collection(),
            New => self.creation(),
            Typeof => self.typeof_operand(),
            Sizeof => self.sizeof_operand(),
            Default => self.default_operand(),
            Checked | Unchecked => self.checked_operand(),
            This | Base => self.this_or_base(),
            Stackalloc => self.stackalloc(),
            Delegate | Static if self.lambda_here() => self.unparenthesised_lambda(),
            _ => self.expected_expression(),
        }
    }

    fn constant(&mut self, value: Value) -> Expr {
        let start = self.bump().span.start;
        self.expr(start, ExprKind::Literal(value))
    }

    fn name(&mut self) -> Expr {
        let start = self.start();
        if self.kind_at(1) == FatArrow && !self.in_pattern && !self.in_query {
            // `a ?? x => y`: C# reads no lambda behind an operator.
            if self.lambda_here() && self.pos > 0 && self.operator_before() {
                return self.unparenthesised_lambda();
            }
        }
        if self.kind_at(1) == ColonColon {
            let token = self.bump();
            let alias = self.make_ident(token);
            self.bump();
            let name = self.simple_name("a name");
            return self.expr(start, ExprKind::AliasName { alias, name });
        }
        let name = self.simple_name("a name");
        self.expr(start, ExprKind::Name(name))
    }

    fn operator_before(&self) -> bool {
        let before = self.token_at(self.pos.saturating_sub(1)).kind;
        matches!(before, Coalesce | Plus | OrOr | AndAnd | Equal | NotEqual)
    }

    fn unparenthesised_lambda(&mut self) -> Expr {
        let span = self.span();
        self.report(codes::UNPARENTHESISED_LAMBDA, span, "a lambda cannot stand directly after an operator", |d| {
            d.help("put parentheses around it")
        });
        self.expression_or_throw()
    }

    fn predefined_operand(&mut self) -> Expr {
        let token = self.bump();
        let kind = predefined(token.kind).map_or(ExprKind::Error, ExprKind::Predefined);
        let expr = self.expr(token.span.start, kind);
        // As a value a type name is legal inside `nameof` alone; the list of arguments there is `(int)`, already a cast elsewhere.
        let in_nameof = self.at(CloseParen);
        if !self.at(Dot) && !in_nameof {
            let shown = self.source(token);
            self.report_also(
                codes::EXPRESSION_EXPECTED,
                token.span,
                format!("invalid expression term `{shown}`"),
                |d| {
                    d.label("a type is no value")
                        .help(format!("a conversion is written `({shown})x`, a member `{shown}.Name`"))
                },
            );
            return Expr { kind: ExprKind::Error, span: expr.span };
        }
        expr
    }

    // === brackets ===

    /// Parentheses or a tuple.
    fn parenthesised(&mut self) -> Expr {
        let (open, start) = (self.pos, self.start());
        let (in_query, in_pattern) = (self.in_query, self.in_pattern);
        self.in_pattern = false;
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            elements.push(self.tuple_element());
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseParen, open);
        (self.in_query, self.in_pattern) = (in_query, in_pattern);
        let single = elements.len() == 1;
        match elements.pop() {
            Some(TupleElement { name: None, value }) if single => self.expr(start, ExprKind::Paren(Box::new(value))),
            Some(last) => {
                elements.push(last);
                if single {
                    let span = self.span_from(start);
                    self.report_also(codes::TUPLE_TOO_SHORT, span, "a tuple has at least two elements", |d| d);
                }
                self.expr(start, ExprKind::Tuple(elements))
            }
            None => self.expr(start, ExprKind::Error),
        }
    }

    fn tuple_element(&mut self) -> TupleElement {
        let name = (self.at(Identifier) && self.kind_at(1) == Colon).then(|| {
            let token = self.bump();
            self.bump();
            self.make_ident(token)
        });
        let value = if self.declaration_expression_here() { self.declaration_expression() } else { self.expression() };
        TupleElement { name, value }
    }

    /// `T x`, `var x`, `var (x, y)` inside an expression.
    pub(super) fn declaration_expression(&mut self) -> Expr {
        let start = self.start();
        let ty = self.ty();
        let designation = self.designation();
        self.expr(start, ExprKind::Declaration { ty, designation })
    }

    /// What a declared value is called: a name, `_`, or a bracketed list.
    pub(super) fn designation(&mut self) -> Designation {
        if self.at(OpenParen) {
            return match self.nested(Self::designation_list) {
                Some(designation) => designation,
                None => Designation::Discard(self.span()),
            };
        }
        if self.at_word("_") {
            return Designation::Discard(self.bump().span);
        }
        Designation::Name(self.expect_ident("a variable name"))
    }

    fn designation_list(&mut self) -> Designation {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while progress.made(self) {
            elements.push(self.designation());
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseParen, open);
        Designation::Tuple { elements, span: self.span_from(start) }
    }

    /// `[a, ..b]`
    fn collection(&mut self) -> Expr {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let mut elements = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBracket | Eof | Semicolon) && progress.made(self) {
            elements.push(if self.eat(DotDot) {
                CollectionElement::Spread(self.expression())
            } else {
                CollectionElement::Expr(self.expression())
            });
            if !self.eat(Comma) {
                break;
            }
        }
        self.close(CloseBracket, open);
        self.expr(start, ExprKind::Collection(elements))
    }

    // === keywords ===

    fn typeof_operand(&mut self) -> Expr {
        let start = self.bump().span.start;
        let ty = self.type_in_parens();
        self.expr(start, ExprKind::TypeOf(Box::new(ty)))
    }

    fn sizeof_operand(&mut self) -> Expr {
        let start = self.bump().span.start;
        let ty = self.type_in_parens();
        self.expr(start, ExprKind::SizeOf(Box::new(ty)))
    }

    fn type_in_parens(&mut self) -> crate::ast::TypeSyntax {
        let open = self.pos;
        self.expect(OpenParen);
        let ty = self.ty();
        self.close(CloseParen, open);
        ty
    }

    fn default_operand(&mut self) -> Expr {
        let start = self.bump().span.start;
        let ty = self.at(OpenParen).then(|| Box::new(self.type_in_parens()));
        self.expr(start, ExprKind::Default(ty))
    }

    fn checked_operand(&mut self) -> Expr {
        let token = self.bump();
        let open = self.pos;
        self.expect(OpenParen);
        let operand = Box::new(self.expression());
        self.close(CloseParen, open);
        self.expr(token.span.start, ExprKind::Checked { checked: token.kind == Checked, operand })
    }

    fn this_or_base(&mut self) -> Expr {
        let token = self.bump();
        let shown = self.source(token);
        let rule = if token.kind == This { codes::THIS_OR_BASE } else { codes::BASE_ACCESS };
        self.report_also(rule, token.span, format!("`{shown}` does not exist in a policy expression"), |d| {
            d.help("the request and its surroundings are in `context`")
        });
        Expr { kind: ExprKind::Error, span: token.span }
    }

    fn stackalloc(&mut self) -> Expr {
        let token = self.bump();
        self.report_also(codes::STACKALLOC, token.span, "`stackalloc` is not supported in a policy expression", |d| {
            d.help("use `new` to make an array")
        });
        let made = if self.at(OpenBracket) || self.scan_type(self.pos).is_some() {
            self.array_after_new()
        } else {
            self.missing_expr()
        };
        Expr { kind: ExprKind::Error, span: token.span.to(made.span) }
    }
}
