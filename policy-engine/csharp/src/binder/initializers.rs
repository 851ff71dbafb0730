//! Object and collection initialisers: effects on a temporary that holds the new object.
use dotnet::Type;

use super::calls::Arg;
use super::tree::{Expr, Kind};
use super::{Binder, codes};
use crate::ast::{CollectionAdd, Initializer, InitializerKind, MemberTarget, MemberValue, ObjectMember, SimpleName};
use crate::span::Span;

impl<'a> Binder<'a> {
    /// `made { ... }`
    pub(crate) fn initialize(&mut self, made: Expr<'a>, init: &'a Initializer, span: Span) -> Expr<'a> {
        let ty = made.ty.clone();
        let local = self.temporary(ty.clone(), span);
        let holder = Expr::new(Kind::Local(local), ty.clone(), span);
        let before = self.diagnostics.len();
        let effects = self.effects(&holder, init);
        if self.diagnostics.iter().skip(before).any(crate::diagnostic::Diagnostic::is_error) {
            return Expr::error(span);
        }
        let body = Expr::new(Kind::Sequence { effects, result: Box::new(holder) }, ty.clone(), span);
        Expr::new(Kind::Let { local, value: Box::new(made), body: Box::new(body) }, ty, span)
    }

    fn effects(&mut self, holder: &Expr<'a>, init: &'a Initializer) -> Vec<Expr<'a>> {
        match &init.kind {
            InitializerKind::Object(members) => members.iter().flat_map(|m| self.member_effects(holder, m)).collect(),
            InitializerKind::Collection(adds) => self.adds(holder, adds, init.span),
        }
    }

    fn adds(&mut self, holder: &Expr<'a>, adds: &'a [CollectionAdd], span: Span) -> Vec<Expr<'a>> {
        let has_add = !self.methods(&holder.ty, "Add").is_empty() || !self.table.extensions("Add").is_empty();
        if self.construction(&holder.ty, dotnet::ids::ENUMERABLE_T).is_none()
            && self.item_type(&holder.ty).is_none()
            && !has_add
        {
            let text = format!("`{}` cannot have a collection initialiser: it is no collection", holder.ty);
            self.error(codes::NO_ADD, span, text);
            return Vec::new();
        }
        let mut effects = Vec::new();
        for add in adds {
            let args: Vec<Arg<'a>> = add.args.iter().map(|e| Arg::plain(self.expr(e))).collect();
            if args.iter().any(|a| a.expr.is_error()) {
                continue;
            }
            let before = self.diagnostics.len();
            let call = self.method_call(holder.clone(), "Add", args, add.span);
            if self.failed_since(before) {
                let wrong_type = self.diagnostics.iter().skip(before).any(|d| d.csharp_code == Some(1503));
                if wrong_type {
                    self.error(codes::ADD_ARGUMENT, add.span, "no overload of `Add` fits this element");
                }
            }
            effects.push(call);
        }
        effects
    }

    fn member_effects(&mut self, holder: &Expr<'a>, m: &'a ObjectMember) -> Vec<Expr<'a>> {
        let place = match &m.target {
            MemberTarget::Name(name) => self.member_place(holder, name),
            MemberTarget::Index(args) => self.index_of(holder.clone(), args, m.span),
        };
        match &m.value {
            MemberValue::Nested(init) => {
                if place.is_error() {
                    return Vec::new();
                }
                let local = self.temporary(place.ty.clone(), m.span);
                let inner = Expr::new(Kind::Local(local), place.ty.clone(), m.span);
                let effects = self.effects(&inner, init);
                let ty = place.ty.clone();
                let body = Expr::new(Kind::Sequence { effects, result: Box::new(inner) }, ty.clone(), m.span);
                vec![Expr::new(Kind::Let { local, value: Box::new(place), body: Box::new(body) }, ty, m.span)]
            }
            MemberValue::Expr(value) => {
                let value = self.expr(value);
                if place.is_error() || value.is_error() {
                    return Vec::new();
                }
                let place = self.writable(place);
                if place.is_error() {
                    return Vec::new();
                }
                let ty = place.ty.clone();
                let value = self.convert(value, &ty);
                vec![Expr::new(Kind::Assign { target: Box::new(place), value: Box::new(value) }, ty, m.span)]
            }
        }
    }

    fn member_place(&mut self, holder: &Expr<'a>, name: &'a crate::ast::Ident) -> Expr<'a> {
        let made = crate::ast::ExprKind::Name(SimpleName { ident: name.clone(), type_args: None, span: name.span });
        let made = self.made.exprs.alloc(crate::ast::Expr { kind: made, span: name.span });
        match &made.kind {
            crate::ast::ExprKind::Name(simple) => {
                if self.levels(&holder.ty, &name.name).is_empty() {
                    let text = format!("`{}` has no supported member `{}`", holder.ty, name.name);
                    self.error(codes::NO_STATIC_MEMBER, name.span, text);
                    return Expr::error(name.span);
                }
                let place = self.access(holder.clone(), simple, name.span);
                if matches!(place.kind, Kind::MethodGroup(_)) {
                    let text = format!("`{}` is a method, not a property", name.name);
                    self.error(codes::NO_MEMBER, name.span, text);
                    return Expr::error(name.span);
                }
                place
            }
            _ => Expr::new(Kind::Error, Type::Error, name.span),
        }
    }
}
