//! Gives meaning to syntax: names, types, conversions, overloads, constants. Syntax in, typed tree and findings out.
//!
//! One file a question: `scope` (what is visible), `names` (what a name means), `types` (types as written), `members` (what a type offers),
//! `conversion`, `overload`, `better`, `failures`, `inference`, `calls`, `operators`, `lambda`, `create`, `patterns`, `query`, `statements`,
//! `flow` (assignment and reachability, on the finished tree). Nothing here knows how a program runs.
mod access;
mod assign;
mod better;
mod calls;
pub(crate) mod codes;
pub(crate) mod conversion;
mod convert;
mod create;
mod expressions;
mod facts;
mod failures;
mod flow;
mod flow_expr;
mod flow_places;
mod hints;
mod inference;
mod initializers;
mod lambda;
mod lints;
mod local_functions;
mod loops;
mod members;
mod names;
mod operators;
mod operators_user;
mod overload;
mod patterns;
mod places;
mod query;
mod scope;
mod statements;
mod switch;
mod text;
pub(crate) mod tree;
mod tuples;
mod types;

use std::collections::HashMap;
use std::rc::Rc;

use dotnet::{Type, TypeId, TypeTable};
use typed_arena::Arena;

use self::codes::Code;
pub(crate) use self::expressions::{RED_ZONE, STACK_STEP};
pub use self::facts::{Facts, MemberUse, Place};
use self::lambda::{BoundLambda, LambdaKey, Returns};
pub(crate) use self::operators::is_comparison;
use self::scope::Scope;
use self::tree::{Body, Function, FunctionId, Local, LocalFunction, LocalId};
use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Most expressions that one compilation may bind, counting repeated looks at a lambda: nested lambdas in generic calls could otherwise
/// take exponential time.
const MAX_BOUND: u32 = 400_000;

/// Is arithmetic checked where the binder stands?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overflow {
    /// Not written: constants are checked, the rest wraps.
    Default,
    Checked,
    Unchecked,
}

/// Syntax that the binder makes up (translated queries) and that must live as long as the parsed one.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) exprs: Arena<ast::Expr>,
}

/// One compilation's state.
pub(crate) struct Binder<'a> {
    pub(crate) table: &'a TypeTable,
    made: &'a Made,
    diagnostics: Vec<Diagnostic>,
    pub(crate) locals: Vec<Local>,
    pub(crate) functions: Vec<LocalFunction<'a>>,
    scopes: Vec<Scope>,
    /// Array elements that `ref` locals are names of.
    aliases: Vec<tree::Expr<'a>>,
    function: FunctionId,
    next_function: FunctionId,
    next_label: usize,
    returns: Returns,
    overflow: Overflow,
    lambdas: HashMap<LambdaKey, Rc<BoundLambda<'a>>>,
    facts: Facts,
    /// Types whose uses are listed with their places.
    pub(crate) watched: &'static [TypeId],
    bound: u32,
    /// Bytes of constant texts put together so far.
    folded: usize,
    /// The member being bound stands in front of an argument list.
    calling: bool,
    /// Type parameters of generic local functions around, and what they stand for.
    type_names: Vec<(std::sync::Arc<str>, Type)>,
    /// The receiver of the `?.` chain being bound.
    receivers: Vec<tree::Expr<'a>>,
    flow: statements::Surroundings,
    /// The variable whose first value is being bound.
    declaring: Option<std::sync::Arc<str>>,
}

/// Everything the lowering needs.
pub(crate) struct Bound<'a> {
    pub(crate) root: Rc<Function<'a>>,
    pub(crate) locals: Vec<Local>,
    pub(crate) functions: Vec<LocalFunction<'a>>,
    pub(crate) result: Type,
    /// Type of the result before it was converted to what the surroundings expect.
    pub(crate) natural: Type,
    pub(crate) facts: Facts,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(table: &'a TypeTable, made: &'a Made) -> Self {
        Binder {
            table,
            made,
            diagnostics: Vec::new(),
            locals: Vec::new(),
            functions: Vec::new(),
            scopes: Vec::new(),
            aliases: Vec::new(),
            function: 0,
            next_function: 1,
            next_label: 0,
            returns: Returns::None,
            overflow: Overflow::Default,
            lambdas: HashMap::new(),
            facts: Facts::default(),
            watched: &[],
            bound: 0,
            folded: 0,
            calling: false,
            type_names: Vec::new(),
            receivers: Vec::new(),
            flow: statements::Surroundings::default(),
            declaring: None,
        }
    }

    /// Binds `@( expression )`.
    pub(crate) fn expression(mut self, syntax: &'a ast::Expr, expected: Option<&Type>) -> Bound<'a> {
        let target = expected.cloned().unwrap_or(Type::OBJECT);
        self.push_scope();
        let value = self.expr(syntax);
        let natural = value.ty.clone();
        let value = if expected.is_none() && value.is_null_literal() {
            self.convert(value, &target)
        } else {
            self.convert_result(value, &target)
        };
        self.pop_scope();
        self.finish(Function { id: 0, params: Vec::new(), body: Body::Expr(value) }, target, natural)
    }

    /// Binds `@{ statements }`.
    pub(crate) fn block(mut self, syntax: &'a ast::Block, expected: Option<&Type>) -> Bound<'a> {
        let target = expected.cloned().unwrap_or(Type::OBJECT);
        self.returns = Returns::Typed { ty: target.clone(), natural: Vec::new(), lambda: false };
        self.push_scope();
        let body = self.statements(&syntax.statements);
        self.pop_scope();
        let natural = match std::mem::replace(&mut self.returns, Returns::None) {
            Returns::Typed { natural, .. } => common(&natural),
            _ => Type::OBJECT,
        };
        self.check_missing_return(&body, syntax.span, false);
        self.finish(Function { id: 0, params: Vec::new(), body: Body::Block(body) }, target, natural)
    }

    fn finish(mut self, root: Function<'a>, result: Type, natural: Type) -> Bound<'a> {
        let root = Rc::new(root);
        // A path without `return` says nothing about the others: they are looked at all the same.
        let returns = [codes::MISSING_RETURN.number, codes::LAMBDA_MISSING_RETURN.number];
        if self.diagnostics.iter().all(|d| !d.is_error() || returns.contains(&d.code)) {
            self.check_assignment(&root);
        }
        self.diagnostics.sort_by_key(|d| d.span.start);
        self.diagnostics.dedup();
        Bound {
            root,
            locals: self.locals,
            functions: self.functions,
            result,
            natural,
            facts: self.facts,
            diagnostics: self.diagnostics,
        }
    }

    fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    // === findings ===

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Self::finding(code, span, message));
    }

    fn finding(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let d = Diagnostic::error(code.number, span, message);
        if code.csharp == 0 { d } else { d.cs(code.csharp) }
    }

    /// Was an error reported since there were `before` findings? Warnings stop nothing.
    fn failed_since(&self, before: usize) -> bool {
        self.diagnostics.get(before..).is_some_and(|new| new.iter().any(Diagnostic::is_error))
    }

    fn report(&mut self, d: Diagnostic) {
        self.diagnostics.push(d);
    }

    fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let d = Diagnostic::warning(code.number, span, message);
        self.report(if code.csharp == 0 { d } else { d.cs(code.csharp) });
    }

    /// A construct of the language that policy expressions do not get.
    fn refuse(&mut self, span: Span, what: &str) -> tree::Expr<'a> {
        self.error(codes::REFUSED, span, format!("{what} is not supported in policy expressions"));
        tree::Expr::error(span)
    }

    fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(id)
    }
}

/// A finding that rests on what stands at its place and on nothing around: a member that a known type lacks.
pub(crate) fn is_local(d: &Diagnostic) -> bool {
    d.is_error() && [codes::NO_MEMBER.number, codes::NO_STATIC_MEMBER.number].contains(&d.code)
}

/// The one type that all returns share, `object` otherwise.
fn common(types: &[Type]) -> Type {
    match types.split_first() {
        Some((first, rest)) if rest.iter().all(|t| t == first) => first.clone(),
        _ => Type::OBJECT,
    }
}
