//! Lambdas and method groups: bound once for each set of parameter types, then converted to a delegate type.
use std::rc::Rc;
use std::sync::Arc;

use dotnet::{Mode, Type};

use super::calls::Arg;
use super::scope::Scope;
use super::tree::{Body, Expr, Function, FunctionId, Kind, LocalId, LocalKind, Stmt, StmtKind};
use super::{Binder, codes, statements};
use crate::ast::{Lambda, LambdaBody, Passing};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// What `return` means where the binder stands.
#[derive(Clone, Debug)]
pub(crate) enum Returns {
    /// Outside of any function that returns.
    None,
    /// Values are converted to a type; `natural` collects their types before.
    Typed { ty: Type, natural: Vec<Type>, lambda: bool },
    /// `return;` only.
    Void { lambda: bool },
    /// `yield return` of items of this type.
    Iterator(Type),
    /// Types are collected to infer one. The flag: a `return;` without a value was seen.
    Infer { values: Vec<(Type, bool)>, bare: bool },
}

/// What a lambda body gives when nothing is expected of it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Inferred {
    Type(Type),
    Void,
    /// It has values, but no type of their own (`null`, a lambda).
    Untyped,
}

/// One look at a lambda.
pub(crate) type LambdaKey = (usize, FunctionId, Vec<Type>, Option<Type>);

/// A lambda bound for given parameter types (and a result type, for block bodies).
#[derive(Debug)]
pub(crate) struct BoundLambda<'a> {
    id: FunctionId,
    params: Vec<LocalId>,
    scope: Scope,
    body: BoundBody<'a>,
    pub(crate) inferred: Inferred,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Debug)]
enum BoundBody<'a> {
    Expr(Expr<'a>),
    Block(Vec<Stmt<'a>>),
}

/// State that a function body must not share with its surroundings.
pub(crate) struct Outside {
    function: FunctionId,
    returns: Returns,
    flow: statements::Surroundings,
}

impl BoundLambda<'_> {
    fn is_expression(&self) -> bool {
        matches!(self.body, BoundBody::Expr(_))
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

impl<'a> Binder<'a> {
    pub(crate) fn enter_function(&mut self, returns: Returns) -> (FunctionId, Outside) {
        let id = self.next_function;
        self.next_function = id.saturating_add(1);
        let outside = self.resume_function(id, returns);
        (id, outside)
    }

    fn resume_function(&mut self, id: FunctionId, returns: Returns) -> Outside {
        Outside {
            function: std::mem::replace(&mut self.function, id),
            returns: std::mem::replace(&mut self.returns, returns),
            flow: std::mem::take(&mut self.flow),
        }
    }

    pub(crate) fn leave_function(&mut self, outside: Outside) -> Returns {
        self.function = outside.function;
        self.flow = outside.flow;
        std::mem::replace(&mut self.returns, outside.returns)
    }

    /// Binds the body for these parameter types. With `ret`, `return` statements are converted to it.
    pub(crate) fn look_at(&mut self, lambda: &'a Lambda, types: &[Type], ret: Option<&Type>) -> Rc<BoundLambda<'a>> {
        let is_block = matches!(lambda.body, LambdaBody::Block(_));
        let ret = ret.filter(|_| is_block);
        let key: LambdaKey = (std::ptr::from_ref(lambda).addr(), self.function, types.to_vec(), ret.cloned());
        if let Some(known) = self.lambdas.get(&key) {
            return known.clone();
        }
        let bound = Rc::new(self.bind_lambda(lambda, types, ret));
        self.lambdas.insert(key, bound.clone());
        bound
    }

    fn bind_lambda(&mut self, lambda: &'a Lambda, types: &[Type], ret: Option<&Type>) -> BoundLambda<'a> {
        let outer = std::mem::take(&mut self.diagnostics);
        let returns = match ret {
            None => Returns::Infer { values: Vec::new(), bare: false },
            Some(Type::Void) => Returns::Void { lambda: true },
            Some(ty) => Returns::Typed { ty: ty.clone(), natural: Vec::new(), lambda: true },
        };
        let (id, outside) = self.enter_function(returns);
        self.push_scope();
        if let Some(scope) = self.scope_mut() {
            scope.is_static = lambda.is_static;
        }
        let params = self.lambda_params(lambda, types);
        let (body, mut inferred) = match &lambda.body {
            LambdaBody::Expr(e) => {
                let e = self.expr(e);
                let inferred = match &e.ty {
                    Type::Void => Inferred::Void,
                    Type::Null | Type::Error => Inferred::Untyped,
                    ty => Inferred::Type(ty.clone()),
                };
                (BoundBody::Expr(e), inferred)
            }
            LambdaBody::Block(block) => {
                let (inner, locals) = self.scoped(|b| b.statements(&block.statements));
                let body = vec![Stmt::new(StmtKind::Block { body: inner, locals }, block.span)];
                let needs_value = match &self.returns {
                    Returns::Typed { .. } => true,
                    Returns::Infer { values, .. } => !values.is_empty(),
                    _ => false,
                };
                if needs_value {
                    self.check_missing_return(
                        &body,
                        Span::new(block.span.start, block.span.start.saturating_add(1)),
                        true,
                    );
                }
                (BoundBody::Block(body), Inferred::Void)
            }
        };
        let scope = self.take_scope();
        if let Returns::Infer { values, .. } = self.leave_function(outside)
            && matches!(body, BoundBody::Block(..))
            && !values.is_empty()
        {
            inferred = self.best_return(&values);
        }
        let diagnostics = std::mem::replace(&mut self.diagnostics, outer);
        BoundLambda { id, params, scope, body, inferred, diagnostics }
    }

    fn best_return(&self, values: &[(Type, bool)]) -> Inferred {
        let types: Vec<Type> =
            values.iter().filter(|(t, _)| !matches!(t, Type::Null | Type::Error)).map(|(t, _)| t.clone()).collect();
        match self.best_common(&types) {
            Some(ty) => Inferred::Type(ty),
            None => Inferred::Untyped,
        }
    }

    /// The type among these that all others convert to.
    pub(crate) fn best_common(&self, types: &[Type]) -> Option<Type> {
        let fits = |to: &Type| types.iter().all(|t| self.implicit_type(t, to).is_some());
        let best = types.iter().find(|t| fits(t)).cloned()?;
        Some(types.iter().fold(best, super::tuples::shared_names))
    }

    fn lambda_params(&mut self, lambda: &'a Lambda, types: &[Type]) -> Vec<LocalId> {
        let Some(written) = &lambda.parameters else {
            // `delegate { }`: the arguments have no names.
            return types.iter().map(|t| self.temporary(t.clone(), Span::default())).collect();
        };
        let discards = written.iter().filter(|p| &*p.name.name == "_").count() > 1;
        let mut ids = Vec::new();
        for (p, ty) in written.iter().zip(types) {
            if &*p.name.name == "_" && discards {
                ids.push(self.temporary(ty.clone(), p.span));
                continue;
            }
            ids.push(self.declare(&p.name, ty.clone(), LocalKind::Parameter));
        }
        ids
    }

    /// Written parameter types, if all are written.
    pub(crate) fn explicit_params(&mut self, lambda: &'a Lambda) -> Option<Vec<Type>> {
        let written = lambda.parameters.as_ref()?;
        if written.is_empty() || written.iter().any(|p| p.ty.is_none()) {
            return None;
        }
        let known: Vec<_> = written.iter().filter_map(|p| p.ty.as_ref()).collect();
        known.into_iter().map(|t| self.try_type(t, false)).collect()
    }

    fn arity_fits(lambda: &Lambda, count: usize) -> bool {
        lambda.parameters.as_ref().is_none_or(|p| p.len() == count)
    }

    /// Does the lambda convert to this type?
    pub(crate) fn lambda_fits(&mut self, lambda: &'a Lambda, to: &Type) -> bool {
        let Some((_, params, ret)) = self.invoke_of(to) else { return false };
        if !Self::arity_fits(lambda, params.len()) || self.explicit_params(lambda).is_some_and(|p| p != params) {
            return false;
        }
        let look = self.look_at(lambda, &params, Some(&ret));
        if look.has_errors() {
            return false;
        }
        match &look.body {
            BoundBody::Block(..) => true,
            BoundBody::Expr(e) if ret == Type::Void => is_statement(e),
            BoundBody::Expr(e) => self.inside(&look, |b| b.implicit_exists(e, &ret)),
        }
    }

    /// Runs `f` where the lambda's parameters are visible.
    fn inside<T>(&mut self, look: &BoundLambda<'a>, f: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.resume_function(look.id, Returns::None);
        self.push_existing(look.scope.clone());
        let result = f(self);
        self.pop_scope();
        self.leave_function(outside);
        result
    }

    /// Errors inside a lambda for the parameter types of this delegate type.
    pub(crate) fn lambda_errors(&mut self, lambda: &'a Lambda, to: &Type) -> Vec<Diagnostic> {
        let Some((_, params, ret)) = self.invoke_of(to) else { return Vec::new() };
        if !Self::arity_fits(lambda, params.len()) {
            return Vec::new();
        }
        let look = self.look_at(lambda, &params, Some(&ret));
        let inside: Vec<Diagnostic> = look.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
        if !inside.is_empty() || !look.is_expression() {
            return inside;
        }
        // The body is fine in itself, but does not give what the delegate returns.
        let outer = std::mem::take(&mut self.diagnostics);
        self.convert_lambda(lambda, to, Span::default());
        std::mem::replace(&mut self.diagnostics, outer)
    }

    /// Converts a lambda to a delegate type, or reports why it does not.
    pub(crate) fn convert_lambda(&mut self, lambda: &'a Lambda, to: &Type, span: Span) -> Expr<'a> {
        let Some((_, params, ret)) = self.invoke_of(to) else {
            let text = format!("a lambda does not convert to `{to}`, which is not a delegate type");
            self.error(codes::LAMBDA_TO_OTHER, span, text);
            return Expr::error(span);
        };
        if !Self::arity_fits(lambda, params.len()) {
            let text = format!("delegate `{to}` takes {} arguments", params.len());
            self.error(codes::LAMBDA_PARAMETERS, span, text);
            return Expr::error(span);
        }
        if self.explicit_params(lambda).is_some_and(|p| p != params) {
            let text = format!("the lambda's parameter types differ from those of `{to}`");
            self.error(codes::LAMBDA_PARAMETER_TYPE, span, text);
            return Expr::error(span);
        }
        let look = self.look_at(lambda, &params, Some(&ret));
        self.diagnostics.extend(look.diagnostics.iter().cloned());
        let body = match &look.body {
            BoundBody::Block(body) => Body::Block(body.clone()),
            BoundBody::Expr(e) => {
                let e = e.clone();
                Body::Expr(self.inside(&look, |b| b.lambda_value(e, &ret)))
            }
        };
        let function = Function { id: look.id, params: look.params.clone(), body };
        Expr::new(Kind::Lambda(Rc::new(function)), to.clone(), span)
    }

    fn lambda_value(&mut self, e: Expr<'a>, ret: &Type) -> Expr<'a> {
        if *ret == Type::Void {
            return self.statement_value(e);
        }
        let (span, before) = (e.span, self.diagnostics.len());
        let e = self.convert(e, ret);
        if self.failed_since(before) {
            let text = format!("the lambda must give a `{ret}`");
            self.error(codes::LAMBDA_RETURN, span, text);
        }
        e
    }

    /// An expression body where nothing is returned.
    pub(crate) fn statement_value(&mut self, e: Expr<'a>) -> Expr<'a> {
        if !is_statement(&e) && !e.is_error() {
            let text = "only a call, an assignment or `new` can stand where nothing is returned";
            let d = Diagnostic::error(codes::LAMBDA_RETURN.number, e.span, text).cs(201);
            self.report(d);
        }
        e
    }

    // === method groups ===

    /// Does a method group or local function convert to this delegate type?
    pub(crate) fn group_fits(&mut self, e: &Expr<'a>, to: &Type) -> bool {
        let outer = std::mem::take(&mut self.diagnostics);
        let fits = self.group_function(e, to).is_some();
        self.diagnostics = outer;
        fits
    }

    /// Result type of a method group called with these types.
    pub(crate) fn group_result(&mut self, e: &Expr<'a>, params: &[Type]) -> Option<Type> {
        let outer = std::mem::take(&mut self.diagnostics);
        let args = params.iter().map(|t| self.typed_arg(t, e.span)).collect();
        let call = self.call_of(e.clone(), args, e.span);
        self.diagnostics = outer;
        (!call.is_error()).then_some(call.ty)
    }

    fn typed_arg(&mut self, ty: &Type, span: Span) -> Arg<'a> {
        let local = self.temporary(ty.clone(), span);
        Arg {
            expr: Expr::new(Kind::Local(local), ty.clone(), span),
            name: None,
            passing: Passing::Value,
            out: None,
            span,
        }
    }

    pub(crate) fn convert_group(&mut self, e: &Expr<'a>, to: &Type) -> Expr<'a> {
        let span = e.span;
        if !self.is_delegate(to) {
            let name = match &e.kind {
                Kind::MethodGroup(g) => g.name.clone(),
                Kind::LocalFunction { function: f, .. } => {
                    self.functions.get(*f).map(|f| f.name.clone()).unwrap_or_default()
                }
                _ => Arc::from(""),
            };
            let text = format!("method `{name}` does not convert to `{to}`: did you mean to call it?");
            let d = Self::finding(codes::GROUP_TO_OTHER, span, text).help(format!("write `{name}(...)`"));
            self.report(d);
            return Expr::error(span);
        }
        let before = self.diagnostics.len();
        match self.group_function(e, to) {
            Some(done) => done,
            None => {
                self.diagnostics.truncate(before);
                self.error(codes::GROUP_SIGNATURE, span, format!("no overload of the method fits `{to}`"));
                Expr::error(span)
            }
        }
    }

    /// A function that calls the group with the delegate's parameters.
    fn group_function(&mut self, e: &Expr<'a>, to: &Type) -> Option<Expr<'a>> {
        let (invoke, params, ret) = self.invoke_of(to)?;
        if invoke.params.iter().any(|p| p.mode != Mode::In) {
            return None;
        }
        let span = e.span;
        // The receiver is evaluated once, when the delegate is made.
        let mut group = e.clone();
        let mut held = None;
        if let Kind::MethodGroup(g) = &mut group.kind
            && let Some(receiver) = g.receiver.take()
        {
            let local = self.temporary(receiver.ty.clone(), span);
            if let Some(l) = self.locals.get_mut(local) {
                l.captured = true;
            }
            g.receiver = Some(Expr::new(Kind::Local(local), receiver.ty.clone(), span));
            held = Some((local, receiver));
        }
        let (id, outside) = self.enter_function(Returns::None);
        self.push_scope();
        let args: Vec<Arg<'a>> = params.iter().map(|t| self.typed_arg(t, span)).collect();
        let ids = args.iter().filter_map(|a| if let Kind::Local(id) = a.expr.kind { Some(id) } else { None }).collect();
        let before = self.diagnostics.len();
        let call = self.call_of(group, args, span);
        self.pop_scope();
        self.leave_function(outside);
        if self.failed_since(before) || call.is_error() {
            return None;
        }
        let same = ret == Type::Void
            || call.ty == ret
            || (self.is_reference(&call.ty) && self.standard_implicit(&call.ty, &ret).is_some());
        if !same {
            return None;
        }
        let function = Rc::new(Function { id, params: ids, body: Body::Expr(call) });
        let made = Expr::new(Kind::MethodDelegate { function }, to.clone(), span);
        Some(match held {
            Some((local, receiver)) => {
                let kind = Kind::Let { local, value: Box::new(receiver), body: Box::new(made) };
                Expr::new(kind, to.clone(), span)
            }
            None => made,
        })
    }

    /// Does the lambda's syntax promise a value? Used to break ties between delegates with and without result.
    pub(crate) fn lambda_syntax(e: &Expr<'a>) -> Option<&'a Lambda> {
        match &e.kind {
            Kind::UntypedLambda(l) => Some(l),
            _ => None,
        }
    }
}

/// May stand as a statement.
pub(crate) fn is_statement(e: &Expr<'_>) -> bool {
    match &e.kind {
        Kind::NullConditional { access, .. } => is_statement(access),
        Kind::Error
        | Kind::Call(_)
        | Kind::Invoke { .. }
        | Kind::CallLocal { .. }
        | Kind::Assign { .. }
        | Kind::Compound(_)
        | Kind::ObjectCall { .. }
        | Kind::Sequence { .. }
        | Kind::Let { .. }
        | Kind::Throw(_) => true,
        _ => false,
    }
}
