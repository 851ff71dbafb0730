//! Operators that types define themselves (`DateTime - DateTime`, `XName == XName`), also lifted over nullables.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Type};

use super::Binder;
use super::calls::Arg;
use super::members::Level;
use super::tree::{Expr, Kind};
use crate::ast::{BinaryOp, UnaryOp};
use crate::span::Span;

impl<'a> Binder<'a> {
    /// Operators of that text declared by the type (under a nullable) or its bases.
    fn operators(&self, ty: &Type, op: &str, operands: usize) -> Vec<Level> {
        let ty = ty.nullable_of().unwrap_or(ty);
        if matches!(ty, Type::Null | Type::Error | Type::Void) || *ty == Type::STRING {
            return Vec::new();
        }
        let mut levels = self.levels(ty, op);
        for level in &mut levels {
            level.members.retain(|m| m.kind == MemberKind::Operator && m.params.len() == operands);
        }
        levels.retain(|l| !l.members.is_empty());
        levels
    }

    pub(crate) fn user_binary(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        let mut levels = self.operators(&l.ty, op.text(), 2);
        for level in self.operators(&r.ty, op.text(), 2) {
            if !levels.iter().any(|k| k.owner == level.owner) {
                levels.push(level);
            }
        }
        if levels.is_empty() {
            return None;
        }
        // All operators of both types compete at once.
        let owner = levels.first()?.owner.clone();
        let merged = Level { owner, members: levels.into_iter().flat_map(|l| l.members).collect() };
        if let Some(done) = self.try_operator(&merged, &[l.clone(), r.clone()], span) {
            return Some(done);
        }
        self.lifted_operator(op, &merged, l, r, span)
    }

    pub(crate) fn user_unary(&mut self, op: UnaryOp, e: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        let levels = self.operators(&e.ty, op.text(), 1);
        let owner = levels.first()?.owner.clone();
        let merged = Level { owner, members: levels.into_iter().flat_map(|l| l.members).collect() };
        self.try_operator(&merged, std::slice::from_ref(e), span)
    }

    fn try_operator(&mut self, level: &Level, operands: &[Expr<'a>], span: Span) -> Option<Expr<'a>> {
        let name: Arc<str> = Arc::from("operator");
        let args: Vec<Arg<'a>> = operands.iter().cloned().map(Arg::plain).collect();
        let before = self.diagnostics.len();
        match self.resolve_levels(vec![level.clone()], &args, None, &name, span) {
            Some(chosen) => Some(self.finish_call(chosen, None, args, span)),
            None => {
                self.diagnostics.truncate(before);
                None
            }
        }
    }

    /// An operator on `T` applied to `T?`: null when an operand is; for comparisons false, equality compares nulls.
    fn lifted_operator(
        &mut self,
        op: BinaryOp,
        level: &Level,
        l: &Expr<'a>,
        r: &Expr<'a>,
        span: Span,
    ) -> Option<Expr<'a>> {
        let nullable = |e: &Expr<'a>| e.ty.nullable_of().is_some() || e.is_null_literal();
        if !nullable(l) && !nullable(r) {
            return None;
        }
        let bare = |b: &mut Self, e: &Expr<'a>, other: &Expr<'a>| {
            let ty = if e.is_null_literal() { &other.ty } else { &e.ty };
            let ty = ty.nullable_of().unwrap_or(ty).clone();
            let local = b.temporary(ty.clone(), e.span);
            (local, Expr::new(Kind::Local(local), ty, e.span))
        };
        let (la, le) = bare(self, l, r);
        let (ra, re) = bare(self, r, l);
        let call = self.try_operator(level, &[le.clone(), re.clone()], span)?;
        let whole = |e: &Expr<'a>, t: &Type| {
            if e.is_null_literal() {
                Expr::constant(dotnet::Value::Null, Type::nullable(t.clone()), e.span)
            } else {
                e.clone()
            }
        };
        let (left, right) = (whole(l, &le.ty), whole(r, &re.ty));
        let ty = if call.ty == Type::BOOL { Type::BOOL } else { Type::nullable(call.ty.clone()) };
        let body = Kind::LiftedCall { op, left: la, right: ra, call: Box::new(call) };
        let body = Expr::new(body, ty.clone(), span);
        let inner = Expr::new(Kind::Let { local: ra, value: Box::new(right), body: Box::new(body) }, ty.clone(), span);
        Some(Expr::new(Kind::Let { local: la, value: Box::new(left), body: Box::new(inner) }, ty, span))
    }

    /// A member whose setter a compound assignment may use.
    pub(crate) fn has_setter(member: &Arc<Member>) -> bool {
        member.setter.is_some()
    }
}
