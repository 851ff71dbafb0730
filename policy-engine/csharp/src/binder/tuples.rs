//! Tuple literals and deconstruction.
use std::sync::Arc;

use dotnet::{Mode, Type};

use super::calls::Arg;
use super::tree::{Expr, Kind, LocalKind, Passed};
use super::{Binder, codes};
use crate::ast::{self, Designation, ExprKind, TupleElement};
use crate::span::Span;

/// Where one part of a deconstruction goes.
enum Place<'a> {
    /// An existing variable, property or element.
    Target(Expr<'a>),
    /// A new variable with a type, or one that takes the part's type.
    Declare(&'a ast::Ident, Option<Type>),
    Discard,
    Nested(Vec<Place<'a>>),
}

impl<'a> Binder<'a> {
    pub(crate) fn tuple(&mut self, elements: &'a [TupleElement], span: Span) -> Expr<'a> {
        let items: Vec<Expr<'a>> = elements
            .iter()
            .map(|e| {
                let e = self.expr(&e.value);
                if e.ty == Type::Void { self.value_of_void(e) } else { e }
            })
            .collect();
        if items.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        let names = elements
            .iter()
            .map(|e| e.name.as_ref().map(|n| n.name.clone()).or_else(|| inferred_name(&e.value)))
            .collect();
        let names = without_duplicates(names);
        let ty = self.tuple_type(&items, names);
        Expr::new(Kind::Tuple(items), ty, span)
    }

    fn value_of_void(&mut self, e: Expr<'a>) -> Expr<'a> {
        self.error(codes::NO_CONVERSION, e.span, "a call that gives nothing cannot be part of a tuple");
        Expr::error(e.span)
    }

    /// `(a, b) = value`, `var (a, b) = value`.
    pub(crate) fn deconstruct_into(&mut self, target: &'a ast::Expr, value: &'a ast::Expr, span: Span) -> Expr<'a> {
        let right = self.expr(value);
        let Some(place) = self.place(target) else { return Expr::error(span) };
        let right = self.value(right);
        if right.is_error() {
            self.declare_places(&place);
            return right;
        }
        self.deconstruct(right, place, span)
    }

    /// Deconstructs a value that a `foreach` gives.
    pub(crate) fn deconstruct_item(&mut self, target: &'a ast::Expr, item: Expr<'a>, span: Span) -> Expr<'a> {
        let Some(place) = self.place(target) else { return Expr::error(span) };
        self.deconstruct(item, place, span)
    }

    fn declare_places(&mut self, place: &Place<'a>) {
        match place {
            Place::Declare(name, ty) => {
                self.declare(name, ty.clone().unwrap_or(Type::Error), LocalKind::Variable);
            }
            Place::Nested(list) => list.iter().for_each(|p| self.declare_places(p)),
            _ => {}
        }
    }

    fn place(&mut self, syntax: &'a ast::Expr) -> Option<Place<'a>> {
        match &syntax.kind {
            ExprKind::Tuple(elements) => {
                let list: Vec<_> = elements.iter().map(|e| self.place(&e.value)).collect();
                Some(Place::Nested(list.into_iter().collect::<Option<_>>()?))
            }
            ExprKind::Declaration { ty, designation } => {
                let ty = if matches!(ty.kind, ast::TypeKind::Var) { None } else { Some(self.type_of(ty)) };
                Some(designated(designation, ty.as_ref()))
            }
            _ if var_parts(syntax).is_some() => {
                let parts = var_parts(syntax).unwrap_or_default();
                Some(Place::Nested(parts.iter().map(|a| declared(&a.value)).collect::<Option<_>>()?))
            }
            _ => {
                let e = self.target(syntax);
                if matches!(e.kind, Kind::Discard) {
                    return Some(Place::Discard);
                }
                let e = self.writable(e);
                (!e.is_error()).then_some(Place::Target(e))
            }
        }
    }

    fn deconstruct(&mut self, value: Expr<'a>, place: Place<'a>, span: Span) -> Expr<'a> {
        let Place::Nested(places) = place else { return Expr::error(span) };
        // Untyped elements of a literal take the type of their targets.
        let value = match self
            .target_tuple(&places)
            .filter(|_| value.ty == Type::Error || matches!(value.kind, Kind::Tuple(_)))
        {
            Some(ty) if matches!(&ty, Type::Tuple(t) if !t.items.contains(&Type::Error)) => self.convert(value, &ty),
            _ => value,
        };
        if value.is_error() || value.ty == Type::Error || value.ty == Type::Null {
            if !value.is_error() {
                self.error(codes::VAR_BAD_VALUE, span, "the types of the parts cannot be inferred");
            }
            self.declare_places(&Place::Nested(places));
            return Expr::error(span);
        }
        let ty = value.ty.clone();
        let local = self.temporary(ty.clone(), span);
        let holder = Expr::new(Kind::Local(local), ty.clone(), span);
        let mut effects = Vec::new();
        let parts = match self.parts(&holder, places.len(), span) {
            Ok((effect, parts)) => {
                effects.extend(effect);
                parts
            }
            Err(()) => {
                self.declare_places(&Place::Nested(places));
                return Expr::error(span);
            }
        };
        for (place, part) in places.into_iter().zip(parts) {
            match place {
                Place::Discard => {}
                Place::Nested(_) => {
                    let nested = self.deconstruct(part, place, span);
                    effects.push(nested);
                }
                Place::Target(target) => {
                    let ty = target.ty.clone();
                    let part = self.convert(part, &ty);
                    effects.push(Expr::new(Kind::Assign { target: Box::new(target), value: Box::new(part) }, ty, span));
                }
                Place::Declare(name, ty) => {
                    let ty = ty.unwrap_or_else(|| part.ty.clone());
                    let part = self.convert(part, &ty);
                    let id = self.declare(name, ty.clone(), LocalKind::Variable);
                    let target = Expr::new(Kind::Local(id), ty.clone(), name.span);
                    effects.push(Expr::new(Kind::Assign { target: Box::new(target), value: Box::new(part) }, ty, span));
                }
            }
        }
        if effects.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        let body = Expr::new(Kind::Sequence { effects, result: Box::new(holder) }, ty.clone(), span);
        Expr::new(Kind::Let { local, value: Box::new(value), body: Box::new(body) }, ty, span)
    }

    fn target_tuple(&self, places: &[Place<'a>]) -> Option<Type> {
        let items: Vec<Type> = places
            .iter()
            .map(|p| match p {
                Place::Target(e) => e.ty.clone(),
                Place::Declare(_, Some(ty)) => ty.clone(),
                Place::Nested(list) => self.target_tuple(list).unwrap_or(Type::Error),
                _ => Type::Error,
            })
            .collect();
        let names = vec![None; items.len()];
        Some(Type::Tuple(Arc::new(dotnet::TupleType { items, names })))
    }

    /// The parts of a value: fields of a tuple, or what `Deconstruct` or a key-value pair gives. An effect may have to run first.
    pub(crate) fn parts(
        &mut self,
        holder: &Expr<'a>,
        count: usize,
        span: Span,
    ) -> Result<(Option<Expr<'a>>, Vec<Expr<'a>>), ()> {
        if let Type::Tuple(t) = &holder.ty {
            if t.items.len() != count {
                let text = format!("a tuple of {} elements cannot be taken apart into {count}", t.items.len());
                self.error(codes::DECONSTRUCT_COUNT, span, text);
                return Err(());
            }
            let field = |(i, ty): (usize, &Type)| {
                Expr::new(Kind::Field { target: Box::new(holder.clone()), index: i }, ty.clone(), span)
            };
            return Ok((None, t.items.iter().enumerate().map(field).collect()));
        }
        if holder.ty.id() == Some(dotnet::ids::KEY_VALUE_PAIR_T) && count == 2 {
            let mut parts = Vec::new();
            for name in ["Key", "Value"] {
                let Some((owner, member)) = self.property(&holder.ty, name) else { return Err(()) };
                let ty = member.ret.substitute(owner.args(), &[]);
                let property = super::tree::Property {
                    member,
                    receiver: Some(Box::new(holder.clone())),
                    args: Vec::new(),
                    types: owner.args().to_vec(),
                    null_check: false,
                };
                parts.push(Expr::new(Kind::Property(Box::new(property)), ty, span));
            }
            return Ok((None, parts));
        }
        self.deconstruct_call(holder, count, span)
    }

    fn deconstruct_call(
        &mut self,
        holder: &Expr<'a>,
        count: usize,
        span: Span,
    ) -> Result<(Option<Expr<'a>>, Vec<Expr<'a>>), ()> {
        let method = self.methods(&holder.ty, "Deconstruct").into_iter().find_map(|l| {
            let m = l.members.iter().find(|m| m.params.len() == count && m.params.iter().all(|p| p.mode == Mode::Out));
            m.map(|m| (l.owner.clone(), m.clone()))
        });
        let Some((owner, member)) = method else {
            let text =
                format!("`{}` cannot be taken apart: it has no `Deconstruct` with {count} parameters", holder.ty);
            self.error(codes::NO_DECONSTRUCT, span, text);
            return Err(());
        };
        let mut parts = Vec::new();
        let args: Vec<Arg<'a>> = member
            .params
            .iter()
            .map(|p| {
                let ty = p.ty.substitute(owner.args(), &[]);
                let local = self.temporary(ty.clone(), span);
                let e = Expr::new(Kind::Local(local), ty, span);
                parts.push(e.clone());
                Arg { passing: ast::Passing::Out, ..Arg::plain(e) }
            })
            .collect();
        let call = self.method_call(holder.clone(), "Deconstruct", args, span);
        debug_assert!(
            !matches!(&call.kind, Kind::Call(c) if c.args.iter().skip(1).any(|a| matches!(a, Passed::Value(_))))
        );
        Ok((Some(call), parts))
    }
}

fn designated<'a>(d: &'a Designation, ty: Option<&Type>) -> Place<'a> {
    match d {
        Designation::Name(name) => Place::Declare(name, ty.cloned()),
        Designation::Discard(_) => Place::Discard,
        Designation::Tuple { elements, .. } => Place::Nested(elements.iter().map(|d| designated(d, ty)).collect()),
    }
}

/// `var (a, b)` at the start of a statement reads like a call of something named `var`: its arguments.
pub(crate) fn var_parts(target: &ast::Expr) -> Option<&[ast::Argument]> {
    match &target.kind {
        ExprKind::Call { target, args } if target.as_name().is_some_and(|n| &**n == "var") => Some(args),
        _ => None,
    }
}

fn declared(e: &ast::Expr) -> Option<Place<'_>> {
    match &e.kind {
        ExprKind::Name(n) if &*n.ident.name == "_" => Some(Place::Discard),
        ExprKind::Name(n) => Some(Place::Declare(&n.ident, None)),
        ExprKind::Tuple(list) => Some(Place::Nested(list.iter().map(|e| declared(&e.value)).collect::<Option<_>>()?)),
        _ => None,
    }
}

fn inferred_name(e: &ast::Expr) -> Option<Arc<str>> {
    match &e.kind {
        ExprKind::Name(n) => Some(n.ident.name.clone()),
        ExprKind::Member { name, .. } => Some(name.ident.name.clone()),
        ExprKind::ConditionalAccess { access, .. } => inferred_name(access),
        _ => None,
    }
}

/// Inferred names that occur twice are dropped, and so are `Item1`...
fn without_duplicates(names: Vec<Option<Arc<str>>>) -> Vec<Option<Arc<str>>> {
    let twice = |n: &Arc<str>| names.iter().flatten().filter(|m| *m == n).count() > 1;
    names.iter().map(|n| n.clone().filter(|n| !twice(n) && !n.starts_with("Item"))).collect()
}

/// Of two tuple types with the same items, the one with the names that both have.
pub(crate) fn shared_names(ty: Type, other: &Type) -> Type {
    match (&ty, other) {
        (Type::Tuple(a), Type::Tuple(b)) if a.items == b.items && a.names != b.names => {
            let names = a.names.iter().zip(&b.names).map(|(a, b)| a.clone().filter(|_| a == b)).collect();
            Type::Tuple(std::sync::Arc::new(dotnet::TupleType { items: a.items.clone(), names }))
        }
        _ => ty,
    }
}
