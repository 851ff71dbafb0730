//! Local functions: plain ones, generic ones (bound once for each set of type arguments), iterators with `yield`.
use std::rc::Rc;

use dotnet::{Mode, Owner, Parameter, Type, ids};

use super::lambda::Returns;
use super::scope::Entity;
use super::tree::{Body, Function, LocalFunction, LocalKind, Stmt, StmtKind};
use super::{Binder, codes};
use crate::ast::{self, LambdaBody, ParameterModifier};
use crate::span::Span;

/// Most functions that a compilation makes; generic functions may call themselves with ever larger types.
const MAX_FUNCTIONS: usize = 500;

impl<'a> Binder<'a> {
    pub(crate) fn announce_function(&mut self, f: &'a ast::LocalFunction) {
        let outer = self.type_names.len();
        for (n, p) in f.type_parameters.iter().enumerate() {
            let number = u16::try_from(n).unwrap_or(u16::MAX);
            self.type_names.push((p.name.clone(), Type::Param(Owner::Method, number)));
        }
        self.check_order(&f.parameters);
        let mut params = Vec::new();
        for p in &f.parameters {
            let ty = p.ty.as_ref().map_or(Type::Error, |t| self.type_of(t));
            let default = p.default.as_ref().map(|e| {
                let e = self.expr(e);
                let e = self.convert(e, &ty);
                if e.constant.is_none() && !e.is_error() {
                    self.error(codes::NOT_CONSTANT, e.span, "a default value must be a constant");
                }
                e.constant.unwrap_or_default()
            });
            let mode = match p.modifier {
                ParameterModifier::Ref => Mode::Ref,
                ParameterModifier::Out => Mode::Out,
                _ => Mode::In,
            };
            let is_params = p.modifier == ParameterModifier::Params;
            params.push(Parameter { name: p.name.name.clone(), ty, mode, is_params, default });
        }
        let mut refers_to = None;
        let ret = match &f.return_type.kind {
            ast::TypeKind::Predefined(ast::PredefinedType::Void) => Type::Void,
            ast::TypeKind::Ref(inner) => {
                let item = self.type_of(inner);
                refers_to = Some(item.clone());
                Self::reference_type(&item)
            }
            _ => self.type_of(&f.return_type),
        };
        let is_second = self.check_name(&f.name);
        let id = self.functions.len();
        let owner = self.function;
        self.type_names.truncate(outer);
        let iterator = if yields_in(&f.body) { self.item_of_iterator(&ret, f) } else { None };
        self.functions.push(LocalFunction {
            name: f.name.name.clone(),
            type_params: f.type_parameters.iter().map(|p| p.name.clone()).collect(),
            params,
            ret,
            refers_to,
            iterator,
            function: None,
            syntax: f,
            owner,
            scopes: self.scopes().len(),
            instances: Vec::new(),
        });
        if !is_second {
            self.bind_name(f.name.name.clone(), Entity::Function(id));
        }
    }

    /// Parameters with default values come last; only a `params` array may follow.
    fn check_order(&mut self, params: &[ast::Parameter]) {
        let is_params = |p: &&ast::Parameter| p.modifier == ParameterModifier::Params;
        if let Some((_, others)) = params.split_last()
            && let Some(early) = others.iter().find(is_params)
        {
            let text = format!("parameter `{}` takes all that is left: it must be the last one", early.name.name);
            self.error(codes::PARAMS_NOT_LAST, early.span, text);
        }
        let by_reference = |p: &&ast::Parameter| {
            p.default.is_some() && matches!(p.modifier, ParameterModifier::Ref | ParameterModifier::Out)
        };
        if let Some(p) = params.iter().find(by_reference) {
            let text = format!("parameter `{}` is a variable of the caller and has no default value", p.name.name);
            self.error(codes::DEFAULT_OF_REFERENCE, p.span, text);
        }
        let Some(optional) = params.iter().position(|p| p.default.is_some()) else { return };
        let required = |p: &&ast::Parameter| p.default.is_none() && p.modifier != ParameterModifier::Params;
        if let Some(late) = params.iter().skip(optional).find(required) {
            let text = format!("parameter `{}` needs a default value, as the ones before it have one", late.name.name);
            self.error(codes::REQUIRED_AFTER_OPTIONAL, late.span, text);
        }
    }

    /// The type of the items of a function with `yield`.
    fn item_of_iterator(&mut self, ret: &Type, f: &ast::LocalFunction) -> Option<Type> {
        match ret {
            Type::Generic(ids::ENUMERABLE_T, args) => args.first().cloned(),
            Type::Simple(ids::ENUMERABLE) => Some(Type::OBJECT),
            Type::Error => None,
            _ => {
                let text = format!("a function with `yield` gives an `IEnumerable<T>`, not `{ret}`");
                self.error(codes::NO_ITERATOR, f.name.span, text);
                None
            }
        }
    }

    pub(crate) fn yield_stmt(&mut self, value: Option<&'a ast::Expr>, span: Span) -> Stmt<'a> {
        let bound = value.map(|e| self.expr(e));
        let item = match &self.returns {
            Returns::Iterator(item) => Some(item.clone()),
            _ => None,
        };
        let Some(item) = item else {
            if !matches!(&self.returns, Returns::Typed { ty: Type::Error, .. }) {
                self.error(
                    codes::NO_ITERATOR,
                    span,
                    "`yield` needs a local function around it that gives an `IEnumerable<T>`",
                );
            }
            return Stmt::new(StmtKind::Empty, span);
        };
        let bound = bound.map(|e| self.convert(e, &item));
        Stmt::new(StmtKind::Yield(bound), span)
    }

    /// The function made for these type arguments.
    pub(crate) fn instance(&mut self, f: usize, type_args: &[Type], span: Span) -> Option<usize> {
        let generic = self.functions.get(f)?;
        if let Some((_, id)) = generic.instances.iter().find(|(args, _)| args == type_args) {
            return Some(*id);
        }
        let id = self.functions.len();
        if id >= MAX_FUNCTIONS {
            self.error(codes::TOO_COMPLEX, span, "the program is too complex: a generic function needs too many forms");
            return None;
        }
        let substitute = |t: &Type| t.substitute(&[], type_args);
        let params = generic.params.iter().map(|p| Parameter { ty: substitute(&p.ty), ..p.clone() }).collect();
        let (owner, scopes, syntax) = (generic.owner, generic.scopes, generic.syntax);
        let made = LocalFunction {
            name: generic.name.clone(),
            type_params: Vec::new(),
            params,
            ret: substitute(&generic.ret),
            refers_to: generic.refers_to.as_ref().map(substitute),
            iterator: generic.iterator.as_ref().map(substitute),
            function: None,
            syntax,
            owner,
            scopes,
            instances: Vec::new(),
        };
        self.functions.push(made);
        if let Some(generic) = self.functions.get_mut(f) {
            generic.instances.push((type_args.to_vec(), id));
        }
        // The body sees what is visible where the function is declared.
        let hidden = self.hide_scopes(scopes);
        let outer = self.type_names.len();
        let names = syntax.type_parameters.iter().map(|p| p.name.clone());
        self.type_names.extend(names.zip(type_args.iter().cloned()));
        let function = std::mem::replace(&mut self.function, owner);
        self.bind_function(id);
        self.function = function;
        self.type_names.truncate(outer);
        self.restore_scopes(hidden);
        Some(id)
    }

    /// Binds the body where the declaration stands; a generic function waits for its calls.
    pub(crate) fn function_body(&mut self, f: &'a ast::LocalFunction) -> Option<usize> {
        let id = self.functions.iter().rposition(|k| std::ptr::eq(k.syntax, f) && k.function.is_none())?;
        if !f.type_parameters.is_empty() {
            return None;
        }
        self.bind_function(id)
    }

    fn bind_function(&mut self, id: usize) -> Option<usize> {
        let known = self.functions.get(id)?;
        let (f, params, ret, iterator) =
            (known.syntax, known.params.clone(), known.ret.clone(), known.iterator.clone());
        let is_iterator = iterator.is_some();
        let returns = match iterator {
            Some(item) => Returns::Iterator(item),
            None if ret == Type::Void => Returns::Void { lambda: false },
            None => Returns::Typed { ty: ret.clone(), natural: Vec::new(), lambda: false },
        };
        let refers_to = known.refers_to.clone();
        let (number, outside) = self.enter_function(returns);
        self.flow.refers_to = refers_to;
        self.push_scope();
        if let Some(scope) = self.scope_mut() {
            scope.is_static = f.is_static;
        }
        let mut ids = Vec::new();
        for (n, (p, info)) in f.parameters.iter().zip(&params).enumerate() {
            let kind = if info.mode == Mode::Out { LocalKind::OutParameter } else { LocalKind::Parameter };
            if f.parameters.iter().take(n).any(|q| q.name.name == p.name.name) {
                let text = format!("parameter `{}` stands twice", p.name.name);
                self.error(codes::DUPLICATE_PARAMETER, p.name.span, text);
                ids.push(self.add_local(p.name.name.clone(), info.ty.clone(), p.name.span, kind));
            } else {
                ids.push(self.declare(&p.name, info.ty.clone(), kind));
            }
        }
        let body = match &f.body {
            LambdaBody::Expr(e) => {
                let e = self.returned(e);
                Body::Expr(if ret == Type::Void {
                    let e = self.value(e);
                    self.statement_value(e)
                } else {
                    self.convert(e, &ret)
                })
            }
            LambdaBody::Block(b) => {
                let (body, inner) = self.scoped(|x| x.statements(&b.statements));
                if ret != Type::Void && !is_iterator {
                    self.check_missing_return(&body, f.name.span, false);
                }
                Body::Block(vec![Stmt::new(StmtKind::Block { body, locals: inner }, b.span)])
            }
        };
        self.pop_scope();
        self.leave_function(outside);
        if let Some(k) = self.functions.get_mut(id) {
            k.function = Some(Rc::new(Function { id: number, params: ids, body }));
        }
        Some(id)
    }
}

fn yields_in(body: &LambdaBody) -> bool {
    match body {
        LambdaBody::Expr(_) => false,
        LambdaBody::Block(b) => b.statements.iter().any(yields),
    }
}

/// Does a `yield` belong to the function that holds this statement?
fn yields(s: &ast::Stmt) -> bool {
    use ast::StmtKind as K;
    match &s.kind {
        K::YieldReturn(_) | K::YieldBreak => true,
        K::Block(b) | K::Checked { body: b, .. } => b.statements.iter().any(yields),
        K::If { then, otherwise, .. } => yields(then) || otherwise.as_ref().is_some_and(|s| yields(s)),
        K::While { body, .. } | K::DoWhile { body, .. } | K::Lock { body, .. } | K::Labeled { body, .. } => {
            yields(body)
        }
        K::For(f) => yields(&f.body),
        K::Foreach(f) => yields(&f.body),
        K::Using(u) => yields(&u.body),
        K::Switch(w) => w.sections.iter().any(|s| s.body.iter().any(yields)),
        K::Try(t) => {
            t.body.statements.iter().any(yields)
                || t.catches.iter().any(|c| c.body.statements.iter().any(yields))
                || t.finally.as_ref().is_some_and(|f| f.statements.iter().any(yields))
        }
        _ => false,
    }
}
