//! Loops, `using`, `lock`, `try`.
use dotnet::{Type, ids};

use super::tree::{Catch, Expr, For, Foreach, Kind, LocalKind, Stmt, StmtKind, Try};
use super::{Binder, codes};
use crate::ast::{
    self, ForInit, ForStmt, ForeachStmt, ForeachTarget, LocalDeclaration, TryStmt, UsingResource, UsingStmt,
};
use crate::span::Span;

impl<'a> Binder<'a> {
    fn loop_body(&mut self, s: &'a ast::Stmt) -> Stmt<'a> {
        self.flow.enter_loop();
        let body = self.embedded(s);
        self.flow.leave_loop();
        body
    }

    pub(crate) fn while_stmt(&mut self, condition: &'a ast::Expr, body: &'a ast::Stmt, span: Span) -> Stmt<'a> {
        let ((condition, body), locals) = self.scoped(|b| (b.bool_condition(condition), b.loop_body(body)));
        Stmt::new(StmtKind::While { condition, body: Box::new(body), locals }, span)
    }

    pub(crate) fn do_while(&mut self, body: &'a ast::Stmt, condition: &'a ast::Expr, span: Span) -> Stmt<'a> {
        let ((body, condition), locals) = self.scoped(|b| (b.loop_body(body), b.bool_condition(condition)));
        let inner = Stmt::new(StmtKind::DoWhile { body: Box::new(body), condition }, span);
        if locals.is_empty() { inner } else { Stmt::new(StmtKind::Block { body: vec![inner], locals }, span) }
    }

    pub(crate) fn for_stmt(&mut self, f: &'a ForStmt, span: Span) -> Stmt<'a> {
        let ((init, condition, step, body, inner), locals) = self.scoped(|b| {
            let mut init = Vec::new();
            match &f.init {
                ForInit::Exprs(list) => {
                    for e in list {
                        let value = b.assign_stmt(e);
                        init.push(Stmt::new(StmtKind::Expr(value), e.span));
                    }
                }
                ForInit::Local(d) => b.local_declaration(d, span, &mut init),
            }
            let ((condition, step, body), inner) = b.scoped(|b| {
                let condition = f.condition.as_ref().map(|c| b.bool_condition(c));
                let body = b.loop_body(&f.body);
                let step: Vec<Expr<'a>> = f.step.iter().map(|e| b.expr(e)).collect();
                (condition, step, body)
            });
            (init, condition, step, body, inner)
        });
        Stmt::new(StmtKind::For(Box::new(For { init, condition, step, body, locals, inner })), span)
    }

    pub(crate) fn foreach_stmt(&mut self, f: &'a ForeachStmt, span: Span) -> Stmt<'a> {
        let source = self.expr(&f.source);
        let source = self.value(source);
        let item = self.foreach_item(&source);
        let ((local, item_local, assign, body), locals) = self.scoped(|b| {
            let item_ty = item.clone().unwrap_or(Type::Error);
            let item_local = b.temporary(item_ty.clone(), f.source.span);
            let held = Expr::new(Kind::Local(item_local), item_ty.clone(), f.source.span);
            let (local, assign) = match &f.target {
                ForeachTarget::Variable { ty, name } => {
                    let ty = if matches!(ty.kind, ast::TypeKind::Var) { item_ty.clone() } else { b.type_of(ty) };
                    // The element is cast as by a written cast.
                    let value =
                        if item.is_none() { Expr::error(name.span) } else { b.foreach_cast(held, &ty, f.source.span) };
                    let local = b.declare(name, ty.clone(), LocalKind::ReadOnly("`foreach` variable"));
                    let target = Expr::new(Kind::Local(local), ty.clone(), name.span);
                    let kind = Kind::Assign { target: Box::new(target), value: Box::new(value) };
                    (local, Expr::new(kind, ty, name.span))
                }
                ForeachTarget::Deconstruct(target) => {
                    let held = if item.is_none() { Expr::error(target.span) } else { held };
                    (item_local, b.deconstruct_item(target, held, target.span))
                }
            };
            let body = b.loop_body(&f.body);
            (local, item_local, assign, body)
        });
        Stmt::new(StmtKind::Foreach(Box::new(Foreach { source, local, item: item_local, assign, body, locals })), span)
    }

    fn foreach_cast(&mut self, held: Expr<'a>, ty: &Type, span: Span) -> Expr<'a> {
        if held.ty == *ty || held.is_error() || *ty == Type::Error {
            return held;
        }
        let (before, item) = (self.diagnostics.len(), held.ty.clone());
        let mut e = self.cast(held, ty, span);
        if e.is_error()
            && let Some(d) = self.diagnostics.get_mut(before)
        {
            d.help = Some(format!("each item is of type `{item}`: write `var`"));
        }
        e.span = span;
        e
    }

    /// Type of the elements, or `None` after reporting.
    fn foreach_item(&mut self, source: &Expr<'a>) -> Option<Type> {
        if source.is_error() {
            return None;
        }
        if source.is_null_literal() || matches!(source.constant, Some(dotnet::Value::Null)) {
            self.error(codes::FOREACH_NULL, source.span, "`foreach` cannot run over `null`");
            return None;
        }
        if let Some(item) = self.item_type(&source.ty) {
            return Some(item);
        }
        if source.ty == Type::STRING {
            return Some(Type::CHAR);
        }
        let plain = Type::Simple(ids::ENUMERABLE);
        if source.ty != Type::Null && self.standard_implicit(&source.ty, &plain).is_some() {
            // Non-generic collections give what their indexer gives (`MatchCollection`), else `object`.
            return Some(self.indexed_item(&source.ty).unwrap_or(Type::OBJECT));
        }
        let text = format!("`foreach` cannot run over `{}`", source.ty);
        self.error(codes::NOT_ENUMERABLE, source.span, text);
        None
    }

    fn indexed_item(&self, ty: &Type) -> Option<Type> {
        let level = self.indexers(ty).into_iter().next()?;
        let int = level.members.iter().find(|m| m.params.first().is_some_and(|p| p.ty == Type::INT))?;
        Some(int.ret.substitute(level.owner.args(), &[]))
    }

    // === using, lock ===

    pub(crate) fn using_stmt(&mut self, u: &'a UsingStmt, span: Span) -> Stmt<'a> {
        let (body, locals) = self.scoped(|b| match &u.resource {
            UsingResource::Expr(e) => {
                let value = b.expr(e);
                let value = b.value(value);
                let local = b.temporary(value.ty.clone(), e.span);
                b.check_disposable(&value);
                let body = Box::new(b.embedded(&u.body));
                Stmt::new(StmtKind::Using { local, value, body }, span)
            }
            UsingResource::Local(d) => b.using_locals(d, span, |b| b.embedded(&u.body)),
        });
        Stmt::new(StmtKind::Block { body: vec![body], locals }, span)
    }

    pub(crate) fn using_declaration(&mut self, d: &'a LocalDeclaration, rest: &'a [ast::Stmt], span: Span) -> Stmt<'a> {
        self.using_locals(d, span, |b| {
            let body = b.continue_block(rest);
            Stmt::new(StmtKind::Block { body, locals: Vec::new() }, span)
        })
    }

    fn using_locals(
        &mut self,
        d: &'a LocalDeclaration,
        span: Span,
        body: impl FnOnce(&mut Self) -> Stmt<'a>,
    ) -> Stmt<'a> {
        let mut declared = Vec::new();
        self.local_declaration(d, span, &mut declared);
        let mut resources = Vec::new();
        for s in declared {
            if let StmtKind::Local { local, value: Some(value) } = s.kind {
                self.check_disposable(&value);
                if let Some(l) = self.locals.get_mut(local) {
                    l.kind = LocalKind::ReadOnly("`using` variable");
                }
                resources.push((local, value));
            }
        }
        let mut made = body(self);
        for (local, value) in resources.into_iter().rev() {
            made = Stmt::new(StmtKind::Using { local, value, body: Box::new(made) }, span);
        }
        made
    }

    fn check_disposable(&mut self, value: &Expr<'a>) {
        let target = Type::Simple(ids::DISPOSABLE);
        if value.is_error() || value.is_null_literal() || value.ty == Type::Error {
            return;
        }
        if value.ty == Type::Null || self.standard_implicit(&value.ty, &target).is_none() {
            let text = format!("`{}` cannot stand in `using`: it is not `IDisposable`", value.ty);
            self.error(codes::NOT_DISPOSABLE, value.span, text);
        }
    }

    /// One evaluation runs on one thread, so a lock only evaluates its target.
    pub(crate) fn lock_stmt(&mut self, target: &'a ast::Expr, body: &'a ast::Stmt, span: Span) -> Stmt<'a> {
        let target = self.expr(target);
        let target = self.value(target);
        if !target.is_error() && !self.is_reference(&target.ty) {
            let d = crate::diagnostic::Diagnostic::error(
                codes::REFUSED.number,
                target.span,
                format!("`{}` cannot be locked: it is not a reference type", target.ty),
            );
            self.report(d.cs(185));
        }
        let first = Stmt::new(StmtKind::Expr(target), span);
        let body = self.embedded(body);
        Stmt::new(StmtKind::Block { body: vec![first, body], locals: Vec::new() }, span)
    }

    // === try ===

    pub(crate) fn try_stmt(&mut self, t: &'a TryStmt, span: Span) -> Stmt<'a> {
        let body = self.block_stmt(&t.body);
        let (mut catches, mut seen) = (Vec::new(), Vec::<Type>::new());
        for c in &t.catches {
            let before = self.diagnostics.len();
            let ty = c.ty.as_ref().map(|ty| (self.type_of(ty), ty.span));
            if let (None, Some(d)) = (&c.name, self.diagnostics.get_mut(before)) {
                d.help.get_or_insert_with(|| "write the type and a name: `catch (Exception e)`".to_owned());
            }
            if let Some((ty, span)) = &ty
                && *ty != Type::Error
            {
                if self.standard_implicit(ty, &Type::EXCEPTION).is_none() {
                    self.error(codes::CATCH_TYPE, *span, format!("`{ty}` is not an exception type"));
                } else if seen.iter().any(|s| self.standard_implicit(ty, s).is_some()) {
                    self.error(codes::CATCH_ORDER, *span, format!("an earlier `catch` already takes every `{ty}`"));
                }
                if c.filter.is_none() {
                    seen.push(ty.clone());
                }
            }
            let ty = ty.map(|(t, _)| t);
            let ((local, filter, body), locals) = self.scoped(|b| {
                let local =
                    c.name.as_ref().map(|n| b.declare(n, ty.clone().unwrap_or(Type::EXCEPTION), LocalKind::Variable));
                let filter = c.filter.as_ref().map(|f| b.bool_condition(f));
                b.flow.catches = b.flow.catches.saturating_add(1);
                let body = b.block_stmt(&c.body);
                b.flow.catches = b.flow.catches.saturating_sub(1);
                (local, filter, body)
            });
            catches.push(Catch { ty, local, filter, body, locals });
        }
        let finally = t.finally.as_ref().map(|f| {
            let outer = self.flow.clone();
            self.flow.enter_finally();
            let body = self.block_stmt(f);
            self.flow = outer;
            body
        });
        Stmt::new(StmtKind::Try(Box::new(Try { body, catches, finally })), span)
    }
}
