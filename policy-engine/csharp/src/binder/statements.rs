//! Statements: blocks, declarations, local functions, jumps. Loops and protected blocks are in `loops`.
use dotnet::{Type, Value};

use super::expressions::{RED_ZONE, STACK_STEP};
use super::lambda::Returns;
use super::scope::Entity;
use super::tree::{Expr, Kind, LocalKind, Stmt, StmtKind};
use super::{Binder, Overflow, codes};
use crate::ast::{self, GotoTarget, LocalDeclaration};
use crate::span::Span;

/// What jumps may refer to where the binder stands.
#[derive(Clone, Default, Debug)]
pub(crate) struct Surroundings {
    /// Loops around.
    loops: u32,
    /// Switches around (for `break`).
    switches: u32,
    /// Inside a `catch` (for `throw;`).
    pub(crate) catches: u32,
    /// Inside a `finally`, counted with the loops outside it.
    pub(crate) finally: bool,
    cases: Vec<(Value, usize)>,
    default: Option<usize>,
    /// Type of the variables that the function around returns references to.
    pub(crate) refers_to: Option<Type>,
}

impl Surroundings {
    pub(crate) fn enter_switch(&mut self) -> (Vec<(Value, usize)>, Option<usize>) {
        self.switches = self.switches.saturating_add(1);
        (std::mem::take(&mut self.cases), self.default.take())
    }

    pub(crate) fn leave_switch(&mut self, outer: (Vec<(Value, usize)>, Option<usize>)) {
        self.switches = self.switches.saturating_sub(1);
        (self.cases, self.default) = outer;
    }

    pub(crate) fn case_label(&mut self, value: &Value, section: usize) {
        self.cases.push((value.clone(), section));
    }

    pub(crate) fn default_label(&mut self, section: Option<usize>) {
        self.default = section;
    }

    /// Nothing outside of a `finally` block may be jumped to from inside.
    pub(crate) fn enter_finally(&mut self) {
        self.finally = true;
        self.loops = 0;
        self.switches = 0;
        self.cases.clear();
        self.default = None;
    }

    pub(crate) fn enter_loop(&mut self) {
        self.loops = self.loops.saturating_add(1);
    }

    pub(crate) fn leave_loop(&mut self) {
        self.loops = self.loops.saturating_sub(1);
    }
}

impl<'a> Binder<'a> {
    /// Statements of one block; the scope is the caller's.
    pub(crate) fn statements(&mut self, list: &'a [ast::Stmt]) -> Vec<Stmt<'a>> {
        self.announce(list);
        self.sequence(list)
    }

    /// The rest of a block that was announced already.
    pub(crate) fn continue_block(&mut self, rest: &'a [ast::Stmt]) -> Vec<Stmt<'a>> {
        self.sequence(rest)
    }

    fn sequence(&mut self, list: &'a [ast::Stmt]) -> Vec<Stmt<'a>> {
        let mut out = Vec::new();
        for (i, s) in list.iter().enumerate() {
            if let ast::StmtKind::Local(d) = &s.kind
                && d.is_using
            {
                // The rest of the block is the body.
                let rest = list.get(i.saturating_add(1)..).unwrap_or_default();
                out.push(self.using_declaration(d, rest, s.span));
                return out;
            }
            self.statement_into(s, &mut out);
        }
        out
    }

    /// Names, labels and local functions that the block will declare.
    fn announce(&mut self, list: &'a [ast::Stmt]) {
        let mut later = Vec::new();
        for s in list {
            let mut s = s;
            while let ast::StmtKind::Labeled { label, body } = &s.kind {
                self.announce_label(label);
                s = body;
            }
            match &s.kind {
                ast::StmtKind::Local(d) => {
                    later.extend(d.declarators.iter().map(|d| (d.name.name.clone(), d.name.span)))
                }
                ast::StmtKind::LocalFunction(f) => self.announce_function(f),
                _ => {}
            }
        }
        if let Some(scope) = self.scope_mut() {
            scope.later.extend(later);
        }
    }

    fn announce_label(&mut self, label: &ast::Ident) {
        if self.scopes().iter().any(|s| s.labels.iter().any(|(n, _)| *n == label.name)) {
            self.error(codes::DUPLICATE_LABEL, label.span, format!("label `{}` already exists", label.name));
            return;
        }
        let id = self.next_label;
        self.next_label = id.saturating_add(1);
        if let Some(scope) = self.scope_mut() {
            scope.labels.push((label.name.clone(), id));
        }
    }

    /// A statement that stands alone (body of `if`, loops): in a scope of its own.
    pub(crate) fn embedded(&mut self, s: &'a ast::Stmt) -> Stmt<'a> {
        let (body, locals) = self.scoped(|b| {
            if let ast::StmtKind::Labeled { .. } | ast::StmtKind::LocalFunction(_) | ast::StmtKind::Local(_) = &s.kind {
                return b.statements(std::slice::from_ref(s));
            }
            let mut out = Vec::new();
            b.statement_into(s, &mut out);
            out
        });
        match <[Stmt<'a>; 1]>::try_from(body) {
            Ok([one]) if locals.is_empty() => one,
            Ok(one) => Stmt::new(StmtKind::Block { body: one.into(), locals }, s.span),
            Err(body) => Stmt::new(StmtKind::Block { body, locals }, s.span),
        }
    }

    fn statement_into(&mut self, s: &'a ast::Stmt, out: &mut Vec<Stmt<'a>>) {
        stacker::maybe_grow(RED_ZONE, STACK_STEP, || self.statement_kind(s, out));
    }

    fn statement_kind(&mut self, s: &'a ast::Stmt, out: &mut Vec<Stmt<'a>>) {
        let span = s.span;
        let made = match &s.kind {
            ast::StmtKind::Error | ast::StmtKind::Empty => return,
            ast::StmtKind::Block(b) => self.block_stmt(b),
            ast::StmtKind::Expr(e) => {
                let e = self.assign_stmt(e);
                let e = self.value(e);
                Stmt::new(StmtKind::Expr(e), span)
            }
            ast::StmtKind::Local(d) => return self.local_declaration(d, span, out),
            ast::StmtKind::LocalFunction(f) => match self.function_body(f) {
                Some(id) => Stmt::new(StmtKind::Function(id), span),
                None => return,
            },
            ast::StmtKind::If { condition, then, otherwise } => {
                let condition = self.bool_condition(condition);
                let then = Box::new(self.embedded(then));
                let otherwise = otherwise.as_ref().map(|s| Box::new(self.embedded(s)));
                Stmt::new(StmtKind::If { condition, then, otherwise }, span)
            }
            ast::StmtKind::While { condition, body } => self.while_stmt(condition, body, span),
            ast::StmtKind::DoWhile { body, condition } => self.do_while(body, condition, span),
            ast::StmtKind::For(f) => self.for_stmt(f, span),
            ast::StmtKind::Foreach(f) => self.foreach_stmt(f, span),
            ast::StmtKind::Switch(s) => self.switch_stmt(s, span),
            ast::StmtKind::Try(t) => self.try_stmt(t, span),
            ast::StmtKind::Using(u) => self.using_stmt(u, span),
            ast::StmtKind::Lock { target, body } => self.lock_stmt(target, body, span),
            ast::StmtKind::Checked { checked, body } => {
                let mode = if *checked { Overflow::Checked } else { Overflow::Unchecked };
                let outer = std::mem::replace(&mut self.overflow, mode);
                let body = self.block_stmt(body);
                self.overflow = outer;
                body
            }
            ast::StmtKind::Return(value) => self.return_stmt(value.as_ref(), span),
            ast::StmtKind::YieldReturn(e) => self.yield_stmt(Some(e), span),
            ast::StmtKind::YieldBreak => self.yield_stmt(None, span),
            ast::StmtKind::Throw(value) => self.throw_stmt(value.as_ref(), span),
            ast::StmtKind::Break => {
                if self.flow.loops == 0 && self.flow.switches == 0 && self.flow.finally {
                    self.error(codes::LEAVES_FINALLY, span, "`break` cannot leave a `finally` block");
                } else if self.flow.loops == 0 && self.flow.switches == 0 {
                    self.error(codes::NO_LOOP, span, "there is no loop or `switch` to leave here");
                }
                Stmt::new(StmtKind::Break, span)
            }
            ast::StmtKind::Continue => {
                if self.flow.loops == 0 && self.flow.finally {
                    self.error(codes::LEAVES_FINALLY, span, "`continue` cannot leave a `finally` block");
                } else if self.flow.loops == 0 {
                    self.error(codes::NO_LOOP, span, "there is no loop to continue here");
                }
                Stmt::new(StmtKind::Continue, span)
            }
            ast::StmtKind::Goto(target) => self.goto(target, span),
            ast::StmtKind::Labeled { label, body } => {
                let known = self
                    .scopes()
                    .iter()
                    .rev()
                    .find_map(|s| s.labels.iter().find(|(n, _)| *n == label.name).map(|(_, id)| *id));
                out.extend(known.map(|id| Stmt::new(StmtKind::Label(id), label.span)));
                return self.statement_into(body, out);
            }
        };
        out.push(made);
    }

    pub(crate) fn block_stmt(&mut self, b: &'a ast::Block) -> Stmt<'a> {
        let (body, locals) = self.scoped(|x| x.statements(&b.statements));
        Stmt::new(StmtKind::Block { body, locals }, b.span)
    }

    // === declarations ===

    pub(crate) fn local_declaration(&mut self, d: &'a LocalDeclaration, span: Span, out: &mut Vec<Stmt<'a>>) {
        if let ast::TypeKind::Ref(inner) = &d.ty.kind {
            return self.aliases(d, inner, out);
        }
        let is_var = matches!(d.ty.kind, ast::TypeKind::Var);
        let declared = if is_var { None } else { Some(self.type_of(&d.ty)) };
        if declared == Some(Type::Void) {
            self.error(codes::VOID_VARIABLE, d.ty.span, "a variable cannot be `void`");
        }
        if is_var && d.declarators.len() > 1 {
            self.error(codes::VAR_SEVERAL, span, "`var` declares one variable at a time");
        }
        for one in &d.declarators {
            let value = match &one.value {
                None => {
                    if is_var {
                        self.error(
                            codes::VAR_WITHOUT_VALUE,
                            one.name.span,
                            format!("`var {}` needs a value to take its type from", one.name.name),
                        );
                    } else if d.is_const {
                        self.error(
                            codes::CONST_WITHOUT_VALUE,
                            one.name.span,
                            format!("constant `{}` needs a value", one.name.name),
                        );
                    }
                    None
                }
                Some(e) => {
                    let name = (!is_var && !d.is_const).then(|| one.name.name.clone());
                    let outer = std::mem::replace(&mut self.declaring, name);
                    let value = self.expr(e);
                    self.declaring = outer;
                    Some(value)
                }
            };
            let (ty, value) = match (&declared, value) {
                (Some(ty), value) => (ty.clone(), value.map(|v| self.convert(v, ty))),
                (None, Some(v)) => {
                    let v = self.inferred_value(v, &one.name.name);
                    (v.ty.clone(), Some(v))
                }
                (None, None) => (Type::Error, None),
            };
            let ty = if value.as_ref().is_some_and(Expr::is_error) && is_var { Type::Error } else { ty };
            let kind = if d.is_const { LocalKind::Const } else { LocalKind::Variable };
            let id = self.declare(&one.name, ty, kind);
            if d.is_const {
                self.constant_local(id, value, one.span);
                continue;
            }
            if !value.as_ref().is_some_and(Expr::is_error) {
                out.push(Stmt::new(StmtKind::Local { local: id, value }, one.span));
            }
        }
    }

    /// `ref T y = ref x`: the place is found where the declaration stands.
    fn aliases(&mut self, d: &'a LocalDeclaration, inner: &'a ast::TypeSyntax, out: &mut Vec<Stmt<'a>>) {
        let is_var = matches!(inner.kind, ast::TypeKind::Var);
        let declared = if is_var { None } else { Some(self.type_of(inner)) };
        for one in &d.declarators {
            let value = self.alias(&one.name, declared.as_ref(), one.value.as_ref());
            let span = one.span;
            match value.kind {
                Kind::Local(id) => self.bind_name(one.name.name.clone(), Entity::Local(id)),
                Kind::Element { array, index } => {
                    let mut fixed = |part: Expr<'a>| {
                        let (ty, at) = (part.ty.clone(), part.span);
                        let local = self.temporary(ty.clone(), at);
                        out.push(Stmt::new(StmtKind::Local { local, value: Some(part) }, span));
                        Box::new(Expr::new(Kind::Local(local), ty, at))
                    };
                    let kind = Kind::Element { array: fixed(*array), index: fixed(*index) };
                    let element = Expr::new(kind, value.ty, one.name.span);
                    // An index out of range is found here.
                    out.push(Stmt::new(StmtKind::Expr(element.clone()), span));
                    let n = self.aliases.len();
                    self.aliases.push(element);
                    self.bind_name(one.name.name.clone(), Entity::Alias(n));
                }
                _ => {
                    let id = self.add_local(one.name.name.clone(), Type::Error, span, LocalKind::Variable);
                    self.bind_name(one.name.name.clone(), Entity::Local(id));
                }
            }
        }
    }

    /// The value of a `var`: it must have a type.
    pub(crate) fn inferred_value(&mut self, v: Expr<'a>, name: &str) -> Expr<'a> {
        if v.is_error() {
            return v;
        }
        let what = match &v.kind {
            Kind::NullLiteral => "`null`",
            Kind::UntypedLambda(_) => "a lambda",
            Kind::MethodGroup(_) | Kind::LocalFunction { .. } => "a method",
            Kind::DefaultLiteral => "`default`",
            Kind::TargetNew(_) => "`new()` without a type",
            Kind::ArrayInitializer(_) => {
                self.error(codes::VAR_ARRAY_INITIALIZER, v.span, "write `new[] { ... }` to give the array a type");
                return Expr::error(v.span);
            }
            Kind::UntypedConditional(parts) => {
                let (_, a, b) = (**parts).clone();
                return self.conditional_types(&a, &b, v.span);
            }
            Kind::UntypedSwitch(_) => {
                self.error(codes::NO_BEST_SWITCH_TYPE, v.span, "the arms of the switch expression have no common type");
                return Expr::error(v.span);
            }
            Kind::TypeName | Kind::Namespace(_) => return self.value(v),
            _ if v.ty == Type::Void => "a call that gives nothing",
            Kind::Tuple(_) if v.ty == Type::Error => "a tuple with parts without a type",
            _ => return v,
        };
        let mut d =
            Self::finding(codes::VAR_BAD_VALUE, v.span, format!("`var {name}` cannot take its type from {what}"));
        d.help = match &v.kind {
            Kind::UntypedLambda(_) => Some(format!("write its type: `Func<int, int> {name} = ...`")),
            Kind::NullLiteral => Some(format!("write its type: `string {name} = null`")),
            Kind::MethodGroup(_) => Some("call the method with `()`".to_owned()),
            _ => None,
        };
        self.report(d);
        Expr::error(v.span)
    }

    fn constant_local(&mut self, id: usize, value: Option<Expr<'a>>, span: Span) {
        let Some(value) = value.filter(|v| !v.is_error()) else {
            if let Some(l) = self.locals.get_mut(id) {
                l.ty = Type::Error;
            }
            return;
        };
        match value.constant {
            Some(v) => {
                if let Some(l) = self.locals.get_mut(id) {
                    l.constant = Some(v);
                }
            }
            None => self.error(codes::NOT_CONSTANT, span, "the value of a constant must be a constant"),
        }
    }

    // === jumps ===

    fn return_stmt(&mut self, value: Option<&'a ast::Expr>, span: Span) -> Stmt<'a> {
        if self.flow.finally {
            self.error(codes::LEAVES_FINALLY, span, "`return` cannot leave a `finally` block");
        }
        let bound = value.map(|e| self.returned(e));
        let returns = std::mem::replace(&mut self.returns, Returns::None);
        let (returns, value) = match (returns, bound) {
            (Returns::Typed { ty, mut natural, lambda }, Some(v)) => {
                let from = if v.is_null_literal() || v.ty == Type::Null { None } else { Some(v.ty.clone()) };
                let before = self.diagnostics.len();
                let v = self.convert(v, &ty);
                if lambda && self.failed_since(before) {
                    self.error(codes::LAMBDA_RETURN, span, format!("the lambda must return a `{ty}`"));
                }
                natural.extend(from);
                (Returns::Typed { ty, natural, lambda }, Some(v))
            }
            (Returns::Typed { ty, natural, lambda }, None) => {
                self.error(codes::RETURN_WITHOUT_VALUE, span, format!("a value of type `{ty}` must be returned"));
                (Returns::Typed { ty, natural, lambda }, None)
            }
            (Returns::Iterator(item), value) => {
                self.error(
                    codes::RETURN_IN_ITERATOR,
                    span,
                    "a function with `yield` gives its items with `yield return`, not `return`",
                );
                (Returns::Iterator(item), value)
            }
            (Returns::Infer { mut values, bare }, Some(v)) => {
                if !v.is_error() {
                    values.push((v.ty.clone(), v.is_null_literal()));
                }
                (Returns::Infer { values, bare }, Some(v))
            }
            (Returns::Infer { values, .. }, None) => (Returns::Infer { values, bare: true }, None),
            (other, Some(v)) => {
                if !v.is_error() {
                    let in_lambda = matches!(other, Returns::Void { lambda: true });
                    let code = if in_lambda { codes::LAMBDA_RETURN_WITH_VALUE } else { codes::RETURN_WITH_VALUE };
                    self.error(code, span, "nothing can be returned here: no value is expected");
                }
                (other, None)
            }
            (other, None) => (other, None),
        };
        self.returns = returns;
        Stmt::new(StmtKind::Return(value), span)
    }

    /// The operand of `return`.
    pub(crate) fn returned(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        match self.flow.refers_to.clone() {
            Some(item) => self.reference(e, &item),
            None if matches!(e.kind, ast::ExprKind::Ref(_)) => {
                self.error(
                    codes::RETURN_BY_REF,
                    e.span,
                    "`ref` can only be returned by a function whose type has `ref`",
                );
                Expr::error(e.span)
            }
            None => self.expr(e),
        }
    }

    fn throw_stmt(&mut self, value: Option<&'a ast::Expr>, span: Span) -> Stmt<'a> {
        if value.is_none() && self.flow.catches == 0 {
            self.error(codes::RETHROW_OUTSIDE, span, "`throw` without a value needs a `catch` around it");
        }
        let value = value.map(|e| self.thrown(e));
        Stmt::new(StmtKind::Throw(value), span)
    }

    fn goto(&mut self, target: &'a GotoTarget, span: Span) -> Stmt<'a> {
        match target {
            GotoTarget::Label(label) => {
                let scopes = self.scopes().iter().rev().take_while(|s| s.function == self.function);
                let known = scopes.flat_map(|s| &s.labels).find(|(n, _)| *n == label.name).map(|(_, id)| *id);
                match known {
                    Some(id) => Stmt::new(StmtKind::Goto(id), span),
                    None => {
                        self.error(codes::NO_LABEL, label.span, format!("there is no label `{}` here", label.name));
                        Stmt::new(StmtKind::Empty, span)
                    }
                }
            }
            GotoTarget::Default => match self.flow.default {
                Some(n) => Stmt::new(StmtKind::GotoCase(n), span),
                None => self.no_case(span),
            },
            GotoTarget::Case(e) => {
                let e = self.expr(e);
                let Some(v) = e.constant else { return self.no_case(span) };
                let same = |w: &Value| {
                    dotnet::object::equals(w, &v)
                        || (crate::numeric::integer(w).is_some()
                            && crate::numeric::integer(w) == crate::numeric::integer(&v))
                };
                match self.flow.cases.iter().find(|(w, _)| same(w)).map(|(_, n)| *n) {
                    Some(n) => Stmt::new(StmtKind::GotoCase(n), span),
                    None => self.no_case(span),
                }
            }
        }
    }

    fn no_case(&mut self, span: Span) -> Stmt<'a> {
        self.error(codes::NO_LABEL, span, "there is no such `case` in this `switch`");
        Stmt::new(StmtKind::Empty, span)
    }
}
