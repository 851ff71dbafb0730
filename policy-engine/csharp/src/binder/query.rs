//! Query expressions: rewritten into method calls (C# specification 12.20.3), which are then bound like written ones.
use std::sync::Arc;

use super::Binder;
use super::names::TRANSPARENT;
use super::tree::Expr;
use crate::ast::{
    self, AnonymousMember, Argument, ExprKind, FromClause, Ident, JoinClause, Lambda, LambdaBody, Parameter,
    ParameterModifier, Passing, Query, QueryBody, QueryClause, QueryEnd, SimpleName,
};
use crate::span::Span;

/// Range variables so far: one name, or several in one transparent carrier.
struct Variables {
    /// Parameter name of lambdas over the current sequence.
    name: Ident,
    next: usize,
}

impl<'a> Binder<'a> {
    pub(crate) fn query(&mut self, q: &'a Query, span: Span) -> Expr<'a> {
        let made = translate(&q.from, &q.body, span);
        let made = self.made.exprs.alloc(made);
        self.expr(made)
    }
}

fn translate(from: &FromClause, body: &QueryBody, span: Span) -> ast::Expr {
    let source = cast_source(from.ty.as_ref(), from.source.clone(), from.span);
    continue_query(source, from.name.clone(), body, span)
}

/// An explicit type of a range variable means `Cast<T>()`.
fn cast_source(ty: Option<&ast::TypeSyntax>, source: ast::Expr, span: Span) -> ast::Expr {
    match ty {
        None => source,
        Some(ty) => call_generic(source, "Cast", Some(vec![ty.clone()]), Vec::new(), span),
    }
}

fn continue_query(mut source: ast::Expr, name: Ident, body: &QueryBody, span: Span) -> ast::Expr {
    let mut vars = Variables { name, next: 0 };
    let mut clauses = body.clauses.iter().peekable();
    while let Some(clause) = clauses.next() {
        source = match clause {
            QueryClause::Where { condition, span } => {
                call(source, "Where", vec![lambda(&[&vars.name], condition.clone())], *span)
            }
            QueryClause::Let { name, value, span } => {
                let carrier = carry(&vars, name, Some(value.clone()), *span);
                let made = call(source, "Select", vec![lambda(&[&vars.name], carrier)], *span);
                vars.rename(*span);
                made
            }
            QueryClause::From(f) => {
                let inner = cast_source(f.ty.as_ref(), f.source.clone(), f.span);
                let collection = lambda(&[&vars.name], inner);
                // `from` right before a `select` needs no carrier.
                if clauses.peek().is_none()
                    && let QueryEnd::Select { value, .. } = &body.end
                {
                    let result = lambda(&[&vars.name, &f.name], value.clone());
                    let made = call(source, "SelectMany", vec![collection, result], f.span);
                    return continuation(made, body, span);
                }
                let carrier = carry(&vars, &f.name, None, f.span);
                let result = lambda(&[&vars.name, &f.name], carrier);
                let made = call(source, "SelectMany", vec![collection, result], f.span);
                vars.rename(f.span);
                made
            }
            QueryClause::Join(j) => join(source, &mut vars, j),
            QueryClause::OrderBy { orderings, span } => {
                let mut made = source;
                for (i, o) in orderings.iter().enumerate() {
                    let method = match (i, o.descending) {
                        (0, false) => "OrderBy",
                        (0, true) => "OrderByDescending",
                        (_, false) => "ThenBy",
                        (_, true) => "ThenByDescending",
                    };
                    made = call(made, method, vec![lambda(&[&vars.name], o.key.clone())], *span);
                }
                made
            }
        };
    }
    let ended = match &body.end {
        QueryEnd::Select { value, span } => {
            // `select x` of the range variable itself is dropped after other clauses.
            let same = value.as_name().is_some_and(|n| *n == vars.name.name);
            if same && !body.clauses.is_empty() {
                source
            } else {
                call(source, "Select", vec![lambda(&[&vars.name], value.clone())], *span)
            }
        }
        QueryEnd::Group { element, key, span } => {
            let mut args = vec![lambda(&[&vars.name], key.clone())];
            if element.as_name().is_none_or(|n| *n != vars.name.name) {
                args.push(lambda(&[&vars.name], element.clone()));
            }
            call(source, "GroupBy", args, *span)
        }
    };
    continuation(ended, body, span)
}

/// `into name ...`
fn continuation(made: ast::Expr, body: &QueryBody, span: Span) -> ast::Expr {
    match &body.continuation {
        None => made,
        Some(c) => continue_query(made, c.name.clone(), &c.body, span),
    }
}

fn join(source: ast::Expr, vars: &mut Variables, j: &JoinClause) -> ast::Expr {
    let inner = cast_source(j.ty.as_ref(), j.source.clone(), j.span);
    let (method, second) = match &j.into {
        None => ("Join", &j.name),
        Some(group) => ("GroupJoin", group),
    };
    let left = lambda(&[&vars.name], j.left.clone());
    let right = lambda(&[&j.name], j.right.clone());
    let result = lambda(&[&vars.name, second], carry(vars, second, None, j.span));
    let made =
        call_args(source, method, vec![argument(inner), argument(left), argument(right), argument(result)], j.span);
    vars.rename(j.span);
    made
}

impl Variables {
    fn rename(&mut self, span: Span) {
        self.next = self.next.saturating_add(1);
        self.name = Ident { name: Arc::from(format!("{TRANSPARENT}{}.{}", span.start, self.next)), span };
    }
}

/// `new { old, name = value }`
fn carry(vars: &Variables, name: &Ident, value: Option<ast::Expr>, span: Span) -> ast::Expr {
    let member = |name: &Ident, value| AnonymousMember { name: Some(name.clone()), inferred: false, value };
    let members =
        vec![member(&vars.name, name_expr(&vars.name)), member(name, value.unwrap_or_else(|| name_expr(name)))];
    ast::Expr { kind: ExprKind::NewAnonymous(members), span }
}

fn name_expr(name: &Ident) -> ast::Expr {
    let simple = SimpleName { ident: name.clone(), type_args: None, span: name.span };
    ast::Expr { kind: ExprKind::Name(simple), span: name.span }
}

fn lambda(params: &[&Ident], body: ast::Expr) -> ast::Expr {
    let span = body.span;
    let param = |p: &&Ident| Parameter {
        modifier: ParameterModifier::None,
        ty: None,
        name: (*p).clone(),
        default: None,
        span: p.span,
    };
    let lambda = Lambda {
        is_static: false,
        parameters: Some(params.iter().map(param).collect()),
        return_type: None,
        is_anonymous_method: false,
        body: LambdaBody::Expr(body),
    };
    ast::Expr { kind: ExprKind::Lambda(Box::new(lambda)), span }
}

fn argument(value: ast::Expr) -> Argument {
    let span = value.span;
    Argument { name: None, passing: Passing::Value, value, span }
}

fn call(target: ast::Expr, method: &str, args: Vec<ast::Expr>, span: Span) -> ast::Expr {
    call_args(target, method, args.into_iter().map(argument).collect(), span)
}

fn call_args(target: ast::Expr, method: &str, args: Vec<Argument>, span: Span) -> ast::Expr {
    call_generic(target, method, None, args, span)
}

fn call_generic(
    target: ast::Expr,
    method: &str,
    type_args: Option<Vec<ast::TypeSyntax>>,
    args: Vec<Argument>,
    span: Span,
) -> ast::Expr {
    let ident = Ident { name: Arc::from(method), span };
    let name = SimpleName { ident, type_args, span };
    let callee = ast::Expr { kind: ExprKind::Member { target: Box::new(target), name }, span };
    ast::Expr { kind: ExprKind::Call { target: Box::new(callee), args }, span }
}
