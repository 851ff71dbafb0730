//! Statements: which one begins here, blocks, and the simple ones. Compound statements are in `statement_parts`.
use super::codes;
use super::core::{Parser, Progress};
use super::recovery::starts_statement_keyword;
use crate::ast::{Block, Expr, ExprKind, GotoTarget, PostfixOp, Stmt, StmtKind, UnaryOp};
use crate::nearest::nearest;
use crate::span::Span;
use crate::token::TokenKind::{self, *};

impl Parser<'_> {
    /// The whole text of `@{ ... }`.
    pub(super) fn whole_block(&mut self) -> Block {
        let mut statements = Vec::new();
        let mut progress = Progress::default();
        while !self.at(Eof) && progress.made(self) {
            if self.at(CloseBrace) {
                let span = self.span();
                self.report(codes::STRAY_CLOSE_BRACE, span, "this `}` closes nothing", |d| {
                    d.help("remove it, or add the missing `{`")
                });
                self.bump();
                continue;
            }
            statements.push(self.listed_statement());
        }
        Block { statements, span: Span::new(0, u32::try_from(self.text.len()).unwrap_or(u32::MAX)) }
    }

    /// `{ ... }`; without a brace, the one statement that follows.
    pub(super) fn block(&mut self) -> Block {
        let (open, start) = (self.pos, self.start());
        if !self.expect(OpenBrace) {
            let statements = if matches!(self.kind(), CloseBrace | Eof | Catch | Finally | FatArrow) {
                Vec::new()
            } else {
                vec![self.statement()]
            };
            return Block { statements, span: self.span_from(start) };
        }
        // `if (a) { b; else c;`: a brace that is never closed is missing before the `else`.
        let unclosed = std::mem::take(&mut self.in_then) && self.partner(open).is_none();
        let statements = self.statements(|kind| kind == CloseBrace || (unclosed && kind == Else));
        self.close_block(open);
        Block { statements, span: self.span_from(start) }
    }

    pub(super) fn close_block(&mut self, open: usize) {
        if self.eat(CloseBrace) {
            return;
        }
        let opener = self.token_at(open).span;
        let span = Span::empty(self.prev_end());
        self.report(codes::CLOSE_BRACE_EXPECTED, span, "`}` is expected", |d| d.also(opener, "opened here"));
    }

    /// Statements up to a token that `ends` the list, or the end.
    pub(super) fn statements(&mut self, ends: impl Fn(TokenKind) -> bool) -> Vec<Stmt> {
        let mut statements = Vec::new();
        let mut progress = Progress::default();
        while !matches!(self.kind(), Eof | CloseBrace) && !ends(self.kind()) && progress.made(self) {
            statements.push(self.listed_statement());
        }
        statements
    }

    /// A statement of a list; reads at least one token.
    fn listed_statement(&mut self) -> Stmt {
        let before = self.pos;
        let statement = self.statement();
        if self.pos == before && !self.at(Eof) {
            let (span, shown) = (self.span(), self.shown());
            self.report(codes::STATEMENT_EXPECTED, span, format!("a statement is expected before `{shown}`"), |d| d);
            self.skip_tree();
        }
        statement
    }

    pub(super) fn statement(&mut self) -> Stmt {
        match self.nested(Self::statement_inner) {
            Some(statement) => statement,
            None => Stmt { kind: StmtKind::Error, span: Span::empty(self.start()) },
        }
    }

    /// The body of `if`, `while` and so on, where nothing can be declared.
    pub(super) fn embedded(&mut self) -> Stmt {
        if matches!(self.kind(), CloseBrace | Eof) {
            let (span, shown) = (Span::empty(self.prev_end()), self.shown());
            self.report(codes::STATEMENT_EXPECTED, span, format!("a statement is expected before `{shown}`"), |d| d);
            return Stmt { kind: StmtKind::Error, span };
        }
        let statement = self.statement();
        let declares =
            matches!(statement.kind, StmtKind::Local(_) | StmtKind::LocalFunction(_) | StmtKind::Labeled { .. });
        if declares {
            self.report_also(
                codes::EMBEDDED_DECLARATION,
                statement.span,
                "a declaration or label cannot be the whole body here",
                |d| d.help("put braces around it"),
            );
        }
        statement
    }

    fn statement_inner(&mut self) -> Stmt {
        let start = self.start();
        let kind = self.statement_kind(start);
        Stmt { kind, span: self.span_from(start) }
    }

    fn statement_kind(&mut self, start: u32) -> StmtKind {
        match self.kind() {
            OpenBrace => StmtKind::Block(self.block()),
            Semicolon => {
                self.bump();
                StmtKind::Empty
            }
            If => self.if_statement(),
            While => self.while_statement(),
            Do => self.do_statement(),
            For => self.for_statement(),
            Foreach => self.foreach_statement(),
            Switch => self.switch_statement(),
            Try => self.try_statement(),
            Using => self.using(),
            Lock => self.lock_statement(),
            Checked | Unchecked if self.kind_at(1) == OpenBrace => self.checked_block(),
            Return => self.jump_with_value(StmtKind::Return),
            Throw => self.jump_with_value(StmtKind::Throw),
            Break => self.jump(StmtKind::Break),
            Continue => self.jump(StmtKind::Continue),
            Goto => self.goto_statement(),
            Const => self.const_declaration(),
            Static | Unsafe | Extern => self.modified_function(),
            Identifier if self.kind_at(1) == Colon => self.labeled(),
            Identifier if self.at_word("yield") && matches!(self.kind_at(1), Return | Break) => self.yield_statement(),
            Identifier if self.at_word("await") && matches!(self.kind_at(1), Using | Foreach) => {
                self.await_statement(start)
            }
            Identifier if self.async_function_here() => self.modified_function(),
            Identifier if self.record_here() => self.type_declaration(),
            Fixed => self.fixed_statement(),
            Else => self.stray_else(),
            Catch | Finally => self.stray_handler(),
            Case => self.stray_case(),
            Default if self.kind_at(1) == Colon => self.stray_case(),
            Public | Private | Protected | Internal if self.modified_member_here() => self.access_modifiers(),
            Class | Struct | Enum | Interface | Namespace | Public | Private | Protected | Internal | Abstract
            | Sealed => self.type_declaration(),
            OpenBracket if self.attribute_here() => {
                self.reject_attributes();
                self.statement().kind
            }
            _ if self.declaration_here() => self.local_declaration_or_function(),
            _ => self.expression_statement(),
        }
    }

    /// `[A] int x` and not a collection expression.
    fn attribute_here(&self) -> bool {
        self.partner(self.pos).is_some_and(|close| {
            let after = self.token_at(close.saturating_add(1)).kind;
            after == Identifier || after.is_predefined_type() || matches!(after, Static | Const)
        })
    }

    fn expression_statement(&mut self) -> StmtKind {
        let errors = self.error_count();
        let expr = self.expression();
        if self.error_count() == errors && self.misspelt_statement(&expr) {
            // Said.
        } else if self.error_count() == errors {
            self.check_alone(&expr);
        }
        self.finish_statement();
        if matches!(expr.kind, ExprKind::Error) { StmtKind::Error } else { StmtKind::Expr(expr) }
    }

    /// Reports an expression that does nothing as a statement.
    pub(super) fn check_alone(&mut self, expr: &Expr) {
        if !may_stand_alone(expr) {
            let assigns = matches!(&expr.kind, ExprKind::Binary { op: crate::ast::BinaryOp::Equal, .. });
            let ends_text = self.at(Eof) || (self.at(Semicolon) && self.kind_at(1) == Eof);
            self.report_also(codes::INVALID_STATEMENT, expr.span, "this expression does nothing here", |d| {
                match (assigns, ends_text) {
                    (true, _) => d.help("write `=` to assign"),
                    (_, true) => d.help("write `return` before it to give its value back"),
                    _ => d.help(
                        "only assignments, calls, increments, decrements and `new` can stand alone as statements",
                    ),
                }
            });
        }
    }

    /// `retrun x;` and `If (a) { ... }`: a word where a keyword was meant.
    fn misspelt_statement(&mut self, expr: &Expr) -> bool {
        let head = match &expr.kind {
            ExprKind::Call { target, .. } if self.at(OpenBrace) => target,
            _ if !matches!(self.kind(), Semicolon | CloseBrace | Eof) && !self.on_new_line() => expr,
            _ => return false,
        };
        let Some(word) = head.as_name().cloned() else { return false };
        let near = match &*word {
            "elif" | "elseif" | "elsif" | "ElseIf" | "Elseif" => Some("else if".to_owned()),
            "then" | "Then" => None,
            _ => nearest(&word, STATEMENT_WORDS.iter().copied()),
        };
        // `Foo() { ... }` misses its `;`, or is a function without a type: that is said elsewhere.
        if near.is_none() && matches!(expr.kind, ExprKind::Call { .. }) {
            return false;
        }
        let span = head.span;
        self.report(codes::MISSPELT_STATEMENT, span, format!("`{word}` begins no statement"), |mut d| {
            d.help = near.map(|near| format!("did you mean `{near}`?"));
            if word.eq_ignore_ascii_case("then") {
                d.help = Some("C# has no `then`: what is to be done stands after the condition".to_owned());
            }
            d
        });
        true
    }

    // === jumps ===

    fn jump(&mut self, kind: StmtKind) -> StmtKind {
        self.bump();
        self.finish_statement();
        kind
    }

    fn jump_with_value(&mut self, make: impl FnOnce(Option<Expr>) -> StmtKind) -> StmtKind {
        self.bump();
        if matches!(self.kind(), If | Switch) && !self.on_new_line() {
            return self.statement_as_value();
        }
        let absent = matches!(self.kind(), Semicolon | CloseBrace | Eof) || starts_statement_keyword(self.kind());
        let value = (!absent).then(|| self.expression());
        self.finish_statement();
        make(value)
    }

    /// `return if (a) b else c;`
    fn statement_as_value(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::EXPRESSION_EXPECTED, span, format!("invalid expression term `{shown}`"), |d| {
            d.help("a statement has no value: write `return a ? b : c;`, or `return` in each branch")
        });
        let mut progress = Progress::default();
        while !matches!(self.kind(), Semicolon | CloseBrace | Eof) && progress.made(self) {
            self.skip_tree();
        }
        self.eat(Semicolon);
        StmtKind::Error
    }

    fn goto_statement(&mut self) -> StmtKind {
        self.bump();
        let target = match self.kind() {
            Case => {
                self.bump();
                GotoTarget::Case(self.expression())
            }
            Default => {
                self.bump();
                GotoTarget::Default
            }
            _ => GotoTarget::Label(self.expect_ident("a label")),
        };
        self.finish_statement();
        StmtKind::Goto(target)
    }

    fn labeled(&mut self) -> StmtKind {
        let token = self.bump();
        self.bump();
        let label = self.make_ident(token);
        // A label before `}` labels the end of the block; C# wants an empty statement there.
        let body = if self.at(CloseBrace) || self.at(Eof) {
            self.missing(codes::SEMICOLON_EXPECTED, ";");
            Stmt { kind: StmtKind::Empty, span: Span::empty(self.prev_end()) }
        } else {
            self.statement()
        };
        StmtKind::Labeled { label, body: Box::new(body) }
    }

    fn yield_statement(&mut self) -> StmtKind {
        self.bump();
        let kind =
            if self.bump().kind == Return { StmtKind::YieldReturn(self.expression()) } else { StmtKind::YieldBreak };
        self.finish_statement();
        kind
    }

    // === refused and misplaced ===

    fn await_statement(&mut self, start: u32) -> StmtKind {
        let span = self.bump().span;
        self.report_also(codes::AWAIT, span, "`await` is not supported in a policy expression", |d| {
            d.help("remove `await`")
        });
        self.statement_kind(start)
    }

    fn fixed_statement(&mut self) -> StmtKind {
        let span = self.bump().span;
        self.report_also(codes::UNSAFE_CODE, span, "unsafe code is not allowed in a policy expression", |d| d);
        if self.at(OpenParen) {
            self.skip_tree();
        }
        self.embedded();
        StmtKind::Error
    }

    fn stray_else(&mut self) -> StmtKind {
        let span = self.span();
        self.report(codes::ELSE_WITHOUT_IF, span, "this `else` belongs to no `if`", |d| {
            d.help("a `;` directly after `if (...)`, or a second statement without braces, ends the `if`")
        });
        self.bump();
        self.embedded();
        StmtKind::Error
    }

    fn stray_handler(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::CATCH_WITHOUT_TRY, span, format!("this `{shown}` belongs to no `try`"), |d| d);
        self.bump();
        if self.at(OpenParen) {
            self.skip_tree();
        }
        if self.at(OpenBrace) {
            self.block();
        }
        StmtKind::Error
    }

    fn stray_case(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::STRAY_CASE, span, format!("`{shown}` can only stand in a `switch`"), |d| d);
        if self.bump().kind == Case {
            self.pattern();
        }
        self.eat(Colon);
        StmtKind::Error
    }

    /// A local function or variable follows the modifiers, and not a type.
    fn modified_member_here(&self) -> bool {
        let mut at = self.pos;
        while matches!(self.token_at(at).kind, Public | Private | Protected | Internal | Static | Readonly) {
            at = at.saturating_add(1);
        }
        let void = self.token_at(at).kind == Void;
        let name = if void { Some(at.saturating_add(1)) } else { self.scan_type(at).map(|scan| scan.end) };
        name.is_some_and(|name| self.token_at(name).kind == Identifier)
    }

    fn access_modifiers(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(codes::MODIFIER, span, format!("`{shown}` has no meaning here"), |d| {
            d.help("remove it: what is declared in an expression is seen there only")
        });
        let mut progress = Progress::default();
        while matches!(self.kind(), Public | Private | Protected | Internal | Readonly) && progress.made(self) {
            self.bump();
        }
        self.statement().kind
    }

    fn record_here(&self) -> bool {
        self.at_word("record")
            && matches!(self.kind_at(1), Identifier | Struct | Class)
            && matches!(self.kind_at(2), OpenParen | OpenBrace | Identifier)
    }

    fn type_declaration(&mut self) -> StmtKind {
        let (span, shown) = (self.span(), self.shown());
        self.report(
            codes::TYPE_DECLARATION,
            span,
            format!("`{shown}`: types and members cannot be declared in a policy expression"),
            |d| d.help("use local functions, tuples or anonymous types"),
        );
        let mut progress = Progress::default();
        while !matches!(self.kind(), OpenBrace | Semicolon | CloseBrace | Eof) && progress.made(self) {
            self.skip_tree();
        }
        if !self.at(CloseBrace) {
            self.skip_tree();
        }
        StmtKind::Error
    }
}

/// Keywords that begin statements, for hints.
const STATEMENT_WORDS: &[&str] = &[
    "return", "if", "else", "for", "foreach", "while", "switch", "case", "break", "continue", "throw", "try", "catch",
    "finally", "using", "const",
];

/// Expressions that C# takes as statements.
fn may_stand_alone(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Assign { .. } | ExprKind::Call { .. } | ExprKind::New(_) | ExprKind::Await(_) | ExprKind::Error => {
            true
        }
        ExprKind::Unary { op, .. } => matches!(op, UnaryOp::PreIncrement | UnaryOp::PreDecrement),
        ExprKind::Postfix { op: PostfixOp::NullForgiving, operand } => may_stand_alone(operand),
        ExprKind::Postfix { .. } => true,
        ExprKind::ConditionalAccess { access, .. } => may_stand_alone(access),
        _ => false,
    }
}
