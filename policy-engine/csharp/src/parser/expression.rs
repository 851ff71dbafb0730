//! Whole expressions: assignment, conditional, and the operator loop. Operands are in `operand` and `postfix`.
use super::codes;
use super::core::{Parser, Progress};
use super::types::TypePlace;
use crate::ast::{BinaryOp, Expr, ExprKind, SwitchArm, SwitchExpr, UnaryOp};
use crate::span::Span;
use crate::token::TokenKind::{self, *};

/// How strongly operators bind, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Coalesce,
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equality,
    Relational,
    Shift,
    Additive,
    Multiplicative,
    Switch,
    Range,
    Unary,
}

/// What stands between two operands.
#[derive(Clone, Copy)]
enum Operator {
    /// The operator and how many tokens it is made of (`>>` is two).
    Binary(BinaryOp, usize),
    Is,
    As,
    Switch,
    With,
    Range,
}

impl Parser<'_> {
    pub(super) fn whole_expression(&mut self) -> Expr {
        let expr = self.expression();
        // What is left after an error is an echo of it.
        if !self.at(Eof) && self.error_count() == 0 {
            self.trailing_text();
        }
        expr
    }

    fn trailing_text(&mut self) {
        let (span, shown) = (self.span(), self.shown());
        let message = format!("unexpected `{shown}` after the expression");
        let help = match self.kind() {
            Semicolon if self.follows_entity() => {
                Some("there is no such entity: `&lt;=` and `&gt;=` are `<=` and `>=`")
            }
            _ if self.follows_entity() => Some("an entity ends with `;`: `&lt;`, `&gt;`, `&amp;`"),
            Semicolon => {
                Some("`@( ... )` holds one expression without `;`; write statements as `@{ ... return ...; }`")
            }
            Assign => Some("write `==` to compare"),
            FatArrow => Some("put parentheses around the lambda"),
            _ if matches!(shown, "and" | "AND") => Some("write `&&`"),
            _ if matches!(shown, "or" | "OR") => Some("write `||`"),
            _ if matches!(shown, "eq" | "equals" | "equal" | "EQ") => Some("write `==`"),
            _ if matches!(shown, "ne" | "neq" | "NE") => Some("write `!=`"),
            _ if matches!(shown, "gt" | "GT") => Some("write `>`"),
            _ if matches!(shown, "lt" | "LT") => Some("write `<`"),
            _ if self.follows_word(&["not", "NOT", "Not"]) => Some("write `!`"),
            CloseBracket | CloseParen | CloseBrace => Some("this closes nothing: remove it"),
            In => Some("C# has no such operator: write `new[] { ... }.Contains(...)`"),
            Comma => None,
            _ if self.follows_string() => Some("join strings with `+`; a quote inside a string is written `\\\"`"),
            InterpolatedStart => Some("join strings with `+`; a quote inside a string is written `\\\"`"),
            Literal if shown.starts_with(['"', '@']) => {
                Some("join strings with `+`; a quote inside a string is written `\\\"`")
            }
            _ => None,
        };
        self.report(codes::CLOSE_PAREN_EXPECTED, span, message, |mut d| {
            d.help = help.map(str::to_owned);
            d.label("the expression ends before this")
        });
    }

    /// Any expression; `throw` is reported, see [`Parser::expression_or_throw`].
    pub(super) fn expression(&mut self) -> Expr {
        if self.at(Throw) {
            let span = self.span();
            self.report_also(codes::THROW_MISPLACED, span, "a throw expression is not allowed here", |d| {
                d.help("it can stand after `??`, in an arm of `?:` or `switch`, and as the body of a lambda")
            });
        }
        self.expression_or_throw()
    }

    /// An expression where C# allows `throw` too: after `??`, in the arms of `?:` and `switch`, as a body after `=>`.
    pub(super) fn expression_or_throw(&mut self) -> Expr {
        match self.nested(Self::expression_inner) {
            Some(expr) => expr,
            None => self.missing_expr(),
        }
    }

    fn expression_inner(&mut self) -> Expr {
        if self.at(Throw) {
            return self.throw_expression();
        }
        if self.at(Ref) {
            let start = self.bump().span.start;
            let referred = Box::new(self.expression());
            return self.expr(start, ExprKind::Ref(referred));
        }
        if self.query_here() {
            return self.query();
        }
        if self.lambda_here() {
            return self.lambda();
        }
        let start = self.start();
        let target = self.conditional();
        match self.assignment_operator() {
            Some((op, tokens)) => self.assignment(start, target, op, tokens),
            None => target,
        }
    }

    fn throw_expression(&mut self) -> Expr {
        let start = self.bump().span.start;
        let value = self.expression();
        self.expr(start, ExprKind::Throw(Box::new(value)))
    }

    fn assignment_operator(&self) -> Option<(Option<BinaryOp>, usize)> {
        Some(match self.kind() {
            Assign => (None, 1),
            PlusAssign => (Some(BinaryOp::Add), 1),
            MinusAssign => (Some(BinaryOp::Subtract), 1),
            StarAssign => (Some(BinaryOp::Multiply), 1),
            SlashAssign => (Some(BinaryOp::Divide), 1),
            PercentAssign => (Some(BinaryOp::Remainder), 1),
            AndAssign => (Some(BinaryOp::BitAnd), 1),
            OrAssign => (Some(BinaryOp::BitOr), 1),
            CaretAssign => (Some(BinaryOp::BitXor), 1),
            ShiftLeftAssign => (Some(BinaryOp::ShiftLeft), 1),
            CoalesceAssign => (Some(BinaryOp::Coalesce), 1),
            Greater if self.is_joined(0) => match (self.kind_at(1), self.kind_at(2)) {
                (GreaterEqual, _) => (Some(BinaryOp::ShiftRight), 2),
                (Greater, GreaterEqual) if self.is_joined(1) => (Some(BinaryOp::UnsignedShiftRight), 3),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn assignment(&mut self, start: u32, target: Expr, op: Option<BinaryOp>, tokens: usize) -> Expr {
        let op_span = self.operator_span(tokens);
        let value = if op == Some(BinaryOp::Coalesce) { self.expression_or_throw() } else { self.expression() };
        self.expr(start, ExprKind::Assign { op, op_span, target: Box::new(target), value: Box::new(value) })
    }

    /// Reads an operator of `tokens` tokens.
    fn operator_span(&mut self, tokens: usize) -> Span {
        let first = self.bump().span;
        (1..tokens).fold(first, |span, _| span.to(self.bump().span))
    }

    fn conditional(&mut self) -> Expr {
        let start = self.start();
        let condition = self.binary(Precedence::Coalesce);
        if !self.at(Question) {
            return condition;
        }
        self.bump();
        let then = self.expression_or_throw();
        if self.at(HoleFormat) {
            let span = self.span_from(start);
            self.report(
                codes::SYNTAX_COLON_IN_CONDITIONAL,
                span,
                "a conditional expression in a hole needs parentheses",
                |d| d.help("write `{(a ? b : c)}`; without them `:` begins a format"),
            );
            return self.expr(start, ExprKind::Error);
        }
        let otherwise = if self.eat(Colon) {
            self.expression_or_throw()
        } else {
            self.missing(codes::TOKEN_EXPECTED, ":");
            self.missing_expr()
        };
        let (condition, then, otherwise) = (Box::new(condition), Box::new(then), Box::new(otherwise));
        self.expr(start, ExprKind::Conditional { condition, then, otherwise })
    }

    /// Operands joined by operators that bind at least as strongly as `least`.
    pub(super) fn binary(&mut self, least: Precedence) -> Expr {
        let start = self.start();
        let mut left =
            if self.at(DotDot) && least <= Precedence::Range { self.range(start, None) } else { self.unary() };
        let mut progress = Progress::default();
        while let Some((operator, precedence)) = self.operator_here()
            && precedence >= least
            && progress.made(self)
            && self.grow()
        {
            left = self.operation(start, left, operator, precedence);
        }
        left
    }

    fn operation(&mut self, start: u32, left: Expr, operator: Operator, precedence: Precedence) -> Expr {
        let kind = match operator {
            Operator::Binary(op, tokens) => {
                let op_span = self.operator_span(tokens);
                let right = Box::new(self.right_operand(op, precedence));
                ExprKind::Binary { op, op_span, left: Box::new(left), right }
            }
            Operator::Is => {
                self.bump();
                let pattern = Box::new(self.pattern_after_is());
                ExprKind::Is { operand: Box::new(left), pattern }
            }
            Operator::As => {
                self.bump();
                ExprKind::As { operand: Box::new(left), ty: Box::new(self.ty_at(TypePlace::InExpression)) }
            }
            Operator::Switch => self.switch_expression(left),
            Operator::With => {
                self.bump();
                ExprKind::With { operand: Box::new(left), members: self.with_members() }
            }
            Operator::Range => return self.range(start, Some(left)),
        };
        self.expr(start, kind)
    }

    fn right_operand(&mut self, op: BinaryOp, precedence: Precedence) -> Expr {
        if op == BinaryOp::Coalesce && self.at(Throw) {
            return self.expression_or_throw();
        }
        let least = if op == BinaryOp::Coalesce { precedence } else { tighter(precedence) };
        match self.nested(|p| p.binary(least)) {
            Some(expr) => expr,
            None => self.missing_expr(),
        }
    }

    /// `start..end` from its dots.
    fn range(&mut self, at: u32, start: Option<Expr>) -> Expr {
        self.bump();
        let end = self.can_start_expression(0).then(|| Box::new(self.unary()));
        self.expr(at, ExprKind::Range { start: start.map(Box::new), end })
    }

    fn operator_here(&self) -> Option<(Operator, Precedence)> {
        let binary = |op, precedence| Some((Operator::Binary(op, 1), precedence));
        match self.kind() {
            TokenKind::Coalesce => binary(BinaryOp::Coalesce, Precedence::Coalesce),
            OrOr => binary(BinaryOp::Or, Precedence::Or),
            AndAnd => binary(BinaryOp::And, Precedence::And),
            TokenKind::Or => binary(BinaryOp::BitOr, Precedence::BitOr),
            Caret => binary(BinaryOp::BitXor, Precedence::BitXor),
            TokenKind::And => binary(BinaryOp::BitAnd, Precedence::BitAnd),
            Equal => binary(BinaryOp::Equal, Precedence::Equality),
            NotEqual => binary(BinaryOp::NotEqual, Precedence::Equality),
            Less => binary(BinaryOp::Less, Precedence::Relational),
            LessEqual => binary(BinaryOp::LessOrEqual, Precedence::Relational),
            GreaterEqual => binary(BinaryOp::GreaterOrEqual, Precedence::Relational),
            Greater => self.greater_here(),
            Is => Some((Operator::Is, Precedence::Relational)),
            As => Some((Operator::As, Precedence::Relational)),
            ShiftLeft => binary(BinaryOp::ShiftLeft, Precedence::Shift),
            Plus => binary(BinaryOp::Add, Precedence::Additive),
            Minus => binary(BinaryOp::Subtract, Precedence::Additive),
            Star => binary(BinaryOp::Multiply, Precedence::Multiplicative),
            Slash => binary(BinaryOp::Divide, Precedence::Multiplicative),
            Percent => binary(BinaryOp::Remainder, Precedence::Multiplicative),
            Switch if self.kind_at(1) == OpenBrace => Some((Operator::Switch, Precedence::Switch)),
            Identifier if self.at_word("with") && self.kind_at(1) == OpenBrace => {
                Some((Operator::With, Precedence::Switch))
            }
            DotDot => Some((Operator::Range, Precedence::Range)),
            _ => None,
        }
    }

    /// `>`, or the `>>` and `>>>` that joined tokens form; `>>=` is an assignment and none of these.
    fn greater_here(&self) -> Option<(Operator, Precedence)> {
        let second = self.is_joined(0).then(|| self.kind_at(1));
        let third = self.is_joined(1).then(|| self.kind_at(2));
        Some(match (second, third) {
            (Some(Greater), Some(Greater)) => (Operator::Binary(BinaryOp::UnsignedShiftRight, 3), Precedence::Shift),
            (Some(Greater), Some(GreaterEqual)) | (Some(GreaterEqual), _) => return None,
            (Some(Greater), _) => (Operator::Binary(BinaryOp::ShiftRight, 2), Precedence::Shift),
            _ => (Operator::Binary(BinaryOp::Greater, 1), Precedence::Relational),
        })
    }

    /// Prefix operators and casts, then an operand with what follows it.
    pub(super) fn unary(&mut self) -> Expr {
        let op = match self.kind() {
            Plus => UnaryOp::Plus,
            Minus => UnaryOp::Minus,
            Not => UnaryOp::Not,
            Tilde => UnaryOp::Complement,
            PlusPlus => UnaryOp::PreIncrement,
            MinusMinus => UnaryOp::PreDecrement,
            Caret => UnaryOp::FromEnd,
            TokenKind::And if self.can_start_expression(1) && self.is_joined(0) => return self.pointer_operator(),
            Star if self.can_start_expression(1) => return self.pointer_operator(),
            OpenParen if self.cast_here() => return self.cast(),
            Identifier if self.await_here() => return self.await_expression(),
            _ => return self.postfix(),
        };
        let start = self.bump().span.start;
        let operand = Box::new(self.nested_unary());
        self.expr(start, ExprKind::Unary { op, operand })
    }

    fn nested_unary(&mut self) -> Expr {
        match self.nested(Self::unary) {
            Some(expr) => expr,
            None => self.missing_expr(),
        }
    }

    fn cast(&mut self) -> Expr {
        let (open, start) = (self.pos, self.start());
        self.bump();
        let ty = Box::new(self.ty());
        self.close(CloseParen, open);
        let operand = Box::new(self.nested_unary());
        self.expr(start, ExprKind::Cast { ty, operand })
    }

    fn pointer_operator(&mut self) -> Expr {
        let span = self.span();
        let shown = self.shown();
        let rule = if self.at(Star) { codes::POINTER_READ } else { codes::POINTER };
        self.report(rule, span, format!("something must stand before `{shown}`: there are no pointers here"), |d| d);
        self.bump();
        let operand = self.nested_unary();
        Expr { kind: ExprKind::Error, span: span.to(operand.span) }
    }

    /// `await` before an operand on the same line; otherwise it is a name.
    fn await_here(&self) -> bool {
        self.at_word("await")
            && (matches!(self.kind_at(1), Identifier | New | This | Base | Typeof | Literal)
                || self.kind_at(1).is_predefined_type())
    }

    fn await_expression(&mut self) -> Expr {
        let span = self.span();
        self.report_also(codes::AWAIT, span, "`await` is not supported in a policy expression", |d| {
            d.help("an expression runs to its end at once; call other services with `send-request`")
        });
        self.bump();
        let operand = Box::new(self.nested_unary());
        self.expr(span.start, ExprKind::Await(operand))
    }

    fn switch_expression(&mut self, value: Expr) -> ExprKind {
        self.bump();
        let open = self.pos;
        self.bump();
        let mut arms = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), CloseBrace | Eof) && progress.made(self) {
            arms.push(self.switch_arm());
            if !self.list_goes_on(true) {
                break;
            }
        }
        self.close(CloseBrace, open);
        ExprKind::Switch(Box::new(SwitchExpr { value, arms }))
    }

    fn switch_arm(&mut self) -> SwitchArm {
        let start = self.start();
        let pattern = self.pattern();
        let guard = self.eat_word("when").then(|| self.arm_guard());
        self.expect(FatArrow);
        let value = self.expression_or_throw();
        SwitchArm { pattern, guard, value, span: self.span_from(start) }
    }

    /// A guard ends before `=>`, so no lambda can stand there without parentheses.
    fn arm_guard(&mut self) -> Expr {
        let outer = std::mem::replace(&mut self.in_pattern, true);
        let guard = self.binary(Precedence::Coalesce);
        self.in_pattern = outer;
        guard
    }
}

/// The next stronger level, for the right side of a left-associative operator.
const fn tighter(precedence: Precedence) -> Precedence {
    match precedence {
        Precedence::Coalesce => Precedence::Or,
        Precedence::Or => Precedence::And,
        Precedence::And => Precedence::BitOr,
        Precedence::BitOr => Precedence::BitXor,
        Precedence::BitXor => Precedence::BitAnd,
        Precedence::BitAnd => Precedence::Equality,
        Precedence::Equality => Precedence::Relational,
        Precedence::Relational => Precedence::Shift,
        Precedence::Shift => Precedence::Additive,
        Precedence::Additive => Precedence::Multiplicative,
        Precedence::Multiplicative => Precedence::Switch,
        Precedence::Switch => Precedence::Range,
        Precedence::Range | Precedence::Unary => Precedence::Unary,
    }
}
